"""Why, on a real log: what can be rebuilt matches whatever changed since, and what can not says what was lost."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from engine.commands.quotes import Quoted
from engine.domain import Character, Message, Persona, Preset, Reply
from engine.domain.ids import character_id, memory_id, person_id, persona_id
from engine.domain.person import Person
from engine.envelope.key_ring import KeyRing
from engine.errors import NotFound
from engine.prompt import composing
from engine.prompt.rendering import RENDERERS, render
from engine.why import KEY_DESTROYED, SUPERSEDED
from tests.builders import attachment
from tests.integration.engine.conftest import Commands
from tests.integration.engine.prompted import ANN, BRAMBLE, LYRA, OWNER, PRESET, ROBIN, Story


@pytest.fixture
async def story(commands: Commands, key_ring: KeyRing) -> Story:
    story = Story(commands, key_ring)
    await story.begin()
    return story


async def with_a_past(story: Story) -> tuple[str, str, str]:
    """A history of one exchange and a memory of another; returns the history's message and reply, and the memory."""
    recalled = await story.exchange("My boat is called Kittiwake.", "Noted.")
    memory = await story.recalls(*recalled)
    message, reply = await story.exchange("Good morning.", "It is evening.")
    await story.holds(message, reply)
    return message, reply, memory


async def edit_character(story: Story, memory: str) -> None:
    await story.commands.settables.edit(
        Character,
        character_id(LYRA),
        person=OWNER,
        changes={"name": "Selene", "tone": None, "goals": "none"},
        at=story.commands.clock(),
    )


async def delete_character(story: Story, memory: str) -> None:
    await story.commands.settables.delete(Character, character_id(LYRA), person=OWNER, at=story.commands.clock())


async def edit_preset(story: Story, memory: str) -> None:
    await story.commands.settables.edit(
        Preset,
        story.preset,
        person=OWNER,
        changes={"temperature": 0.3, "seed": None, "model": "other"},
        at=story.commands.clock(),
    )


async def delete_preset(story: Story, memory: str) -> None:
    await story.commands.settables.delete(Preset, story.preset, person=OWNER, at=story.commands.clock())


async def rename_persona(story: Story, memory: str) -> None:
    await story.commands.settables.edit(
        Persona, persona_id(ANN), person=ANN, changes={"name": "Captain"}, at=story.commands.clock()
    )


async def move_elsewhere(story: Story, memory: str) -> None:
    await story.commands.settables.edit(
        Person, person_id(ANN), person=ANN, changes={"timezone": "Asia/Tokyo"}, at=story.commands.clock()
    )


async def edit_memory(story: Story, memory: str) -> None:
    await story.commands.memories.edit(memory, person=ANN, text="Her name is Tern.", at=story.commands.clock())


async def forget_memory(story: Story, memory: str) -> None:
    await story.commands.memories.forget(memory, person=ANN, at=story.commands.clock())


CHANGES = (
    edit_character,
    delete_character,
    edit_preset,
    delete_preset,
    rename_persona,
    move_elsewhere,
    edit_memory,
    forget_memory,
)


async def test_the_request_is_rebuilt_with_all_that_made_it(story: Story) -> None:
    message, reply, memory = await with_a_past(story)
    explanation = await story.why(await story.asks())
    assert explanation.match is True
    assert explanation.rebuilt_hash == explanation.prompt_hash
    assert explanation.erased == ()
    assert [turn["id"] for turn in explanation.history] == [message, reply]
    assert [turn["text"] for turn in explanation.history] == ["Good morning.", "It is evening."]
    assert [(it["id"], it["said"], it["answered"], it["edited"]) for it in explanation.memories] == [
        (memory, "My boat is called Kittiwake.", "Noted.", None)
    ]
    assert explanation.memories[0]["scores"] == {"lexical": 0.25, "rank": 1, "score": 1 / 11}
    assert explanation.prompt[-1].content == "What is my boat called?"
    assert (explanation.state, explanation.text) == ("delivered", "Kittiwake.")


