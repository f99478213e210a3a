"""What an undo announces before it is done, on a real log: what comes back, and what has changed since."""

import pytest

from engine.commands.messages import Hear
from engine.domain import Character, Preset, Reply
from engine.domain.ids import memory_id, message_id, reply_id
from engine.errors import CannotUndo, Refused
from engine.reading import Said
from tests.builders import because
from tests.integration.engine.conftest import Commands

PERSON, PLACE = "ana", "terminal-1"
CONVERSATION = {"person": PERSON, "persona": "default", "character": "luna"}


async def make_character(commands: Commands) -> str:
    made = await commands.settables.create_character(
        owner=PERSON, fields={"name": "Luna", "slug": "luna"}, at=commands.clock(), token="luna"
    )
    return made.thing.id


async def remember(commands: Commands, text: str = "My cat is called Mica.") -> str:
    """Say something that is answered; returns the memory's id."""
    message = message_id(PLACE, "1")
    await commands.messages.hear(
        Hear(message=message, person=PERSON, text=text, addresses=("luna",), is_private=True, at=commands.clock())
    )
    reply = Reply.start(
        reply_id(message, "luna"), **CONVERSATION, message=message, message_version=1, model="m", at=commands.clock()
    )
    reply.compose(text="Aye.", tokens=1, because=because(), settings={}, answers_old_text=False, at=commands.clock())
    reply.deliver(at=commands.clock())
    await commands.log.save_together(reply)
    return memory_id(reply.id)


async def test_undoing_a_clear_counts_what_comes_back_into_view(commands: Commands) -> None:
    await make_character(commands)
    commands.conversations.said = Said(2, 1, opening="Remember the heron.")
    cleared = await commands.histories.clear(**CONVERSATION, at=commands.clock())
    preview = await commands.undoing.preview(cleared.position, person=PERSON)
    assert preview.about == "Luna"
    assert preview.effect == "That clear no longer counts: Luna sees 2 messages and 1 reply again."
    assert preview.said == commands.conversations.said
    assert commands.conversations.asked == [(0, cleared.position)]
    assert preview.restores == {"epoch": None}

    undone = await commands.undoing.undo(cleared.position, person=PERSON, at=commands.clock())
    again = await commands.undoing.preview(undone.position, person=PERSON)
    assert again.effect == "That clear counts again: Luna no longer sees 2 messages and 1 reply."
    assert again.later == ()


async def test_undoing_a_clear_that_another_one_covers_says_so(commands: Commands) -> None:
    first = await commands.histories.clear(**CONVERSATION, at=commands.clock())
    second = await commands.histories.clear(**CONVERSATION, at=commands.clock())
    covered = await commands.undoing.preview(first.position, person=PERSON)
    assert "another clear hides the same" in covered.effect
    assert covered.said is None
    assert [(change.position, change.fields) for change in covered.later] == [(second.position, ("epoch",))]
    await commands.undoing.preview(second.position, person=PERSON)
    assert commands.conversations.asked == [(first.position, second.position)]


async def test_a_clear_that_is_undone_already_is_refused_before_anything_is_shown(commands: Commands) -> None:
    cleared = await commands.histories.clear(**CONVERSATION, at=commands.clock())
    await commands.histories.undo_clear(**CONVERSATION, at=commands.clock())
    with pytest.raises(CannotUndo, match="undone already"):
        await commands.undoing.preview(cleared.position, person=PERSON)


async def test_undoing_an_edit_of_a_memory_shows_the_words_that_return(commands: Commands) -> None:
    memory = await remember(commands)
    first = await commands.memories.edit(memory, person=PERSON, text="She has a cat.", at=commands.clock())
    second = await commands.memories.edit(memory, person=PERSON, text="She has a dog.", at=commands.clock())
    preview = await commands.undoing.preview(first.position, person=PERSON)
    assert preview.restores == {"text": "My cat is called Mica."}
    assert preview.currently == {"text": "She has a dog."}
    assert preview.changed_since == ("text",)
    assert [change.position for change in preview.later] == [second.position]
    assert (await commands.undoing.preview(second.position, person=PERSON)).restores == {"text": "She has a cat."}


