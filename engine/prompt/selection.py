"""Which turns and memories a prompt holds: what fits the budget, and nothing twice.

Memories may take a quarter of the budget; the history, newest first, takes the rest. Once it no longer fits it begins
at an anchor, a turn picked by its id alone, so that it loses a block now and then instead of one turn every time:
the beginning of the prompt, which providers cache, stays put in between. For the same reason a shortened history
leaves the memories their quarter, however many are recalled. A memory is not recalled while the history holds both
of its sides, and may be once it has dropped one.
"""

import zlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from engine.ports import ChatMessage, TokenCounter
from engine.reading import Recalled, Turn

MEMORY_SHARE = 0.25
RESERVE_SHARE = 0.05
"""Kept free for what our count and the provider's may differ by."""

MESSAGE_OVERHEAD_TOKENS = 4
"""What a chat message costs beyond its text in OpenAI's chat formats."""

ANCHOR_EVERY = 8
"""On average, every eighth turn is one that a shortened history may begin with."""

ANCHOR_WITHIN_SHARE = 0.5
"""A history gives up at most this share of its turns to begin at an anchor; without one so near it slides."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the prompt holds, with its tokens by part."""

    history: tuple[Turn, ...]
    memories: tuple[Recalled, ...]
    history_tokens: int
    memory_tokens: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What turns and memories cost beyond the tokens of their texts."""

    names: Mapping[str, int]
    """Tokens of the name before a turn's text, by the turn's id; none for one that is absent."""
    memory_line: int
    """Tokens of the date and the names on a memory's line."""
    references: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Tokens of what is shown below a turn, by the turn's id and by the id of what it brings along."""

    def of_turn(self, turn: Turn, shown: Container[str] = ()) -> int:
        """What a turn costs where the history shows these others: what it brings along is not repeated then."""
        brought = sum(cost for id_, cost in self.references.get(turn.id, {}).items() if id_ not in shown)
        return turn.tokens + self.names.get(turn.id, 0) + MESSAGE_OVERHEAD_TOKENS + brought

    def of_turns(self, turns: Sequence[Turn]) -> int:
        shown = {turn.id for turn in turns}
        return sum(self.of_turn(turn, shown) for turn in turns)

    def of_memory(self, memory: Recalled) -> int:
        return memory.tokens + self.memory_line


def budget_tokens(context_tokens: int, max_tokens: int, fixed_tokens: int) -> int:
    """What is left for history and memories; 0 when the rest alone fills the window."""
    return max(0, int(context_tokens * (1 - RESERVE_SHARE)) - max_tokens - fixed_tokens)


def tokens_of(messages: Sequence[ChatMessage], tokens: TokenCounter) -> int:
    return sum(tokens.count(message.content) + MESSAGE_OVERHEAD_TOKENS for message in messages)


def select(
    turns: Sequence[Turn],
    memories: Sequence[Recalled],
    *,
    budget: int,
    memory_limit: int,
    history_is_complete: bool,
    costs: Costs,
) -> Selection:
    """Choose from turns (oldest first) and at most `memory_limit` of the memories (best first).

    `history_is_complete` says that the turns reach back to the epoch, so that nothing was left out already.
    """
    most_for_memories = int(budget * MEMORY_SHARE) if memory_limit else 0
    unknown = _unknown(memories, turns)[:memory_limit]
    for_memories = min(most_for_memories, sum(map(costs.of_memory, unknown)))
    whole = costs.of_turns(turns)
    is_kept_whole = history_is_complete and whole <= budget - for_memories
    history = turns if is_kept_whole else _from_an_anchor(turns, budget - most_for_memories, costs)
    history_tokens = costs.of_turns(history)
    chosen: list[Recalled] = []
    memory_tokens = 0
    for memory in _unknown(memories, history):
        cost = costs.of_memory(memory)
        fits = memory_tokens + cost <= min(most_for_memories, budget - history_tokens)
        if fits and len(chosen) < memory_limit:
            chosen.append(memory)
            memory_tokens += cost
    return Selection(tuple(history), tuple(chosen), history_tokens, memory_tokens)


def _unknown(memories: Sequence[Recalled], history: Sequence[Turn]) -> list[Recalled]:
    """The memories of which a history lacks something: one of the two sides, or the words that their person chose."""
    held = {turn.id for turn in history}
    return [it for it in memories if it.edited is not None or not {it.message, it.reply} <= held]


def _from_an_anchor(turns: Sequence[Turn], budget: int, costs: Costs) -> Sequence[Turn]:
    used, first = 0, len(turns)
    while first > 0 and used + costs.of_turn(turns[first - 1]) <= budget:
        first -= 1
        used += costs.of_turn(turns[first])
    kept = turns[first:]
    near = kept[: int(len(kept) * ANCHOR_WITHIN_SHARE)]
    return kept[next((index for index, turn in enumerate(near) if _is_anchor(turn)), 0) :]


def _is_anchor(turn: Turn) -> bool:
    return zlib.crc32(turn.id.encode()) % ANCHOR_EVERY == 0