async def test_floats_whole_numbers_and_strings_of_the_parameters_survive_the_log(story: Story) -> None:
    explanation = await story.why(await story.asks())
    assert explanation.match is True
    assert explanation.because is not None
    sent = {name: value for name, value in PRESET.items() if name not in ("name", "model")}
    assert explanation.because.parameters == sent
    assert {name: type(value) for name, value in explanation.because.parameters.items()} == {
        name: type(value) for name, value in sent.items()
    }
    assert explanation.settings["temperature"] == {"value": 1.0, "source": "character"}
    assert explanation.settings["memory_limit"] == {"value": 20, "source": "built-in"}


@pytest.mark.parametrize("change", CHANGES)
async def test_it_still_matches_whatever_is_changed_afterwards(
    story: Story, change: Callable[[Story, str], Awaitable[None]]
) -> None:
    _, _, memory = await with_a_past(story)
    reply = await story.asks()
    await change(story, memory)
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (True, ())


async def test_a_shared_place_matches_after_its_speakers_and_other_characters_are_renamed(story: Story) -> None:
    story.place, story.is_private = "terminal-shared", False
    mine, theirs = await story.hear("Is the lamp lit?"), await story.hear("Who asks?", person=ROBIN)
    own, other = await story.answer(mine, "It is."), await story.answer(theirs, "I ask.", character=BRAMBLE)
    await story.holds(mine, theirs, own, other)
    reply = await story.asks()
    edit, at = story.commands.settables.edit, story.commands.clock
    await edit(Persona, persona_id(ROBIN), person=ROBIN, changes={"name": "Rob"}, at=at())
    await edit(Character, character_id(BRAMBLE), person=OWNER, changes={"name": "Bear"}, at=at())
    explanation = await story.why(reply)
    assert explanation.match is True
    assert [turn["name"] for turn in explanation.history] == ["Ann", "Robin", None, "Bramble"]


async def test_a_person_without_any_event_is_explained(story: Story) -> None:
    story.place, story.is_private = "terminal-shared", False
    await story.holds(await story.hear("Nobody met me.", person="stranger"))
    explanation = await story.why(await story.asks())
    assert explanation.match is True
    assert explanation.history[0]["name"] == "Someone"


async def test_an_erased_message_of_the_history_is_named_with_its_receipt(story: Story) -> None:
    message, _, _ = await with_a_past(story)
    reply = await story.asks()
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (receipt.receipt,))
    assert [turn["text"] for turn in explanation.history] == ["[erased]", "[erased]"]
    assert "Good morning." not in str(explanation)


async def test_an_erased_memory_is_named_with_its_receipt(story: Story) -> None:
    message, reply = await story.exchange("My boat is called Kittiwake.", "Noted.")
    await story.recalls(message, reply)
    asked = await story.asks()
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(asked)
    assert (explanation.match, explanation.erased) == (False, (receipt.receipt,))


async def test_an_edited_message_of_the_history_says_that_it_was_superseded(story: Story) -> None:
    message, _, _ = await with_a_past(story)
    reply = await story.asks()
    await story.commands.messages.edit(message, text="Good evening.", at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (SUPERSEDED,))


async def test_a_message_that_was_edited_before_matches(story: Story) -> None:
    message = await story.hear("Good mornign.")
    await story.commands.messages.edit(message, text="Good morning.", at=story.commands.clock())
    await story.holds(message)
    assert (await story.why(await story.asks())).match is True


async def test_a_picture_is_explained_as_it_was_known_then(story: Story) -> None:
    message = await story.hear("Look!", attachments=(attachment(),))
    await story.holds(message)
    before = await story.asks()
    seen = {"a1": "A lighthouse at dusk."}
    await story.commands.log.change(
        Message, message, lambda it: it.describe(seen, models=("sees",), tokens=9, at=story.commands.clock())
    )
    story.history.clear()
    await story.holds(message)
    after = await story.asks()
    explained = [await story.why(reply) for reply in (before, after)]
    assert [(it.match, it.erased) for it in explained] == [(True, ())] * 2
    assert [it.history[0]["text"] for it in explained] == [
        "Look!\n[image: sunset.png]",
        "Look!\n[image: sunset.png: A lighthouse at dusk.]",
    ]
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(after)
    assert (explanation.match, explanation.erased) == (False, (receipt.receipt,))
    assert "lighthouse" not in str(explanation)


