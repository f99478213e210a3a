"""A log as months of use would leave it: the events of a stated mix, valid and in an order that could have been.

Every event is made by the aggregates themselves, so none is there that the engine would not have written; only who
says what, and when, is made up. The same seed makes the same events, ids included. Pure.

Out of a hundred events: 42 messages; 42 of replies (14 replies started, composed, delivered); 3 edits of messages;
3 of erasures (tombstones and receipts); 5 settings; 2 history clears; 3 of memories.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from adapters.benchmarks.cast import Cast, cast_of
from adapters.benchmarks.words import text_of
from adapters.benchmarks.workload import MESSAGE_WORDS, MODEL, REPLY_WORDS, SETTINGS, because
from engine.domain import Aggregate, Choice, Erasure, Event, History, Memory, Message, Reply
from engine.domain.ids import (
    DEFAULT_PERSONA,
    choice_id,
    erasure_id,
    history_id,
    memory_id,
    message_id,
    reply_id,
)
from engine.ports import TokenCounter

SECONDS_BETWEEN = 61
KEPT_TALKS = 2_000
"""So many of the last messages may still be edited, erased or have their memory touched."""

TALKS_LOOKED_AT = 8
"""A third of the talks are answered, so that one of so many nearly always is."""

TURNS_SHOWN = 10
STEPS: Mapping[str, float] = {
    "message": 28,
    "turn": 14,
    "edit": 3,
    "erase": 1,
    "setting": 5,
    "clear": 2,
    "memory": 3,
}
"""How often each step is taken, in relation to the others; a turn is four events, an erasure up to three."""


@dataclass(frozen=True, slots=True)
class Step:
    """Events that follow one another, and what their commands delete afterwards: subjects, each below a version."""

    events: tuple[Event, ...]
    superseded: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class _Talk:
    """A message, where its events stand, and the reply to it if there is one."""

    message: Message
    positions: list[int]
    person: str
    character: str
    reply: Reply | None = None
    reply_positions: list[int] = field(default_factory=list)
    memory: Memory | None = None
    memory_positions: list[int] = field(default_factory=list)


class Mix:
    """Makes the events of a log, one step after the other."""

    def __init__(self, *, seed: int, people: int, began: datetime, tokens: TokenCounter, first_position: int) -> None:
        self._random = Random(seed)  # noqa: S311 - it makes up text, not keys
        self._seed = seed
        self._at = began
        self._tokens = tokens
        self._position = first_position - 1
        self._number = 0
        self.cast: Cast = cast_of(self._random, people, self._hash, began)
        self._to_introduce = deque(self.cast.introductions)
        self._talks: deque[_Talk] = deque(maxlen=KEPT_TALKS)
        self._shown: dict[str, deque[str]] = {}
        self._histories: dict[str, History] = {}
        self._choices: dict[str, Choice] = {}

    def steps(self, events: int) -> Iterator[Step]:
        """Steps until so many more events are made, or a few beyond; the first ever introduce people and characters."""
        while self._to_introduce:
            step = self._step(*self._to_introduce.popleft())
            events -= len(step.events)
            yield step
        takes: Mapping[str, Callable[[], Step | None]] = {
            "message": lambda: self._talk(is_answered=False),
            "turn": lambda: self._talk(is_answered=True),
            "edit": self._edit,
            "erase": self._erase,
            "setting": self._setting,
            "clear": self._clear,
            "memory": self._memory,
        }
        names, weights = list(STEPS), list(STEPS.values())
        while events > 0:
            (name,) = self._random.choices(names, weights)
            taken = takes[name]()
            if taken is not None:
                events -= len(taken.events)
                yield taken

    def _talk(self, *, is_answered: bool) -> Step:
        cast, random = self.cast, self._random
        self._number += 1
        person, character = random.choice(cast.people), random.choice(cast.characters)
        place = random.choice(cast.places)
        text = text_of(random, *MESSAGE_WORDS)
        message = Message.hear(
            message_id(place, str(self._number)),
            person=person,
            text=text,
            tokens=self._tokens.count(text),
            addresses=(character,) if is_answered else (),
            is_private=False,
            at=self._later(),
        )
        talk = _Talk(message, [], person, character)
        self._talks.append(talk)
        shown = self._shown.setdefault(place, deque(maxlen=TURNS_SHOWN))
        if is_answered:
            talk.reply = self._answer(talk, tuple(shown))
            shown.append(talk.reply.id)
        shown.append(message.id)
        step = self._step(message, *([talk.reply] if talk.reply else []))
        talk.positions.append(self._position - len(step.events) + 1)
        talk.reply_positions += range(self._position - len(step.events) + 2, self._position + 1)
        return step

    def _answer(self, talk: _Talk, shown: tuple[str, ...]) -> Reply:
        message, person = talk.message, talk.person
        reply = Reply.start(
            reply_id(message.id, talk.character),
            person=person,
            persona=DEFAULT_PERSONA,
            character=talk.character,
            message=message.id,
            message_version=1,
            model=MODEL,
            at=self._later(),
        )
        text = text_of(self._random, *REPLY_WORDS)
        reply.compose(
            text=text,
            tokens=self._tokens.count(text),
            because=because(message.id, person, talk.character, self._at, history=shown),
            settings=SETTINGS,
            answers_old_text=False,
            at=self._later(),
        )
        reply.deliver(at=self._later())
        return reply

    def _edit(self) -> Step | None:
        talk = self._some_talk()
        if talk is None:
            return None
        text = text_of(self._random, *MESSAGE_WORDS)
        talk.message.edit(
            text=text, tokens=self._tokens.count(text), heard_position=talk.positions[0], at=self._later()
        )
        step = self._step(talk.message)
        talk.positions[1:] = [self._position]
        return Step(step.events, ((talk.message.id, talk.message.version),))

    def _erase(self) -> Step | None:
        talk = self._some_talk()
        if talk is None:
            return None
        self._talks.remove(talk)
        receipt = self._hash("receipt", talk.message.id)
        erased: list[Message | Reply | Memory] = [talk.message]
        talk.message.erase(receipt=receipt, reason="asked", at=self._later())
        if talk.reply is not None:
            talk.reply.erase(receipt=receipt, at=self._later())
            erased.append(talk.reply)
        if talk.memory is not None:
            talk.memory.erase(receipt=receipt, at=self._later())
            erased.append(talk.memory)
        completed = Erasure.complete(
            erasure_id(receipt),
            subjects=tuple(it.id for it in erased),
            positions=(*talk.positions[-1:], *talk.reply_positions, *talk.memory_positions),
            remaining=0,
            at=self._later(),
        )
        return Step(self._step(*erased, completed).events, tuple((it.id, it.version) for it in erased))

    def _setting(self) -> Step:
        random, cast = self._random, self.cast
        kind = random.choice(("preset", "persona", "choice", "character"))
        match kind:
            case "preset":
                preset = random.choice(cast.presets)
                warmth = round(random.uniform(0, 2), 3)
                preset.edit(person=preset.person, changes={"temperature": warmth}, at=self._later())
                return self._step(preset)
            case "persona":
                persona = random.choice(cast.personas)
                persona.edit(person=persona.person, changes={"about": text_of(random, 10, 60)}, at=self._later())
                return self._step(persona)
            case "character":
                character = random.choice(cast.cards)
                character.edit(person=character.person, changes={"goals": text_of(random, 10, 60)}, at=self._later())
                return self._step(character)
        return self._step(self._choose(random.choice(cast.people), random.choice(cast.characters)))

    def _choose(self, person: str, character: str) -> Choice:
        id_, chosen = choice_id(person, character), self._random.choice(self.cast.presets).id
        found = self._choices.get(id_)
        if found is None:
            found = Choice.first_edit(id_, person=person, changes={"preset": chosen}, at=self._later())
            self._choices[id_] = found
            return found
        found.edit(person=person, changes={"preset": chosen}, at=self._later())
        return found

    def _clear(self) -> Step:
        random = self._random
        id_ = history_id(random.choice(self.cast.people), DEFAULT_PERSONA, random.choice(self.cast.characters))
        history = self._histories.get(id_)
        if history is None:
            history = self._histories[id_] = History.first_clear(id_, at=self._later())
        elif history.clears and random.random() < 1 / 2:
            history.undo_clear(at=self._later())
        else:
            history.clear(at=self._later())
        return self._step(history)

    def _memory(self) -> Step | None:
        talk = self._some_talk(answered=True)
        if talk is None or talk.reply is None:
            return None
        at = self._later()
        memory = talk.memory = talk.memory or Memory.untouched(memory_id(talk.reply.id), at=at)
        if memory.is_forgotten:
            memory.restore(at=at)
        elif memory.is_locked:
            memory.unlock(at=at)
        else:
            match self._random.choice(("forget", "lock", "edit")):
                case "forget":
                    memory.forget(at=at)
                case "lock":
                    memory.lock(at=at)
                case _:
                    memory.edit(person=talk.person, text=text_of(self._random, *MESSAGE_WORDS), at=at)
        step = self._step(memory)
        talk.memory_positions.append(self._position)
        return step

    def _some_talk(self, *, answered: bool = False) -> _Talk | None:
        """One of the last talks; None if there is none, or none with an answer among those that were looked at."""
        looked_at = self._random.choices(self._talks, k=TALKS_LOOKED_AT if answered else 1) if self._talks else []
        return next((talk for talk in looked_at if talk.reply is not None or not answered), None)

    def _step(self, *aggregates: Aggregate) -> Step:
        events: list[Event] = []
        for aggregate in aggregates:
            for event in aggregate.collect_events():
                assert isinstance(event, Event)
                events.append(event)
        self._position += len(events)
        return Step(tuple(events))

    def _later(self) -> datetime:
        self._at += timedelta(seconds=SECONDS_BETWEEN)
        return self._at

    def _hash(self, purpose: str, text: str) -> str:
        """Stands in for the key ring's keyed hash: of the same form, and the same for the same seed."""
        return hashlib.sha256(f"{self._seed}\0{purpose}\0{text}".encode()).hexdigest()[:32]
