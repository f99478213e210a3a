"""What messages bring along is read with them: quotes, other messages, replies, and nothing that was said elsewhere in
private.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from engine.domain.character import CharacterCreated
from engine.domain.ids import message_id, reply_id
from engine.domain.person import PersonaCreated
from engine.reading import REFERENCE_CHARS, Context, Question, Reference
from projections import Projections
from tests.builders import attachment
from tests.fakes.conversations import Script

type Tell = Callable[..., Awaitable[int]]

PLACE = "discord-1"
QUOTE = "quote.discord-1.900"


async def read(projections: Projections, message: str, upto: int, **asked: Any) -> Context:
    question = {
        "place": PLACE,
        "message": message,
        "person": "ana",
        "character": "lyra",
        "upto": upto,
        "text": "",
        "history_limit": 10,
        "memory_limit": 0,
    }
    return await projections.reader.context(Question(**question | asked))


def shared(script: Script) -> Script:
    script.is_private, script.place = False, PLACE
    return script


async def test_what_the_asked_message_brings_along_is_read_in_its_order(
    projections: Projections, told: Tell, script: Script
) -> None:
    script = shared(script)
    heard = script.hear(1, "the harbour is closed", person="ben")
    answer = script.answer(heard, "a pity")
    reply = reply_id(heard.originator_id, "lyra")
    asked = script.hear(
        2, "is that so?", in_reply_to=reply, refers_to=(reply, QUOTE, heard.originator_id, "quote.discord-1.404")
    )
    position = await told(
        script.created(PersonaCreated, "persona.ben.default", person="ben", name="Big Ben"),
        script.quote(900, "it is open"),
        heard,
        *answer,
        asked,
    )
    context = await read(projections, asked.originator_id, position)
    said, quoted, message = context.references

    assert said == Reference(
        id=reply,
        version=2,
        kind="reply",
        author="lyra",
        speaker=None,
        name=None,
        text="a pity",
        tokens=2,
        is_direct=True,
    )
    assert quoted == Reference(
        id=QUOTE,
        version=1,
        kind="quote",
        author="zoe",
        speaker=None,
        name="Zoe",
        text="it is open",
        tokens=3,
        is_direct=False,
    )
    assert (message.id, message.kind, message.author, message.text) == (
        heard.originator_id,
        "message",
        "ben",
        "the harbour is closed",
    )
    assert message.speaker is not None
    assert message.speaker.fields["name"] == "Big Ben"
    assert [turn.id for turn in context.history] == [heard.originator_id, reply], "the asked one is left out"


async def test_turns_of_the_history_have_their_references(projections: Projections, told: Tell, script: Script) -> None:
    script = shared(script)
    mine = script.hear(1, "I said this", person="ana")
    finns = script.answer(mine, "I answered", character="finn")
    reply = reply_id(mine.originator_id, "finn")
    other = script.hear(2, "look", person="ben", refers_to=(mine.originator_id, reply, QUOTE))
    asked = script.hear(3, "hm")
    position = await told(
        script.created(CharacterCreated, "character.finn", name="Finn", slug="finn", is_public=True),
        script.quote(900, "words", is_forward=True, author=None),
        mine,
        *finns,
        other,
        asked,
    )
    context = await read(projections, asked.originator_id, position)
    own, finn, quoted = context.history[-1].references

    assert own.speaker == context.persona
    assert finn.speaker is not None
    assert finn.speaker.fields["name"] == "Finn"
    assert (quoted.is_forward, quoted.name) == (True, None)
    assert [turn.references for turn in context.history[:-1]] == [(), ()]
    assert context.references == ()


async def test_what_was_heard_in_private_elsewhere_is_not_shown(
    projections: Projections, told: Tell, script: Script
) -> None:
    private = script.hear(1, "a secret", person="ben", place="discord-dm", is_private=True)
    answer = script.answer(private, "kept")
    there = script.hear(2, "no secret", person="ben", place="discord-2", is_private=False)
    script = shared(script)
    reply = reply_id(private.originator_id, "lyra")
    refers_to = (private.originator_id, reply, there.originator_id)
    asked = script.hear(3, "look", refers_to=refers_to)
    position = await told(private, *answer, there, asked)
    context = await read(projections, asked.originator_id, position)

    assert [reference.id for reference in context.references] == [there.originator_id]
    in_dm = script.hear(4, "look", person="ben", place="discord-dm", is_private=True, refers_to=refers_to)
    position = await told(in_dm)
    context = await read(projections, in_dm.originator_id, position, place="discord-dm", person="ben")
    assert [reference.id for reference in context.references] == list(refers_to)


async def test_what_was_erased_is_not_brought_along(projections: Projections, told: Tell, script: Script) -> None:
    script = shared(script)
    heard = script.hear(1, "the harbour is closed", person="ben")
    asked = script.hear(2, "is that so?", refers_to=(QUOTE, heard.originator_id))
    await told(script.quote(900, "it is open"), heard, asked)
    position = await told(script.erase_quote(QUOTE), script.erase(heard.originator_id))

    assert (await read(projections, asked.originator_id, position)).references == ()


async def test_a_quote_shows_the_words_that_stand_now(projections: Projections, told: Tell, script: Script) -> None:
    script = shared(script)
    asked = script.hear(2, "is that so?", refers_to=(QUOTE,))
    position = await told(
        script.quote(900, "it is open"), asked, script.quote(900, "it is closed", attachments=(attachment(),))
    )
    (reference,) = (await read(projections, asked.originator_id, position)).references

    assert (reference.version, reference.text) == (2, "it is closed\n[image: sunset.png]")


async def test_of_a_long_message_the_beginning_is_brought_along(
    projections: Projections, told: Tell, script: Script
) -> None:
    script = shared(script)
    heard = script.hear(1, "a" * 5_000, person="ben")
    asked = script.hear(2, "is that so?", refers_to=(heard.originator_id,))
    position = await told(heard, asked)
    (reference,) = (await read(projections, asked.originator_id, position)).references

    assert reference.text == "a" * (REFERENCE_CHARS + 1)


async def test_what_is_read_of_a_message_tells_of_its_attachments(
    projections: Projections, told: Tell, script: Script
) -> None:
    described = attachment(id="a2", name="b]\n.png", description="a boat\nat [sea]")
    heard = script.hear(1, "look", attachments=(attachment(), described))
    answer = script.answer(heard, "how fine")
    asked = script.hear(2, "the boat")
    position = await told(heard, *answer, asked)
    context = await read(
        projections, message_id("terminal-1", "2"), position, place="terminal-1", text="boat", memory_limit=5
    )
    words = "look\n[image: sunset.png]\n[image: b) .png: a boat at (sea)]"

    assert context.history[0].text == words
    assert context.memories[0].said == words
