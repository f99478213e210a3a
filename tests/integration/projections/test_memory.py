"""What is remembered, recalled, changed and erased."""

from collections.abc import Awaitable, Callable

import pytest

from engine.domain.memory import (
    MemoryEdited,
    MemoryErased,
    MemoryForgotten,
    MemoryLocked,
    MemoryRestored,
    MemoryUnlocked,
)
from engine.domain.message import MessageHeard
from engine.reading import MemoryRow, Question, Recalled
from projections import Projections
from tests.builders import attachment
from tests.fakes.conversations import Script
from tests.fakes.key_ring import KeyRingInMemory
from tests.fakes.log_source import LogInMemory

type Tell = Callable[..., Awaitable[int]]

FIRST = "reply.terminal-1.1.lyra.1"


@pytest.fixture
def script() -> Script:
    """In a shared place, whose memories can be recalled anywhere."""
    return Script(is_private=False)


async def recalled(
    projections: Projections,
    text: str,
    *,
    person: str = "ana",
    character: str = "lyra",
    upto: int = 1_000_000,
    message: str = "message.terminal-1.none",
) -> tuple[Recalled, ...]:
    question = Question("terminal-1", message, person, character, upto, text, 0, 5)
    return (await projections.reader.context(question)).memories


async def memories(projections: Projections, **scope: int | str | None) -> tuple[MemoryRow, ...]:
    asked = {"person": "ana", "persona": "default", "character": "lyra", "limit": 10} | scope
    return await projections.reader.memories(**asked)  # type: ignore[arg-type]


async def test_a_delivered_reply_is_remembered_with_its_message(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "my cat is called Pixel", "a fine name"))
    (found,) = await recalled(projections, "cats?")
    assert (found.said, found.answered, found.edited) == ("my cat is called Pixel", "a fine name", None)
    assert (found.reply, found.reply_version) == (FIRST, 2)
    assert (found.message, found.message_version) == ("message.terminal-1.1", 1)
    assert (found.memory_version, found.is_locked, found.tokens, found.position) == (0, False, 8, 1)
    assert found.persona.id == "persona.ana.default"
    assert found.scores["rank"] == 1
    assert 0 < found.scores["lexical"] < 1


async def test_what_was_not_delivered_is_not_remembered(told: Tell, projections: Projections, script: Script) -> None:
    heard = script.hear(1, "my cat is called Pixel")
    await told(heard, *script.answer(heard, "a fine name")[:3])
    assert await memories(projections) == ()


async def test_any_word_finds_and_more_words_find_better(told: Tell, projections: Projections, script: Script) -> None:
    await told(
        *script.turn(1, "the garden is full of roses", "lovely"),
        *script.turn(2, "my cats sleep in the garden", "how sweet"),
        *script.turn(3, "work was dull", "poor you"),
    )
    found = await recalled(projections, "Where do cats sleep, in a garden?")
    assert [memory.said for memory in found] == ["my cats sleep in the garden", "the garden is full of roses"]
    assert [memory.scores["rank"] for memory in found] == [1, 2]
    assert found[0].scores["score"] > found[1].scores["score"]


async def test_questions_of_odd_characters_find_nothing_and_break_nothing(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "it's a C:\\path & more | 'quoted'", "ok"))
    for text in ("", "   ", "the of and", "!!! ((( ' \\ : & | <->", "\\'"):
        assert await recalled(projections, text) == (), text
    assert len(await recalled(projections, "c:\\path 'quoted'")) == 1


async def test_nobody_recalls_what_others_said(told: Tell, projections: Projections, script: Script) -> None:
    script.persona = "wise"
    wise = script.turn(1, "cats as Ana the Wise", "yes")
    script.persona = "default"
    heard = script.hear(2, "cats for finn", addresses=("finn",))
    ben = script.hear(3, "cats of ben", person="ben")
    await told(*wise, heard, *script.answer(heard, "yes", character="finn"), ben, *script.answer(ben, "yes"))
    assert await recalled(projections, "cats") == ()
    assert [found.said for found in await recalled(projections, "cats", person="ben")] == ["cats of ben"]
    assert [found.said for found in await recalled(projections, "cats", character="finn")] == ["cats for finn"]


async def test_a_private_memory_is_recalled_in_private_places_only(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "my cat is a shared joke", "ha"))
    script.is_private = True
    secret = script.turn(2, "my cat is a secret", "hush")
    await told(*secret)
    heard = secret[0]
    assert isinstance(heard, MessageHeard)
    everything = {"my cat is a shared joke", "my cat is a secret"}
    asked = script.hear(3, "cat?", place="terminal-dm")
    await told(asked)
    assert {found.said for found in await recalled(projections, "cat", message=asked.originator_id)} == everything
    script.is_private = False
    asked = script.hear(4, "cat?", place="terminal-street")
    await told(asked)
    for message in (asked.originator_id, "message.terminal-1.none"):
        assert [found.said for found in await recalled(projections, "cat", message=message)] == [
            "my cat is a shared joke"
        ], "a place that is not known counts as shared"
    script.is_private = True
    await told(script.edit(heard, "my cat is still a secret", heard_position=6))
    assert len(await recalled(projections, "cat")) == 1
    assert len(await memories(projections)) == 2, "its person sees it anywhere"


async def test_a_memory_is_of_the_time_at_which_its_message_was_heard(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "good night, my cat")
    script.seconds += 24 * 60 * 60  # the answer comes after midnight
    await told(heard, *script.answer(heard, "good morning"))
    assert [found.at for found in await recalled(projections, "cat")] == [heard.timestamp]
    assert [found.at for found in await memories(projections)] == [heard.timestamp]
    await told(script.edit(heard, "good night, my cats"))
    assert [found.at for found in await recalled(projections, "cat")] == [heard.timestamp]


