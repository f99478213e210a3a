"""How much is asked of models: every call, and the tokens that the providers counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from engine.domain.reply import ReplyComposed, ReplyErased, ReplyStarted
from projections.projection import Projection, Write, code_of, columns
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)


class _Call(NamedTuple):
    reply: str
    person: str
    model: str
    calls: int
    at: datetime


class UsageProjection(Projection):
    name = "usage"
    code = code_of(__file__)
    tables = SQL["tables"]
    indices = b""

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        calls: dict[str, _Call] = {}
        answers: dict[str, tuple[int, int]] = {}
        gone: set[str] = set()
        for _, event in facts:
            reply = event.originator_id
            match event:
                case ReplyStarted():
                    calls[reply] = _Call(reply, event.person, event.model, event.attempt, event.timestamp)
                case ReplyComposed():
                    usage = event.because.usage
                    answers[reply] = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
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