async def test_words_whose_key_was_destroyed_are_said_to_be_so(story: Story) -> None:
    story.place, story.is_private = "terminal-shared", False
    await story.holds(await story.hear("I was never here.", person=ROBIN))
    reply = await story.asks()
    story.key_ring.destroy(ROBIN)
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (KEY_DESTROYED,))
    assert explanation.history[0]["text"] == "[erased]"


async def test_a_card_whose_key_was_destroyed_is_said_to_be_so(story: Story) -> None:
    reply = await story.asks()
    story.key_ring.destroy(OWNER)
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (KEY_DESTROYED,))


async def with_an_edited_memory(story: Story) -> tuple[str, str, str]:
    message, reply = await story.exchange("My boat is called Tern.", "Noted.")
    memory = memory_id(reply)
    await story.commands.memories.edit(memory, person=ANN, text="She is called Kittiwake.", at=story.commands.clock())
    await story.recalls(message, reply)
    return message, memory, await story.asks()


async def test_words_that_the_prompt_did_not_use_are_not_missed(story: Story) -> None:
    message, _, reply = await with_an_edited_memory(story)
    before = await story.why(reply)
    await story.commands.messages.edit(message, text="My boat has a name.", at=story.commands.clock())
    after = await story.why(reply)
    assert (before.match, before.erased) == (after.match, after.erased) == (True, ())
    assert after.memories == before.memories
    assert after.memories[0]["edited"] == "She is called Kittiwake."
    assert (after.memories[0]["said"], after.memories[0]["answered"]) == (None, None)


async def test_a_memory_that_was_edited_again_is_explained_by_the_words_of_then(story: Story) -> None:
    _, memory, reply = await with_an_edited_memory(story)
    await story.commands.memories.edit(memory, person=ANN, text=None, at=story.commands.clock())
    assert (await story.why(reply)).match is True


async def test_a_persons_own_words_go_with_the_message_that_they_stood_for(story: Story) -> None:
    message, _, reply = await with_an_edited_memory(story)
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (receipt.receipt,))
    assert "Kittiwake" not in str(explanation.memories)


async def test_a_memory_is_of_the_day_on_which_its_message_was_heard(story: Story) -> None:
    message, reply = await story.exchange(
        "My boat is called Kittiwake.",
        "Noted.",
        heard_at=datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC),
        delivered_at=datetime(2026, 11, 2, 0, 0, 4, tzinfo=UTC),
    )
    await story.recalls(message, reply)
    explanation = await story.why(await story.asks(at=datetime(2026, 11, 3, 12, tzinfo=UTC)))
    assert "- 2026-11-01: Ann: My boat" in explanation.prompt[-2].content
    assert explanation.match is True


async def test_the_time_zone_of_then_is_used_across_a_day_boundary(story: Story) -> None:
    await move_elsewhere(story, "")
    message, reply = await story.exchange(
        "It is late.",
        "Sleep.",
        heard_at=datetime(2026, 11, 1, 15, 0, 1, tzinfo=UTC),
        delivered_at=datetime(2026, 11, 1, 15, 0, 4, tzinfo=UTC),
    )
    await story.recalls(message, reply)
    asked = await story.asks(at=datetime(2026, 11, 1, 15, 30, 0, 123_456, tzinfo=UTC))
    await story.commands.settables.edit(
        Person, person_id(ANN), person=ANN, changes={"timezone": None}, at=story.commands.clock()
    )
    explanation = await story.why(asked)
    assert "- 2026-11-02: " in explanation.prompt[-2].content
    assert explanation.match is True


async def test_a_reply_that_was_erased_with_its_message_names_the_receipt(story: Story) -> None:
    reply = await story.asks()
    message = f"message.{story.place}.{story.heard}"
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.state, explanation.match, explanation.erased) == ("erased", False, (receipt.receipt,))
    assert (explanation.text, explanation.because, explanation.prompt) == ("[erased]", None, ())


async def test_a_reply_that_failed_says_what_its_person_was_told_and_is_no_mismatch(story: Story) -> None:
    reply, at = await story.start(await story.hear("Hello?")), story.commands.clock()
    await story.commands.log.change(
        Reply, reply, lambda it: it.fail(reason="timeout", message="Too slow: try again.", is_permanent=True, at=at)
    )
    explanation = await story.why(reply)
    assert (explanation.state, explanation.text, explanation.match) == ("failed", "Too slow: try again.", None)
    assert explanation.erased == ()