async def test_what_came_later_is_not_recalled(told: Tell, projections: Projections, script: Script) -> None:
    await told(*script.turn(1, "cats", "yes"), *script.turn(2, "more cats", "yes"))
    assert [found.said for found in await recalled(projections, "cats", upto=6)] == ["cats"]
    assert await recalled(projections, "cats", upto=4) == (), "it was heard before, but delivered after"


async def test_a_forgotten_memory_is_out_of_reach_until_restored(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "my cat is called Pixel", "nice"), script.touch(MemoryForgotten, FIRST))
    assert await recalled(projections, "cat") == ()
    assert await memories(projections) == ()
    assert (
        await projections.reader.search_memories(person="ana", persona="default", character=None, query="cat", limit=5)
        == ()
    )
    await told(script.touch(MemoryRestored, FIRST))
    (found,) = await recalled(projections, "cat")
    assert found.memory_version == 2


async def test_an_edited_memory_is_found_by_its_new_words_only(
    told: Tell, projections: Projections, script: Script
) -> None:
    await told(*script.turn(1, "my cat is called Pixel", "nice"))
    await told(script.touch(MemoryEdited, FIRST, person="ana", text="Ana has a dog"))
    assert await recalled(projections, "cat") == ()
    (found,) = await recalled(projections, "dogs")
    assert (found.edited, found.memory_version, found.said) == ("Ana has a dog", 1, "my cat is called Pixel")
    await told(script.touch(MemoryEdited, FIRST, person="ana", text=None))
    assert await recalled(projections, "dog") == ()
    (found,) = await recalled(projections, "cat")
    assert (found.edited, found.memory_version) == (None, 2)


async def test_a_lock_shows(told: Tell, projections: Projections, script: Script) -> None:
    await told(*script.turn(1, "cat", "nice"), script.touch(MemoryLocked, FIRST))
    assert (await memories(projections))[0].is_locked
    await told(script.touch(MemoryUnlocked, FIRST))
    assert not (await memories(projections))[0].is_locked


async def test_erased_words_are_in_no_table(told: Tell, projections: Projections, script: Script) -> None:
    turns = [script.turn(number, f"cat {number}", "nice") for number in (1, 2, 3)]
    await told(*(event for turn in turns for event in turn))
    await told(
        script.touch(MemoryErased, FIRST, receipt="r1"),
        script.erase("message.terminal-1.2"),
        script.erase_reply("reply.terminal-1.3.lyra.1"),
    )
    assert await memories(projections) == ()
    assert await recalled(projections, "cat") == ()


async def test_a_picture_is_remembered_by_what_was_perceived_in_it(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "Look!", attachments=(attachment(),))
    described = script.describe(heard, a1="A lighthouse.")
    await told(heard, described, *script.answer(heard, "a fine one"))
    late = script.hear(2, "And here!", attachments=(attachment(),))
    await told(late, *script.answer(late, "finer still"))
    await told(script.describe(late, a1="A harbour."))
    (found,) = await recalled(projections, "lighthouses?")
    assert (found.said, found.message_version) == ("Look!\n[image: sunset.png: A lighthouse.]", 2)
    (found,) = await recalled(projections, "harbours?")
    assert (found.said, found.tokens) == ("And here!\n[image: sunset.png: A harbour.]", 8)


async def test_an_edited_message_is_remembered_by_its_new_text(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "my cat is called Pixel")
    await told(heard, *script.answer(heard, "a fine name"))
    await told(script.edit(heard, "my dog is called Pixel"))
    assert await recalled(projections, "cat") == ()
    (found,) = await recalled(projections, "dog")
    assert (found.said, found.message_version, found.position) == ("my dog is called Pixel", 2, 1)


async def test_a_reply_before_the_only_known_event_of_its_message_is_remembered_with_it(
    told: Tell, projections: Projections, script: Script
) -> None:
    heard = script.hear(1, "my cat")
    await told(*script.answer(heard, "a fine name"))
    assert await recalled(projections, "name") == ()
    await told(script.edit(heard, "my dog"))
    assert [found.said for found in await recalled(projections, "dog")] == ["my dog"]


async def test_memories_are_listed_newest_first_and_paged(told: Tell, projections: Projections, script: Script) -> None:
    last = 0
    for number in range(1, 6):
        last = await told(*script.turn(number, f"message {number}", "yes"))
    first = await memories(projections, limit=2)
    assert [row.said for row in first] == ["message 5", "message 4"]
    assert first[0].id == "memory.terminal-1.5.lyra.1"
    rest = await memories(projections, before=last - 9)
    assert [row.said for row in rest] == ["message 3", "message 2", "message 1"]
    assert len(await memories(projections, character=None)) == 5


async def test_search_scores_what_it_finds(told: Tell, projections: Projections, script: Script) -> None:
    await told(*script.turn(1, "cats and dogs", "yes"), *script.turn(2, "dogs", "yes"))
    found = await projections.reader.search_memories(
        person="ana", persona="default", character="lyra", query="cats dogs", limit=5
    )
    assert [row.said for row in found] == ["cats and dogs", "dogs"]
    assert found[0].score is not None
    assert found[1].score is not None
    assert found[0].score > found[1].score > 0


async def test_words_whose_key_was_destroyed_are_not_remembered(
    told: Tell, projections: Projections, script: Script, log: LogInMemory, key_ring: KeyRingInMemory
) -> None:
    events = script.turn(1, "cat", "nice")
    log.append(*events)
    key_ring.destroy("ana")
    await told(*script.turn(2, "dog", "nice"))
    assert {row.said for row in await memories(projections)} <= {"cat", "dog"}
    await projections.rebuild()
    assert [row.said for row in await memories(projections)] == ["dog"]
