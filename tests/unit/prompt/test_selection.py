"""What a prompt holds: never more than fits, nothing twice, and a beginning that stays put."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.ports import ChatMessage
from engine.prompt.composing import compose_request
from engine.prompt.selection import ANCHOR_EVERY, Costs, Selection, _is_anchor, budget_tokens, select, tokens_of
from engine.reading import FieldsAt, Recalled, Turn
from tests.prompts import NO_NAMES, CountsWords, a_context, a_memory, a_turn, asked, turns

TURN_TOKENS = 10
"""What a turn of tests/prompts.py costs: six of text and four around it."""

MEMORY_TOKENS = 34
MANY = 1_000_000


def selected(
    history: tuple[Turn, ...],
    memories: tuple[Recalled, ...] = (),
    *,
    budget: int = MANY,
    memory_limit: int = 20,
    is_complete: bool = True,
) -> Selection:
    return select(
        history, memories, budget=budget, memory_limit=memory_limit, history_is_complete=is_complete, costs=NO_NAMES
    )


def test_the_budget_is_the_window_less_a_reserve_the_answer_and_what_is_fixed() -> None:
    assert budget_tokens(10_000, 1_000, 500) == 9_500 - 1_000 - 500


def test_nothing_is_left_when_the_fixed_part_fills_the_window() -> None:
    assert budget_tokens(1_000, 900, 50) == 0
    assert budget_tokens(1_000, 4_096, 300) == 0


def test_without_a_budget_neither_turns_nor_memories_are_kept() -> None:
    assert selected(turns(4), (a_memory(21),), budget=0) == Selection((), (), 0, 0)


def test_a_message_costs_its_text_and_what_surrounds_it() -> None:
    assert tokens_of([ChatMessage("system", "two words"), ChatMessage("user", "one")], CountsWords()) == 2 + 1 + 2 * 4


def test_a_complete_history_that_fits_is_kept_whole() -> None:
    history = turns(50)
    kept = selected(history, budget=50 * TURN_TOKENS)
    assert kept.history == history
    assert kept.history_tokens == 50 * TURN_TOKENS


def test_a_complete_history_is_kept_whole_beside_the_memories_that_it_leaves_room_for() -> None:
    history = turns(20)
    budget = 20 * TURN_TOKENS + MEMORY_TOKENS
    kept = selected(history, (a_memory(101),), budget=budget)
    assert kept.history == history
    assert kept.memories == (a_memory(101),)


def test_of_a_history_that_does_not_fit_the_newest_turns_are_kept_without_a_gap() -> None:
    history = turns(60)
    kept = selected(history, budget=20 * TURN_TOKENS, memory_limit=0).history
    assert kept == history[-len(kept) :]
    assert 10 <= len(kept) <= 20


def test_the_history_takes_the_memories_quarter_only_where_nothing_is_recalled() -> None:
    history, budget = turns(200), 100 * TURN_TOKENS
    assert selected(history, budget=budget, memory_limit=0).history_tokens > 0.75 * budget
    assert selected(history, budget=budget, memory_limit=1).history_tokens <= 0.75 * budget


def test_what_is_recalled_does_not_move_where_a_shortened_history_begins() -> None:
    history = turns(200)
    begins = {
        selected(history, tuple(a_memory(1_001 + 2 * n) for n in range(count)), budget=1_000).history[0].id
        for count in (0, 1, 5, 20)
    }
    assert len(begins) == 1


def test_a_history_that_was_cut_when_it_was_read_begins_at_an_anchor_although_it_fits() -> None:
    history = turns(100)
    assert _is_anchor(history[0])
    kept = selected(history[1:], is_complete=False).history
    assert len(history) / 2 < len(kept) < len(history) - 1
    assert _is_anchor(kept[0])


def test_a_history_without_an_anchor_in_its_older_half_gives_up_nothing_for_one() -> None:
    history = turns(400)
    first = next(n for n in range(1, 400) if _is_anchor(history[n]) and not any(map(_is_anchor, history[n - 3 : n])))
    window = history[first - 3 : first + 1]
    assert selected(window, is_complete=False).history == window


def begins(conversation: tuple[Turn, ...], *, budget: int) -> list[Turn]:
    """The first kept turn, for every length of the conversation at which it no longer fits."""
    grown = (selected(conversation[:length], budget=budget, memory_limit=0) for length in range(1, len(conversation)))
    return [
        kept.history[0] for length, kept in enumerate(grown, start=1) if kept.history and len(kept.history) < length
    ]


def test_the_beginning_changes_once_in_several_turns_while_a_conversation_grows() -> None:
    first = begins(turns(600), budget=100 * TURN_TOKENS)
    changes = sum(before != after for before, after in pairwise(first))
    assert len(first) > 480
    assert changes < 1.5 * len(first) / ANCHOR_EVERY


@given(
    lengths=st.lists(st.integers(1, 60), min_size=40, max_size=120),
    place=st.text("abcdef0123456789", min_size=1, max_size=8),
)
def test_the_beginning_only_moves_forward_and_leaves_an_anchor_only_when_that_no_longer_fits(
    lengths: list[int], place: str
) -> None:
    conversation = tuple(a_turn(number, tokens=tokens, place=place) for number, tokens in enumerate(lengths))
    budget, at = 600, {turn.id: n for n, turn in enumerate(conversation)}
    previous: Turn | None = None
    for length in range(1, len(conversation) + 1):
        kept = selected(conversation[:length], budget=budget, memory_limit=0).history
        assert kept == conversation[length - len(kept) : length]
        first = kept[0]
        if previous is not None and first != previous:
            assert at[first.id] > at[previous.id]
            since = sum(NO_NAMES.of_turn(turn) for turn in conversation[at[previous.id] : length])
            assert since > budget or not _is_anchor(previous)
        previous = first


def test_a_memory_is_not_repeated_while_the_history_holds_it() -> None:
    assert selected(turns(4), (a_memory(1), a_memory(3), a_memory(101))).memories == (a_memory(101),)


def test_a_memory_that_the_history_drops_may_be_recalled() -> None:
    history = turns(60)
    kept = selected(history, tuple(a_memory(n) for n in range(1, 60, 2)), budget=40 * TURN_TOKENS)
    held = {turn.id for turn in kept.history}
    recalled = {memory.reply for memory in kept.memories}
    assert recalled
    assert not recalled & held
    assert recalled <= {turn.id for turn in history} - held


def test_a_memory_whose_message_was_dropped_is_recalled_although_its_reply_was_kept() -> None:
    reply_first = turns(4)[1:]
    assert selected(reply_first, (a_memory(1),)).memories == (a_memory(1),)


def test_a_persons_own_words_for_a_memory_are_recalled_beside_what_was_said() -> None:
    edited = a_memory(1, edited="It was red.")
    assert selected(turns(4), (edited,)).memories == (edited,)


def test_what_the_history_holds_takes_no_memorys_turn() -> None:
    known, unknown = tuple(a_memory(n) for n in (1, 3)), tuple(a_memory(n) for n in (101, 103, 105))
    assert selected(turns(4), known + unknown, memory_limit=2).memories == unknown[:2]


def test_a_memory_that_does_not_fit_is_passed_over_for_a_smaller_one() -> None:
    small, large, smaller = a_memory(101, tokens=20), a_memory(103, tokens=2_000), a_memory(105, tokens=10)
    assert selected((), (small, large, smaller), budget=400).memories == (small, smaller)


def test_memories_take_a_quarter_at_most_also_where_there_is_no_history() -> None:
    kept = selected((), tuple(a_memory(n) for n in range(101, 201, 2)), budget=1_000, memory_limit=50)
    assert kept.memory_tokens == 7 * MEMORY_TOKENS <= 250


@given(
    tokens=st.lists(st.integers(0, 300), max_size=40),
    recalled=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 300)), max_size=30, unique_by=lambda it: it[0] // 2),
    budget=st.integers(0, 4_000),
    memory_limit=st.integers(0, 20),
    is_complete=st.booleans(),
)
def test_the_budget_is_never_exceeded_and_nothing_stands_twice(
    *, tokens: list[int], recalled: list[tuple[int, int]], budget: int, memory_limit: int, is_complete: bool
) -> None:
    history = tuple(a_turn(number, tokens=cost) for number, cost in enumerate(tokens))
    memories = tuple(a_memory(number, tokens=cost) for number, cost in recalled)
    kept = selected(history, memories, budget=budget, memory_limit=memory_limit, is_complete=is_complete)
    held = {turn.id for turn in kept.history}
    assert kept.history_tokens == sum(map(NO_NAMES.of_turn, kept.history))
    assert kept.memory_tokens == sum(map(NO_NAMES.of_memory, kept.memories)) <= budget / 4
    assert kept.history_tokens + kept.memory_tokens <= budget
    assert len(kept.memories) <= memory_limit
    assert not any({memory.message, memory.reply} <= held for memory in kept.memories)
    assert list(kept.memories) == [memory for memory in memories if memory in kept.memories]


def test_a_name_before_a_turn_counts() -> None:
    named = Costs(names={turn.id: 5 for turn in turns(10)}, memory_line=24)
    kept = select(turns(10), (), budget=100, memory_limit=0, history_is_complete=True, costs=named)
    assert len(kept.history) <= 6


@given(
    name=st.text("ab ", min_size=1, max_size=100).filter(str.strip),
    own_words=st.integers(1, 400),
    is_private=st.booleans(),
)
def test_a_whole_request_leaves_the_answer_its_room_however_long_names_and_edited_memories_are(
    *, name: str, own_words: int, is_private: bool
) -> None:
    speaker = FieldsAt("persona.p.default", 1, {"name": name}, "p")
    history = [a_turn(n, tokens=1) for n in range(100)]
    history = [replace(turn, speaker=speaker) if turn.speaker else turn for turn in history]
    memories = [a_memory(n, tokens=2, edited="word " * own_words) for n in range(1_001, 1_021, 2)]
    context = a_context(
        character={"name": name, "preset": "preset.p.small"},
        persona={"name": name},
        presets=[FieldsAt("preset.p.small", 1, {"context_tokens": 1_000, "max_tokens": 300}, "p")],
        history=history,
        memories=memories,
    )
    composed = compose_request(context, asked(is_private=is_private), instance={}, tokens=CountsWords())
    assert tokens_of(composed.request.messages, CountsWords()) <= 1_000 - 300
    assert len(composed.request.messages) > 10