async def test_undoing_what_was_done_to_a_memory_names_it_and_says_what_follows(commands: Commands) -> None:
    memory = await remember(commands)
    locked = await commands.memories.lock(memory, person=PERSON, at=commands.clock())
    preview = await commands.undoing.preview(locked.position, person=PERSON)
    assert preview.about == "My cat is called Mica."
    assert (preview.currently, preview.restores) == ({"is_locked": True}, {"is_locked": False})
    assert "unlocked" in preview.effect

    await commands.undoing.undo(locked.position, person=PERSON, at=commands.clock())
    forgotten = await commands.memories.forget(memory, person=PERSON, at=commands.clock())
    assert (await commands.undoing.preview(forgotten.position, person=PERSON)).effect == "The memory is recalled again."
    await commands.memories.restore(memory, person=PERSON, at=commands.clock())
    with pytest.raises(CannotUndo, match="nothing to undo"):
        await commands.undoing.preview(forgotten.position, person=PERSON)


async def test_what_a_lock_forbids_is_refused_before_anything_is_shown(commands: Commands) -> None:
    memory = await remember(commands)
    edited = await commands.memories.edit(memory, person=PERSON, text="She has a cat.", at=commands.clock())
    await commands.memories.lock(memory, person=PERSON, at=commands.clock())
    with pytest.raises(Refused, match="unlock it first"):
        await commands.undoing.preview(edited.position, person=PERSON)


async def test_deletions_and_restorations_say_what_is_there_afterwards(commands: Commands) -> None:
    character = await make_character(commands)
    deleted = await commands.settables.delete(Character, character, person=PERSON, at=commands.clock())
    preview = await commands.undoing.preview(deleted.position, person=PERSON)
    assert (preview.about, preview.effect) == ("Luna", "The character is there again, as it was.")
    assert (preview.currently, preview.restores) == ({"is_deleted": True}, {"is_deleted": False})
    restored = await commands.settables.restore(Character, character, person=PERSON, at=commands.clock())
    assert "deleted again" in (await commands.undoing.preview(restored.position, person=PERSON)).effect


async def test_later_changes_of_the_same_fields_are_listed_and_others_only_counted(commands: Commands) -> None:
    made = await commands.settables.create_preset(owner=PERSON, fields={"name": "calm"}, at=commands.clock())
    edits = [
        await commands.settables.edit(Preset, made.thing.id, person=PERSON, changes=changes, at=commands.clock())
        for changes in ({"temperature": 1.0, "seed": 1}, {"seed": 2}, {"top_p": 0.5})
    ]
    preview = await commands.undoing.preview(edits[0].position, person=PERSON)
    assert [(change.position, change.type, change.fields) for change in preview.later] == [
        (edits[1].position, "PresetEdited", ("seed",))
    ]
    assert (preview.changed_since, preview.later_events) == (("seed",), 2)
    assert preview.effect == "The preset gets back what it had: temperature, seed."


async def test_what_is_never_undone_is_refused_with_the_reason(commands: Commands) -> None:
    memory = await remember(commands)
    reply = (await commands.log.events_of(memory.replace("memory.", "reply.", 1)))[-1]
    with pytest.raises(CannotUndo, match="made and delivered stays made"):
        await commands.undoing.preview(reply.position, person=PERSON)
    heard = await commands.log.first_position(message_id(PLACE, "1"))
    with pytest.raises(CannotUndo, match="cannot be unsaid"):
        await commands.undoing.undo(heard, person=PERSON, at=commands.clock())

    await commands.memories.lock(memory, person=PERSON, at=commands.clock())
    receipt = await commands.messages.erase(message_id(PLACE, "1"), at=commands.clock())
    tombstone = (await commands.log.events_of(memory))[-1]
    with pytest.raises(CannotUndo, match="erasure is never undone"):
        await commands.undoing.preview(tombstone.position, person=PERSON)
    with pytest.raises(CannotUndo, match="erasure is never undone"):
        await commands.undoing.preview(
            (await commands.log.events_of(f"erasure.{receipt.receipt}"))[-1].position, person=PERSON
        )
