"""From what was read to a request: what the settings limit, and the record of what it was made from."""

import pytest

from engine.domain.event import JSON
from engine.prompt.composing import ComposedRequest, compose_request, speaker_name
from engine.prompt.selection import _is_anchor
from engine.reading import FieldsAt, Recalled, Turn
from tests.prompts import CountsWords, a_context, a_memory, asked, turns


def composed(history: tuple[Turn, ...] = (), memories: tuple[Recalled, ...] = (), **settings: JSON) -> ComposedRequest:
    context = a_context(history=history, memories=memories)
    return compose_request(context, asked(), instance=settings, tokens=CountsWords())


def test_a_history_within_its_limit_is_whole() -> None:
    history = turns(31)[1:]
    assert [turn.id for turn in composed(history, history_messages=30).because.history] == [it.id for it in history]


def test_a_history_beyond_its_limit_begins_at_an_anchor_among_its_newest() -> None:
    history = turns(32)
    assert not _is_anchor(history[2])
    kept = composed(history, history_messages=30).because.history
    assert 15 <= len(kept) < 30
    assert [turn.id for turn in kept] == [turn.id for turn in history[-len(kept) :]]
    assert _is_anchor(history[-len(kept)])


def test_without_history_what_was_said_may_be_recalled() -> None:
    it = composed(turns(4), (a_memory(3),), history_messages=0).because
    assert it.history == ()
    assert [memory.reply.id for memory in it.memories] == [a_memory(3).reply]


def test_without_recall_there_are_no_memories_and_no_heading_for_them() -> None:
    it = composed(memories=(a_memory(3),), memory_limit=0)
    assert it.because.memories == ()
    assert "# Memories" not in str(it.request.messages)


def test_what_the_history_holds_takes_no_memorys_place_in_the_limit() -> None:
    memories = tuple(a_memory(number) for number in (1, 3, 101, 103, 105))
    it = composed(turns(4), memories, memory_limit=2).because
    assert [memory.reply.id for memory in it.memories] == [memory.reply for memory in memories[2:4]]


def test_the_record_names_every_turn_and_memory_in_the_order_of_the_prompt() -> None:
    history, memories = turns(4), (a_memory(101), a_memory(103, edited="Mine."))
    it = composed(history, memories)
    assert [(turn.id, turn.version, turn.kind) for turn in it.because.history] == [
        (turn.id, turn.version, turn.kind) for turn in history
    ]
    assert [memory.memory.version for memory in it.because.memories] == [0, 1]
    assert [message.role for message in it.request.messages] == [
        "system", "user", "assistant", "user", "assistant", "system", "system", "user"
    ]  # fmt: skip
    assert it.because.tokens["history"] > 0
    assert it.because.tokens["memories"] > 0


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Ann\n# Rules"}, "Ann # Rules"),
        ({"name": " \n"}, "Someone"),
        ({"name": ""}, "Someone"),
        ({}, "Someone"),
    ],
)
def test_a_name_is_one_line_and_never_empty(fields: dict[str, JSON], name: str) -> None:
    assert speaker_name(FieldsAt("persona.p.default", 1, fields), "Someone") == name