async def test_a_reply_that_was_only_begun_has_no_request_to_compare(story: Story) -> None:
    explanation = await story.why(await story.start(await story.hear("Hello?")))
    assert (explanation.state, explanation.match, explanation.erased) == ("started", None, ())


async def test_a_reply_that_was_withdrawn_before_it_was_made_has_no_request_to_compare(story: Story) -> None:
    message = await story.hear("Hello?")
    reply = await story.start(message)
    await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.state, explanation.match) == ("withdrawn", None)


async def test_a_reply_that_was_never_begun_is_not_found(story: Story) -> None:
    with pytest.raises(NotFound):
        await story.why(f"reply.{story.place}.404.lyra.1")


async def quoting(story: Story) -> str:
    """Two quotes, one in the history and one that the asked message brings along, and the reply to that."""
    story.is_private = False
    quotes = [
        await story.commands.quotes.bring(
            Quoted(
                message=f"message.terminal-a.90{number}",
                person=ROBIN,
                text=text,
                at=story.commands.clock(),
                author="Robin the Red",
                attachments=(attachment(),),
                is_forward=number == 1,
            )
        )
        for number, text in enumerate(("The harbour is closed.", "The harbour is open."))
    ]
    assert quotes[0] is not None
    assert quotes[1] is not None
    older, answered = await story.exchange("Is it foggy?", "It is.")
    turn = await story.hear("Look!", attachments=(attachment(name="fog.png"),))
    await story.holds(turn, references=await story.brings(quotes[0], older))
    return await story.asks(
        "And here?", attachments=(attachment(),), references=await story.brings(quotes[1], answered)
    )


async def test_what_messages_brought_along_is_rebuilt(story: Story) -> None:
    found = await story.why(await quoting(story))

    assert found.match, found.prompt
    assert found.because is not None
    assert found.because.renderer == 2
    assert [used.id for used in found.because.references] == ["quote.terminal-a.901", "reply.terminal-a.1.lyra.1"]
    assert found.prompt[1].content.splitlines() == [
        "Ann: Look!",
        "[image: fog.png]",
        "[quoting Robin the Red]",
        "> The harbour is closed.",
        "> [image: sunset.png]",
        "[quoting Ann]",
        "> Is it foggy?",
    ]
    assert found.prompt[-1].content.splitlines() == [
        "Ann: And here?",
        "[image: sunset.png]",
        "[forwarded]",
        "> The harbour is open.",
        "> [image: sunset.png]",
        "[quoting you]",
        "> It is.",
    ]


async def test_an_erased_quote_is_named_with_its_receipt(story: Story) -> None:
    reply = await quoting(story)
    receipt = await story.commands.messages.delete("message.terminal-a.900", at=story.commands.clock())
    found = await story.why(reply)

    assert found.match is False
    assert found.erased == (receipt.receipt,)
    assert "closed" not in str(found.prompt)


async def test_an_edited_quote_says_that_it_was_superseded(story: Story) -> None:
    reply = await quoting(story)
    await story.commands.messages.edit("message.terminal-a.900", text="Who knows.", at=story.commands.clock())
    found = await story.why(reply)

    assert (found.match, found.erased) == (False, (SUPERSEDED,))


async def test_a_quote_whose_authors_key_was_destroyed_is_said_to_be_so(story: Story, key_ring: KeyRing) -> None:
    reply = await quoting(story)
    key_ring.destroy(ROBIN)
    found = await story.why(reply)

    assert (found.match, found.erased) == (False, (KEY_DESTROYED,))
    assert "harbour" not in str(found.prompt)
    assert "Red" not in str(found.prompt)


async def test_a_reply_of_an_older_renderer_is_rebuilt_by_that_one(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an older release would have made it, which wrote nothing of what messages bring along."""
    for renderer in RENDERERS:
        monkeypatch.setattr(composing, "CURRENT_RENDERER", renderer)
        monkeypatch.setattr(composing, "render", partial(render, renderer=renderer))
        found = await story.why(await quoting(story))

        assert found.because is not None
        assert (found.because.renderer, found.match) == (renderer, True)
        assert ("harbour is open" in str(found.prompt)) == (renderer > 1)
