from datetime import UTC, datetime

from adapters.benchmarks.workload import Workload, first_event, last_event
from engine.domain.message import MessageHeard
from engine.domain.reply import ReplyComposed

AT = datetime(2026, 11, 1, tzinfo=UTC)


class CountsWords:
    name = "words"

    def count(self, text: str) -> int:
        return len(text.split())


def test_no_two_commands_concern_the_same_thing() -> None:
    load = Workload(seed=1, at=AT)
    messages = [said.message for _ in range(3) for said in load.messages(50)]
    replies = [answer.reply for answer in load.answers(50)]
    assert len({*messages, *replies}) == 200


def test_the_same_seed_says_the_same() -> None:
    assert Workload(seed=7, at=AT).messages(20) == Workload(seed=7, at=AT).messages(20)
    assert Workload(seed=7, at=AT).messages(20) != Workload(seed=8, at=AT).messages(20)


def test_messages_and_answers_have_the_length_that_is_stated() -> None:
    load = Workload(seed=2, at=AT)
    assert all(20 <= len(said.text.replace(" -", "-").split()) <= 60 for said in load.messages(100))
    assert all(60 <= len(answer.text.replace(" -", "-").split()) <= 120 for answer in load.answers(100))


def test_what_is_published_barely_is_what_the_command_would_append() -> None:
    load = Workload(seed=3, at=AT)
    (said,), (answer,) = load.messages(1), load.answers(1)
    heard, composed = first_event(said, CountsWords()), last_event(answer, CountsWords())
    assert isinstance(heard, MessageHeard)
    assert (heard.originator_version, heard.text) == (1, said.text)
    assert isinstance(composed, ReplyComposed)
    assert (composed.originator_version, composed.text) == (2, answer.text)
