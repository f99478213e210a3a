"""How much is asked of models: every call, and the tokens that the providers counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from engine.domain.reply import ReplyComposed, ReplyErased, ReplyStarted
from projections.projection import Projection, Write, code_of, columns
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)

MOST_TOKENS = 2**31 - 1
"""As many as a column holds: a server that claims more has miscounted, and must not bring the projection to a halt."""


class _Call(NamedTuple):
    reply: str
    person: str
    model: str
    calls: int
    at: datetime
    prompt_tokens: int = 0
    completion_tokens: int = 0


class UsageProjection(Projection):
    name = "usage"
    code = code_of(__file__)
    tables = SQL["tables"]
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        calls: dict[str, _Call] = {}
        answers: dict[str, tuple[int, int]] = {}
        gone: set[str] = set()
        for _, event in facts:
            reply = event.originator_id
            match event:
                case ReplyStarted() if event.model:  # without one it ended as it began, and none was called
                    calls[reply] = _Call(reply, event.person, event.model, event.attempt, event.timestamp)
                case ReplyComposed():
                    asked, answered = _tokens(event, "prompt_tokens"), _tokens(event, "completion_tokens")
                    if reply in calls:
                        calls[reply] = calls[reply]._replace(prompt_tokens=asked, completion_tokens=answered)
                    else:
                        answers[reply] = asked, answered
                case ReplyErased():
                    gone.add(reply)
                    calls.pop(reply, None)
                    answers.pop(reply, None)
        writes: list[Write] = []
        if gone:
            writes.append(Write(SQL["take_back"], [list(gone)]))
        if calls:
            writes.append(Write(SQL["call"], columns(calls.values())))
        if answers:
            writes.append(Write(SQL["answer"], columns((reply, *tokens) for reply, tokens in answers.items())))
        return writes


def _tokens(composed: ReplyComposed, kind: str) -> int:
    return min(composed.because.usage.get(kind, 0), MOST_TOKENS)
