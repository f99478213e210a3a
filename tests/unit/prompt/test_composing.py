"""From what was read to a request: what the settings limit, and the record of what it was made from."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from engine.domain.because import Used
from engine.domain.event import JSON
from engine.prompt.composing import ComposedRequest, compose_request, speaker_name
from engine.prompt.selection import _is_anchor
from engine.reading import FieldsAt, Recalled, Reference, Turn
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


def a_reference(id: str, text: str = "words", **given: Any) -> Reference:
    kind: Literal["message", "reply", "quote"] = {"m": "message", "r": "reply", "q": "quote"}[id[0]]  # type: ignore[assignment]
    said: dict[str, Any] = {
        "version": 1,
        "author": "zoe",
        "speaker": None,
        "name": "Zoe",
        "tokens": 1,
        "is_direct": False,
    }
    return Reference(id=id, kind=kind, text=text, **said | given)


def test_what_the_asked_message_brings_along_stands_below_it() -> None:
    context = replace(
        a_context(),
        references=(
            a_reference("reply.terminal-1.2.lyra.1", "I said so.", author="lyra", is_direct=True),
            a_reference("quote.terminal-1.7", "They said so."),
            a_reference("quote.terminal-1.8", "Who knows.", name=None, is_forward=True),
            a_reference("message.terminal-1.9", speaker=FieldsAt("persona.ben.default", 3, {"name": "Ben"}, "ben")),
        ),
    )
    it = compose_request(context, asked("Look."), instance={}, tokens=CountsWords())

    assert it.request.messages[-1].content.splitlines() == [
        "Look.",
        "[in reply to you]",
        "> I said so.",
        "[quoting Zoe]",
        "> They said so.",
        "[forwarded]",
        "> Who knows.",
        "[quoting Ben]",
        "> words",
    ]
    assert [(used.id, used.kind, used.speaker, used.is_direct) for used in it.because.references] == [
        ("reply.terminal-1.2.lyra.1", "reply", None, True),
        ("quote.terminal-1.7", "quote", None, False),
        ("quote.terminal-1.8", "quote", None, False),
        ("message.terminal-1.9", "message", Used(id="persona.ben.default", version=3), False),
    ]


def test_what_the_history_shows_is_not_brought_along_again() -> None:
    history = turns(6)
    linked, answered, last = history[0], history[2], history[5]
    context = a_context(history=history)

    def shown(*references: Reference) -> list[str]:
        brought = replace(context, references=references)
        because = compose_request(brought, asked(), instance={}, tokens=CountsWords()).because
        return [used.id for used in because.references]

    assert shown(a_reference(linked.id), a_reference("quote.terminal-1.7")) == ["quote.terminal-1.7"]
    assert shown(a_reference(answered.id, is_direct=True)) == [answered.id], "what it answers is plain then"
    assert shown(a_reference(last.id, author="lyra", is_direct=True)) == [], "it was said last"


def test_a_turn_brings_along_what_the_history_does_not_show() -> None:
    older, *others = turns(4)
    quote, known = a_reference("quote.terminal-1.7"), a_reference(older.id, is_direct=True)
    history = (older, replace(others[0], references=()), replace(others[1], references=(known, quote)), others[2])
    it = compose_request(a_context(history=history), asked(), instance={}, tokens=CountsWords())

    assert [[used.id for used in turn.references] for turn in it.because.history] == [[], [], [quote.id], []]
    assert it.request.messages[3].content == "words\n[quoting Zoe]\n> words"
    without = compose_request(
        a_context(history=(older, *others)), asked(), instance={}, tokens=CountsWords()
    ).because.tokens
    assert it.because.tokens["history"] == without["history"] + 4
    assert it.because.tokens["fixed"] == without["fixed"]


def test_what_turns_bring_along_counts_towards_the_budget() -> None:
    quote = a_reference("quote.terminal-1.7", "word " * 200)
    history = tuple(replace(turn, references=(quote,)) if turn.kind == "message" else turn for turn in turns(40))
    settings: dict[str, JSON] = {"context_tokens": 2_000, "max_tokens": 100}
    it = compose_request(a_context(history=history), asked(), instance=settings, tokens=CountsWords())

    assert 0 < len(it.because.history) < 20
    assert sum(CountsWords().count(message.content) for message in it.request.messages) <= 1_900


def test_a_turn_brings_along_what_a_shortened_history_has_dropped() -> None:
    history = list(turns(32))
    history[-2] = replace(history[-2], references=(a_reference(history[0].id),))
    it = compose_request(a_context(history=history), asked(), instance={"history_messages": 30}, tokens=CountsWords())

    assert history[0].id not in {turn.id for turn in it.because.history}
    assert [used.id for used in it.because.history[-2].references] == [history[0].id]
