"""What a stream of Chat Completions chunks has said so far: pure, and suspicious of every field.

Chunks are the JSON that arrived, untouched, because providers stretch the format in ways that typed chunks reject:
usage comes with an empty `choices`, reasoning under three names, an error inside a choice, content as a list of parts.
Only the first choice counts. A stream has succeeded when, and only when, it has stated a finish reason other than
"error".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.ports import Usage

THINK_OPENS, THINK_CLOSES = "<think>", "</think>"

MOST_TOKENS = 2**31 - 1
"""Of one request; whoever counts more has miscounted, and numbers without bound do not fit the log."""


class Accumulator:
    """Takes chunks in the order of their arrival; its attributes are what they add up to."""

    def __init__(self) -> None:
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self.chunks = 0
        self.finish_reason: str | None = None
        self.model: str | None = None
        self.usage: Usage | None = None
        self.error: Mapping[str, Any] | None = None

    @property
    def text(self) -> str:
        return without_thinking("".join(self._content))[0]

    @property
    def reasoning(self) -> str:
        return "".join(self._reasoning) or without_thinking("".join(self._content))[1]

    @property
    def is_finished(self) -> bool:
        return self.finish_reason is not None

    def take(self, chunk: object) -> bool:
        """Add one chunk; true when it brought a token, which a ping, a role or a usage report is not."""
        self.chunks += 1
        if not isinstance(chunk, Mapping):
            return False
        if isinstance(model := chunk.get("model"), str) and model:
            self.model = model
        self.usage = usage_of(chunk.get("usage")) or self.usage
        self._note_error(chunk.get("error"))
        brought_token = False
        for choice in _mappings(chunk.get("choices")):
            brought_token |= self._take_choice(choice)
        return brought_token

    def _take_choice(self, choice: Mapping[str, Any]) -> bool:
        if choice.get("index") not in (0, None):
            return False
        self._note_error(choice.get("error"))
        # A server that ignores `stream` answers with one whole `message` in place of deltas.
        delta = choice.get("delta") or choice.get("message")
        delta = delta if isinstance(delta, Mapping) else {}
        content, reasoning = text_of(delta.get("content")), reasoning_of(delta)
        if content:
            self._content.append(content)
        if reasoning:
            self._reasoning.append(reasoning)
        if isinstance(reason := choice.get("finish_reason"), str) and reason:
            self.finish_reason = reason
        return bool(content or reasoning)

    def _note_error(self, error: object) -> None:
        if isinstance(error, Mapping):
            self.error = error
        elif isinstance(error, str) and error:
            self.error = {"message": error}


def text_of(content: object) -> str:
    """The text of a `content` field: a string, or a list of parts of which those of type text count."""
    if isinstance(content, str):
        return content
    parts = (part.get("text") for part in _mappings(content) if part.get("type", "text") == "text")
    return "".join(part for part in parts if isinstance(part, str))


def reasoning_of(delta: Mapping[str, Any]) -> str:
    """The reasoning under the first of its names that is filled: some providers send the same text under two."""
    for name in ("reasoning", "reasoning_content"):
        if isinstance(said := delta.get(name), str) and said:
            return said
    details = (part.get("text") or part.get("summary") for part in _mappings(delta.get("reasoning_details")))
    return "".join(part for part in details if isinstance(part, str))


def without_thinking(content: str) -> tuple[str, str]:
    """Split content into what is said and what is thought, for servers that leave `<think>` in front of the answer."""
    opened = content.lstrip()
    if not opened.startswith(THINK_OPENS):
        return content, ""
    thought, closed, said = opened.removeprefix(THINK_OPENS).partition(THINK_CLOSES)
    return (said.lstrip(), thought.strip()) if closed else ("", thought.strip())


def usage_of(usage: object) -> Usage | None:
    if not isinstance(usage, Mapping):
        return None
    return Usage(
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        reasoning_tokens=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(counts: object, name: str) -> int:
    number = counts.get(name) if isinstance(counts, Mapping) else None
    return min(number, MOST_TOKENS) if isinstance(number, int) and number > 0 else 0


def _mappings(items: object) -> Iterable[Mapping[str, Any]]:
    return (item for item in items if isinstance(item, Mapping)) if isinstance(items, list) else ()
