"""The commands that `bench append` measures, of realistic size and each of them new. Pure."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from adapters.benchmarks.words import text_of
from engine.commands.messages import Hear
from engine.domain import Because, Event, Message, Reply
from engine.domain.because import Used, UsedTurn
from engine.domain.event import JSON
from engine.domain.ids import character_id, message_id, person_id, persona_id, place_id, reply_id
from engine.ports import TokenCounter

PEOPLE = 50
PLACES = 20
CHARACTERS = ("lyra", "moss", "orin")
MESSAGE_WORDS = (20, 60)
REPLY_WORDS = (60, 120)
HISTORY_TURNS = 10
MODEL = "bench/model"
SETTINGS: Mapping[str, JSON] = {
    "model": {"value": MODEL, "source": "character"},
    "temperature": {"value": 0.8, "source": "preset"},
    "max_tokens": {"value": 400, "source": "instance"},
    "context_tokens": {"value": 131_072, "source": "default"},
}


@dataclass(frozen=True, slots=True)
class Compose:
    """An answer to be composed: its reply has to be started first."""

    reply: str
    person: str
    character: str
    message: str
    text: str
    because: Because
    at: datetime

    def start(self) -> Reply:
        return Reply.start(
            self.reply,
            person=self.person,
            persona="default",
            character=self.character,
            message=self.message,
            message_version=1,
            model=MODEL,
            at=self.at,
        )


@dataclass(slots=True)
class Workload:
    """Commands without end; no two concern the same thing."""

    seed: int
    at: datetime
    _random: Random = field(init=False)
    _numbers: Iterator[int] = field(init=False, default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - it makes up text, not keys

    def messages(self, count: int) -> list[Hear]:
        return [self._message() for _ in range(count)]

    def answers(self, count: int) -> list[Compose]:
        return [self._answer() for _ in range(count)]

    def _message(self) -> Hear:
        random = self._random
        number = next(self._numbers)
        return Hear(
            message=message_id(place_id("bench", f"{self.seed}-{number % PLACES}"), str(number)),
            person=f"{random.randrange(PEOPLE):032x}",
            text=text_of(random, *MESSAGE_WORDS),
            addresses=(random.choice(CHARACTERS),),
            is_private=False,
            at=self.at,
        )

    def _answer(self) -> Compose:
        said = self._message()
        character = said.addresses[0]
        return Compose(
            reply=reply_id(said.message, character),
            person=said.person,
            character=character,
            message=said.message,
            text=text_of(self._random, *REPLY_WORDS),
            because=because(said.message, said.person, character, said.at, history=_turns_before(said.message)),
            at=said.at,
        )


def because(message: str, person: str, character: str, at: datetime, *, history: Sequence[str]) -> Because:
    """A record of the usual kind; `history` are the ids of messages and replies, oldest first."""
    return Because(
        renderer=1,
        at=at.isoformat(),
        timezone="UTC",
        is_private=False,
        character=Used(id=character_id(character), version=1),
        person=Used(id=person_id(person), version=1),
        persona=Used(id=persona_id(person), version=1),
        message=Used(id=message, version=1),
        history=tuple(_used_turn(turn, person) for turn in history),
        tokens={"fixed": 310, "history": 1_480, "memories": 0, "budget": 131_072},
        token_counter="o200k_base",  # noqa: S106 - an encoding's name
        model=MODEL,
        parameters={"temperature": 0.8, "max_tokens": 400},
        answered_by=MODEL,
        finish_reason="stop",
        usage={"prompt_tokens": 1_790, "completion_tokens": 120},
        first_token_s=0.41,
        total_s=2.93,
        prompt_hash="0" * 32,
    )


def _turns_before(message: str) -> list[str]:
    return [f"{message}-{turn}" for turn in range(HISTORY_TURNS)]


def _used_turn(turn: str, person: str) -> UsedTurn:
    if turn.startswith("reply."):
        return UsedTurn(id=turn, version=2, kind="reply")
    return UsedTurn(id=turn, version=1, kind="message", speaker=Used(id=persona_id(person), version=1))


def complete(reply: Reply, answer: Compose, tokens: TokenCounter) -> None:
    reply.compose(
        text=answer.text,
        tokens=tokens.count(answer.text),
        because=answer.because,
        settings=SETTINGS,
        answers_old_text=False,
        at=answer.at,
    )


def first_event(said: Hear, tokens: TokenCounter) -> Event:
    """The event that hearing leads to."""
    heard = Message.hear(
        said.message,
        person=said.person,
        text=said.text,
        tokens=tokens.count(said.text),
        addresses=said.addresses,
        is_private=said.is_private,
        at=said.at,
    )
    return _last_pending(heard)


def last_event(answer: Compose, tokens: TokenCounter) -> Event:
    """The event that composing leads to."""
    reply = answer.start()
    complete(reply, answer, tokens)
    return _last_pending(reply)


def _last_pending(aggregate: Message | Reply) -> Event:
    event = aggregate.pending_events[-1]
    assert isinstance(event, Event)
    return event
