"""Polls: what is refused, and how one begins. Source: docs, resources/poll, "Poll Create Request Object"."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.discord.simulated.problems import (
    Problem,
    at,
    bad_flag,
    bad_list,
    bad_number,
    bad_text,
    missing,
    unknown,
)
from adapters.discord.simulated.world.messages import Poll

MOST_ANSWERS = 10
LONGEST_QUESTION_CHARS = 300
LONGEST_ANSWER_CHARS = 55
MOST_HOURS = 768  # 32 days
USUAL_HOURS = 24
FIELDS = frozenset({"question", "answers", "duration", "allow_multiselect", "layout_type"})


def poll_problems(path: str, poll: object) -> Iterator[Problem]:
    if poll is None:
        return
    if not isinstance(poll, Mapping):
        yield Problem(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    yield from unknown(path, poll, FIELDS)
    yield from missing(path, poll, "question", "answers")
    question = at(path, "question.text")
    yield from bad_text(question, (poll.get("question") or {}).get("text"), 1, LONGEST_QUESTION_CHARS)
    yield from bad_list(at(path, "answers"), poll.get("answers"), 1, MOST_ANSWERS)
    for position, answer in enumerate(poll.get("answers") or ()):
        where = at(at(path, "answers"), position)
        yield from missing(where, answer, "poll_media")
        text = (answer.get("poll_media") or {}).get("text")
        yield from bad_text(at(where, "poll_media.text"), text, 1, LONGEST_ANSWER_CHARS)
    yield from bad_number(at(path, "duration"), poll.get("duration"), 1, MOST_HOURS)
    yield from bad_flag(at(path, "allow_multiselect"), poll.get("allow_multiselect"))


def begun(told: Mapping[str, Any], now: datetime) -> Poll:
    answers = [
        {"answer_id": number, "poll_media": answer["poll_media"]} for number, answer in enumerate(told["answers"], 1)
    ]
    return Poll(
        question=told["question"]["text"],
        answers=answers,
        expiry=now + timedelta(hours=told.get("duration") or USUAL_HOURS),
        is_multiselect=bool(told.get("allow_multiselect")),
        votes={answer["answer_id"]: [] for answer in answers},
    )
