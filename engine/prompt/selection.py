"""Which turns and memories a prompt holds: what fits the budget, and nothing twice.

Memories may take a quarter of the budget; the history, newest first, takes the rest. Once it no longer fits it begins
at an anchor, a turn picked by its id alone, so that it loses a block now and then instead of one turn every time:
the beginning of the prompt, which providers cache, stays put in between. A turn that the history holds is not
recalled again, and one that it drops may be.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from engine.ports import ChatMessage, TokenCounter
from engine.reading import Recalled, Turn

MEMORY_SHARE = 0.25
RESERVE_SHARE = 0.05
"""Kept free for what our count and the provider's may differ by."""

MESSAGE_OVERHEAD_TOKENS = 4
"""What a chat message costs beyond its text in OpenAI's chat formats."""

MEMORY_OVERHEAD_TOKENS = 24
"""The date and the two names on a memory's line."""

ANCHOR_EVERY = 8
"""On average, every eighth turn is one that a shortened history may begin with."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the prompt holds, with its tokens by part."""

    history: tuple[Turn, ...]
    memories: tuple[Recalled, ...]
    history_tokens: int
    memory_tokens: int


def budget_tokens(context_tokens: int, max_tokens: int, fixed_tokens: int) -> int:
    """What is left for history and memories; 0 when the rest alone fills the window."""
    return max(0, int(context_tokens * (1 - RESERVE_SHARE)) - max_tokens - fixed_tokens)


def tokens_of(messages: Sequence[ChatMessage], tokens: TokenCounter) -> int:
    return sum(tokens.count(message.content) + MESSAGE_OVERHEAD_TOKENS for message in messages)


def select(turns: Sequence[Turn], memories: Sequence[Recalled], *, budget: int, history_is_complete: bool) -> Selection:
    """Choose from turns (oldest first) and memories (best first).

    `history_is_complete` says that the turns reach back to the epoch, so that nothing was left out already.
    """
    memory_budget = min(int(budget * MEMORY_SHARE), sum(_memory_cost(memory) for memory in memories))
    history = _newest_that_fit(turns, budget - memory_budget, is_complete=history_is_complete)
    history_tokens = sum(_turn_cost(turn) for turn in history)
    in_history = {turn.id for turn in history}
    chosen: list[Recalled] = []
    memory_tokens = 0
    for memory in memories:
        cost = _memory_cost(memory)
        is_known = memory.reply in in_history or (memory.message in in_history and memory.edited is None)
        if not is_known and memory_tokens + cost <= min(int(budget * MEMORY_SHARE), budget - history_tokens):
            chosen.append(memory)
            memory_tokens += cost
    return Selection(tuple(history), tuple(chosen), history_tokens, memory_tokens)


def _newest_that_fit(turns: Sequence[Turn], budget: int, *, is_complete: bool) -> Sequence[Turn]:
    used, first = 0, len(turns)
    while first > 0 and used + _turn_cost(turns[first - 1]) <= budget:
        first -= 1
        used += _turn_cost(turns[first])
    if first == 0 and is_complete:
        return turns
    kept = turns[first:]
    anchor = next((index for index, turn in enumerate(kept) if _is_anchor(turn)), 0)
    return kept[anchor:]


def _is_anchor(turn: Turn) -> bool:
    return zlib.crc32(turn.id.encode()) % ANCHOR_EVERY == 0


def _turn_cost(turn: Turn) -> int:
    return turn.tokens + MESSAGE_OVERHEAD_TOKENS


def _memory_cost(memory: Recalled) -> int:
    return memory.tokens + MEMORY_OVERHEAD_TOKENS
