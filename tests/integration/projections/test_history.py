"""What a character sees of a conversation, asked as a responder asks."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count

import pytest

from engine.domain.character import CharacterCreated, CharacterEdited
from engine.domain.ids import INSTANCE
from engine.domain.person import ChoiceMade, PersonaCreated, PersonaDeleted, PersonaEdited, PersonEdited, PersonMet
from engine.domain.preset import PresetCreated
from engine.reading import Context, Question, Said
from projections import Projections
from tests.builders import attachment
from tests.fakes.conversations import Script

type Tell = Callable[..., Awaitable[int]]


async def asked(
    projections: Projections,
    script: Script,
    tell: Tell,
    *,
    text: str = "well?",
    number: int = 999,
    history_limit: int = 50,
    upto: int | None = None,
) -> Context:
    """Ask something now, and read the context of the answer."""
    heard = script.hear(number, text)
    position = await tell(heard)
    return await projections.reader.context(
        Question(
            place=script.place,
            message=heard.originator_id,
            person=script.person,
            character=script.character,
            upto=position if upto is None else upto,
            text=text,
            history_limit=history_limit,
            memory_limit=5,
        )
    )


def texts(context: Context) -> list[str]:
    return [turn.text for turn in context.history]


async def test_turns_come_oldest_first_without_the_asked_message(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "hello", "hi"), *script.turn(2, "how are you", "fine"))
    context = await asked(projections, script, told)
    assert texts(context) == ["hello", "hi", "how are you", "fine"]
    assert [turn.kind for turn in context.history] == ["message", "reply", "message", "reply"]
    assert [turn.author for turn in context.history] == ["ana", "lyra", "ana", "lyra"]
    assert [turn.version for turn in context.history] == [1, 2, 1, 2]
    assert [turn.position for turn in context.history] == [1, 5, 6, 10]


async def test_only_the_newest_turns_are_given(told: Tell, projections: Projections, script: Script) -> None:
    await told(*script.turn(1, "one", "two"), *script.turn(2, "three", "four"))
    assert texts(await asked(projections, script, told, history_limit=3)) == ["two", "three", "four"]


async def test_a_composed_reply_is_not_seen_until_it_is_delivered(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "hello")
    started, composed, posted, delivered = script.answer(heard, "hi")
    await told(heard, started)
    await told(composed, posted)
    assert texts(await asked(projections, script, told, number=2)) == ["hello"]
    await told(delivered)
    assert texts(await asked(projections, script, told, number=3)) == ["hello", "well?", "hi"]


async def test_nothing_later_than_the_asked_position_is_read(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "hello", "hi"))
    heard = script.hear(2, "well?")
    position = await told(heard)
    await told(*script.turn(3, "later", "much later"), script.clear())
    context = await projections.reader.context(
        Question(script.place, heard.originator_id, "ana", "lyra", position, "well?", 50, 5)
    )
    assert texts(context) == ["hello", "hi"]


async def test_an_edit_replaces_the_text_in_its_place(told: Tell, projections: Projections, script: Script) -> None:
    heard = script.hear(1, "helo")
    await told(heard, *script.answer(heard, "hi"))
    await told(script.edit(heard, "hello"))
    context = await asked(projections, script, told)
    assert [(turn.text, turn.version) for turn in context.history] == [("hello", 2), ("hi", 2)]


async def test_what_was_perceived_in_a_picture_stands_in_its_place(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "Look!", attachments=(attachment(),))
    await told(heard, script.hear(2, "Well?"))
    await told(script.describe(heard, a1="A lighthouse."))
    found, _ = (await asked(projections, script, told, number=3)).history
    assert (found.text, found.version, found.position) == ("Look!\n[image: sunset.png: A lighthouse.]", 2, 1)
    assert found.tokens == len(found.text.split())


async def test_a_message_known_only_by_its_edit_stands_where_it_was_heard(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "helo")
    started, composed, posted, delivered = script.answer(heard, "hi")
    gone = script.hear(7, "a place on the log for what was deleted", addresses=())
    await told(gone, started, composed, posted, delivered)
    await told(script.edit(heard, "hello", heard_position=1), script.delete(gone.originator_id))
    assert texts(await asked(projections, script, told)) == ["hello", "hi"]


async def test_a_deleted_message_takes_its_replies_along(told: Tell, projections: Projections, script: Script) -> None:
    first = script.turn(1, "hello", "hi")
    await told(*first)
    await told(*script.turn(2, "how are you", "fine"), script.delete(first[0].originator_id))
    assert texts(await asked(projections, script, told)) == ["how are you", "fine"]
    await told(script.erase(first[0].originator_id))
    assert texts(await asked(projections, script, told, number=3)) == ["how are you", "fine", "well?"]


async def test_failed_withdrawn_and_erased_replies_are_not_seen(
    told: Tell, projections: Projections, script: Script
) -> None:
    events = [*script.turn(9, "gone", "gone"), script.erase("message.terminal-1.9")]
    for number, ends in enumerate((script.fail, script.withdraw, script.erase_reply), start=1):
        heard = script.hear(number, f"message {number}")
        started = script.start(heard)
        events += [heard, started]
        if ends != script.fail:
            events.append(script.compose(started.originator_id, "never seen"))
        events.append(ends(started.originator_id))
    await told(*events)
    assert texts(await asked(projections, script, told)) == ["message 1", "message 2", "message 3"]


async def test_a_failed_reply_that_is_started_again_is_seen(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "hello")
    started = script.start(heard)
    await told(heard, started, script.fail(started.originator_id), *script.answer(heard, "hi after all"))
    assert texts(await asked(projections, script, told)) == ["hello", "hi after all"]


async def test_the_epoch_hides_what_was_before_and_undo_brings_it_back(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "one", "two"), script.clear(), *script.turn(2, "three", "four"), script.clear())
    assert texts(await asked(projections, script, told, number=3)) == []
    await told(script.undo_clear(2))
    assert texts(await asked(projections, script, told, number=4)) == ["three", "four", "well?"]
    await told(script.undo_clear(1))
    assert texts(await asked(projections, script, told, number=5))[:2] == ["one", "two"]
    await told(script.clear(again=1))
    assert texts(await asked(projections, script, told, number=6))[:2] == ["three", "four"]


async def test_a_reply_has_the_epoch_of_its_message(told: Tell, projections: Projections, script: Script) -> None:
    heard = script.hear(1, "before")
    await told(heard, script.start(heard), script.clear())
    reply = f"reply.{script.place}.1.lyra.1"
    await told(script.compose(reply, "delivered after the clear"), script.deliver(reply))
    assert texts(await asked(projections, script, told)) == []


async def test_a_private_place_shows_the_two_only(told: Tell, projections: Projections, script: Script) -> None:
    heard = script.hear(1, "to another", addresses=("finn",))
    await told(heard, *script.answer(heard, "finn speaking", character="finn"))
    assert texts(await asked(projections, script, told)) == ["to another"]


async def test_a_shared_place_shows_everyone_with_their_usual_persona(
    told: Tell, projections: Projections, script: Script
) -> None:
    script.is_private = False
    met = script.created(PersonMet, "person.ben", person="ben", name="Ben")
    usual = script.created(PersonaCreated, "persona.ben.default", person="ben", name="Ben the Brave")
    heard = script.hear(1, "hello from ben", person="ben", addresses=())
    other = script.hear(2, "hello finn", addresses=("finn",))
    await told(met, usual, heard, other, *script.answer(other, "finn speaking", character="finn"))
    context = await asked(projections, script, told)
    assert texts(context) == ["hello from ben", "hello finn", "finn speaking"]
    speakers = [turn.speaker for turn in context.history]
    assert speakers[0] is not None
    assert (speakers[0].id, speakers[0].version, dict(speakers[0].fields)) == (
        "persona.ben.default",
        1,
        {"name": "Ben the Brave"},
    )
    assert speakers[1] == context.persona
    assert speakers[2] is None


async def test_other_characters_keep_their_names_in_a_shared_place_and_are_not_seen_in_a_private_one(
    told: Tell, projections: Projections, script: Script
) -> None:
    finn = script.created(CharacterCreated, "character.finn", person="ben", name="Finn", slug="finn", is_public=True)
    script.is_private = False
    other = script.hear(1, "hello finn", addresses=("finn",))
    await told(finn, other, *script.answer(other, "finn speaking", character="finn"), *script.turn(2, "hello", "hi"))
    context = await asked(projections, script, told, number=3)
    assert texts(context) == ["hello finn", "finn speaking", "hello", "hi"]
    speaker = context.history[1].speaker
    assert speaker is not None
    assert (speaker.id, speaker.version, speaker.fields["name"]) == ("character.finn", 1, "Finn")
    assert context.history[3].speaker is None, "one's own replies need none"
    script.is_private = True
    assert texts(await asked(projections, script, told, number=4)) == ["hello finn", "hello", "hi", "well?"]


async def test_what_others_said_in_private_is_not_seen_when_the_place_is_shared_later(
    told: Tell, projections: Projections, script: Script
) -> None:
    theirs = script.hear(1, "a secret of ben", person="ben")
    await told(theirs, *script.answer(theirs, "kept for ben"), *script.turn(2, "a secret of ana", "kept for ana"))
    script.is_private = False
    shared = script.hear(3, "hello from ben", person="ben")
    await told(shared, *script.answer(shared, "hello ben"))
    assert texts(await asked(projections, script, told, number=4)) == ["hello from ben", "hello ben"]


async def test_what_others_said_to_the_character_is_not_seen_in_a_private_place(
    told: Tell, projections: Projections, script: Script
) -> None:
    for is_private, number in ((True, 1), (False, 2)):
        script.is_private = is_private
        theirs = script.hear(number, "words of ben", person="ben")
        await told(theirs, *script.answer(theirs, "words for ben"))
    script.is_private = True
    await told(*script.turn(3, "words of ana", "words for ana"))
    assert texts(await asked(projections, script, told, number=4)) == ["words of ana", "words for ana"]


@pytest.mark.parametrize("is_private", [True, False])
async def test_a_change_of_persona_and_back_shows_each_its_own_turns(
    *, is_private: bool, told: Tell, projections: Projections, script: Script
) -> None:
    script.is_private = is_private
    await told(*script.turn(1, "as herself", "hello ana"), script.created(PersonaCreated, "persona.ana.wise", name="W"))
    await told(script.changed(ChoiceMade, "choice.ana.lyra", persona="persona.ana.wise"))
    assert texts(await asked(projections, script, told, number=2)) == []
    script.persona = "wise"
    await told(script.delete("message.terminal-1.2"), *script.turn(3, "as the wise", "hello wise one"))
    context = await asked(projections, script, told, number=4)
    assert texts(context) == ["as the wise", "hello wise one"]
    assert context.history[0].speaker == context.persona
    await told(script.delete("message.terminal-1.4"), script.changed(ChoiceMade, "choice.ana.lyra", persona=None))
    context = await asked(projections, script, told, number=5)
    assert texts(context) == ["as herself", "hello ana"]
    assert context.persona.id == "persona.ana.default"


async def test_presets_of_other_people_apply_to_nobody(told: Tell, projections: Projections, script: Script) -> None:
    def preset(owner: str) -> PresetCreated:
        return script.created(PresetCreated, f"preset.{owner}.it", person=owner, name=f"Of {owner}")

    async def named() -> set[str]:
        return set((await asked(projections, script, told, number=script.seconds)).presets)

    people = ("ana", "ben", "cleo", INSTANCE)
    lyra = script.created(CharacterCreated, "character.lyra", person="ben", name="L", slug="l", preset="preset.ben.it")
    await told(*map(preset, people), lyra, script.created(PersonMet, "person.ana", name="Ana"))
    assert await named() == {"preset.ben.it"}, "its owner's, because the character names it"
    for owner in people:
        await told(script.changed(ChoiceMade, "choice.ana.lyra", preset=f"preset.{owner}.it"))
        allowed = {"ana": {"preset.ana.it"}, INSTANCE: {f"preset.{INSTANCE}.it"}}.get(owner, set())
        assert await named() == {"preset.ben.it", *allowed}
    await told(script.changed(ChoiceMade, "choice.ana.lyra", preset=None))
    await told(script.changed(PersonEdited, "person.ana", preset="preset.cleo.it"))
    assert await named() == {"preset.ben.it"}
    await told(script.event(CharacterEdited, "character.lyra", person="ben", changes={"preset": "preset.cleo.it"}))
    assert await named() == set(), "not even through a character of somebody else"


async def test_settings_are_read_with_their_versions(told: Tell, projections: Projections, script: Script) -> None:
    wise = script.created(PersonaCreated, "persona.ana.wise", name="Ana the Wise")
    await told(
        script.created(PersonMet, "person.ana", name="Ana", preset="preset.ana.calm"),
        script.changed(PersonEdited, "person.ana", timezone="Europe/Berlin", name=None),
        wise,
        script.changed(PersonaEdited, "persona.ana.wise", about="old"),
    )
    context = await asked(projections, script, told, number=2)
    assert (context.persona.id, context.persona.version) == ("persona.ana.default", 0)
    assert (context.person.version, dict(context.person.fields)) == (
        2,
        {"preset": "preset.ana.calm", "timezone": "Europe/Berlin"},
    )
    await told(script.changed(ChoiceMade, "choice.ana.lyra", persona="persona.ana.wise"))
    context = await asked(projections, script, told, number=3)
    assert context.choice.version == 1
    assert (context.persona.id, context.persona.version, context.persona.fields["about"]) == (
        "persona.ana.wise",
        2,
        "old",
    )


async def test_another_persons_persona_cannot_be_worn(told: Tell, projections: Projections, script: Script) -> None:
    await told(
        script.created(PersonaCreated, "persona.ben.default", person="ben", name="Ben"),
        script.changed(ChoiceMade, "choice.ana.lyra", persona="persona.ben.default"),
    )
    context = await asked(projections, script, told)
    assert context.persona.id == "persona.ana.default"


async def test_commands_and_replies_agree_on_whom_a_person_is(
    told: Tell, projections: Projections, script: Script
) -> None:
    async def is_now(persona: str) -> None:
        token = await projections.reader.persona_towards(person="ana", character="lyra")
        context = await asked(projections, script, told, number=next(numbers))
        assert (token, context.persona.id) == (persona, f"persona.ana.{persona}")

    numbers = count(1)
    await told(script.created(PersonMet, "person.ana", name="Ana"))
    await is_now("default")
    await told(
        script.created(PersonaCreated, "persona.ana.wise", name="Ana the Wise"),
        script.created(PersonaCreated, "persona.ana.bold", name="Ana the Bold"),
        script.changed(PersonEdited, "person.ana", persona="persona.ana.bold"),
    )
    await is_now("bold")
    await told(script.changed(ChoiceMade, "choice.ana.lyra", persona="persona.ana.wise"))
    await is_now("wise")
    await told(script.event(PersonaDeleted, "persona.ana.wise"))
    await is_now("bold")
    await told(script.changed(ChoiceMade, "choice.ana.lyra", persona="persona.ben.default"))
    await is_now("bold")
    await told(script.event(PersonaDeleted, "persona.ana.bold"))
    await is_now("default")


async def test_each_persona_has_its_own_epoch(told: Tell, projections: Projections, script: Script) -> None:
    await told(
        script.created(PersonaCreated, "persona.ana.wise", name="Ana the Wise"),
        script.changed(ChoiceMade, "choice.ana.lyra", persona="persona.ana.wise"),
    )
    script.persona = "wise"
    await told(*script.turn(1, "hello", "hi"))
    script.persona = "default"
    await told(script.clear())
    assert texts(await asked(projections, script, told, number=2)) == ["hello", "hi"], "the default persona's clear"
    script.persona = "wise"
    await told(script.clear())
    assert texts(await asked(projections, script, told, number=3)) == []


async def test_stats_count_what_the_epoch_shows_and_hides(told: Tell, projections: Projections, script: Script) -> None:
    await told(*script.turn(1, "one", "two"), *script.turn(2, "three", "four"), script.clear())
    await told(*script.turn(3, "five", "six"), script.hear(4, "seven"))
    stats = await projections.reader.history_stats(person="ana", persona="persona.ana.default", character="lyra")
    assert (stats.visible_messages, stats.visible_replies) == (2, 1)
    assert (stats.hidden_messages, stats.hidden_replies) == (2, 2)
    assert stats.clears == 1
    assert stats.oldest is not None
    assert stats.newest is not None
    assert stats.oldest < stats.newest
    nobody = await projections.reader.history_stats(person="ben", persona="default", character="lyra")
    assert replace(nobody, oldest=None) == nobody
    assert nobody.visible_messages == nobody.clears == 0


async def test_what_was_said_between_two_positions_is_counted_with_how_it_began(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "one", "two"))
    first = await told(script.clear()) + 1
    await told(*script.turn(2, "three", "four"), script.hear(3, "five"))
    before = await told(script.clear())
    await told(*script.turn(4, "six", "seven"))
    scope = {"person": "ana", "persona": "default", "character": "lyra"}
    said = await projections.reader.said_between(first, before, **scope)
    assert (said.messages, said.replies, said.opening) == (2, 1, "three")
    assert said.oldest is not None
    assert said.newest is not None
    assert said.oldest < said.newest
    assert await projections.reader.said_between(before, before, **scope) == Said()


async def test_text_that_postgres_cannot_hold_does_not_stop_anything(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "a\x00b", "c\x00d"))
    assert texts(await asked(projections, script, told)) == ["a\ufffdb", "c\ufffdd"]
