"""Logs that a town of people might have left behind: every kind of event, in an order that a seed decides."""

import random
from collections.abc import Iterator
from typing import Any

from engine.domain import Event
from engine.domain.character import CharacterCreated, CharacterDeleted, CharacterEdited, CharacterRestored
from engine.domain.claim import Claimed
from engine.domain.erasure import ErasureCompleted
from engine.domain.memory import (
    MemoryEdited,
    MemoryErased,
    MemoryForgotten,
    MemoryLocked,
    MemoryRestored,
    MemoryUnlocked,
)
from engine.domain.message import AttachmentsShown, MessageHeard
from engine.domain.person import ChoiceMade, PersonaCreated, PersonaDeleted, PersonaEdited, PersonEdited, PersonMet
from engine.domain.place import PlaceActivated, PlaceDeactivated
from engine.domain.preset import PresetCreated, PresetEdited
from engine.domain.quote import MessageQuoted
from engine.domain.reply import ReplyFailed, ReplyPosted, ReplyStarted, ReplyUndeliverable, ReplyWithdrawn
from tests.builders import attachment
from tests.fakes.conversations import Script
from tests.fakes.log_source import LogInMemory

TAKES_WORDS_OFF = ("MessageEdited", "MessageErased", "ReplyErased", "MemoryErased", "MessageQuoted", "QuoteErased")
WORDS = ("cat", "dog", "garden", "rain", "tea", "piano", "ladder", "moon", "river", "bread", "lantern", "ship")
PEOPLE = ("ana", "ben", "cleo")


def tell_story(seed: int, log: LogInMemory, *, messages: int) -> int:
    """Append a whole story; returns the last position."""
    for event in told_by(seed, log, messages=messages):
        log.append(event)
    return log.last_position()


def settings(script: Script) -> Iterator[Event]:
    for person in PEOPLE:
        yield script.created(PersonMet, f"person.{person}", person=person, name=person.title())
        yield script.created(PersonaCreated, f"persona.{person}.default", person=person, name=person.title())
    yield script.created(
        CharacterCreated, "character.lyra", name="Lyra", slug="lyra", is_public=True, aliases=["Keeper"]
    )
    yield script.event(Claimed, "claim.slug.lyra", by="character.lyra")
    yield script.created(CharacterCreated, "character.finn", name="Finn", slug="finn")
    yield script.event(PlaceActivated, "place.terminal-0", character="lyra", person="ana", server="s1")
    yield script.changed(ChoiceMade, "choice.ana.finn", aliases=["Buddy", "Old Finn"])
    yield script.created(PresetCreated, "preset.ana.calm", name="Calm", temperature=0.5)


def told_by(seed: int, log: LogInMemory, *, messages: int) -> Iterator[Event]:
    """Events one after another; those that an edit or a tombstone supersedes are deleted once it is appended."""
    chance = random.Random(seed)
    script = Script(is_private=False)
    yield from settings(script)
    heard: list[MessageHeard] = []
    quotes: list[MessageQuoted] = []
    positions: dict[str, int] = {}
    replies: list[str] = []
    for number in range(messages):
        text = " ".join(chance.choices(WORDS, k=8))
        brought: dict[str, Any] = {}
        if chance.random() < 0.3:
            quoted = script.quote(10_000 + number, " ".join(chance.choices(WORDS, k=5)), person=chance.choice(PEOPLE))
            yield quoted
            quotes.append(quoted)
            refers_to = (quoted.originator_id, *(it.originator_id for it in heard[-1:]))
            brought = {"refers_to": refers_to, "in_reply_to": refers_to[-1], "attachments": (attachment(),)}
        place = f"terminal-{number % 3}"
        said = script.hear(number, text, person=chance.choice(PEOPLE), place=place, **brought)
        heard.append(said)
        yield said
        positions[said.originator_id] = log.last_position()
        if brought and number % 2:
            yield script.event(AttachmentsShown, said.originator_id, attempt=1, calls={"sees": 1})
            yield script.describe(said, a1="a " + WORDS[number % len(WORDS)])
        if chance.random() < 0.8:
            *before, delivered = script.answer(said, " ".join(chance.choices(WORDS, k=12)))
            yield from before
            if chance.random() < 0.1:
                yield script.withdraw(delivered.originator_id)
            else:
                yield delivered
                replies.append(delivered.originator_id)
        for event in _something_else(chance, script, (heard, replies, quotes), positions):
            yield event
            if type(event).__name__ in TAKES_WORDS_OFF:
                log.erase_before(event.originator_id, event.originator_version)


def _something_else(  # noqa: C901, PLR0912, PLR0915 -- a list of what may happen
    chance: random.Random,
    script: Script,
    said: tuple[list[MessageHeard], list[str], list[MessageQuoted]],
    positions: dict[str, int],
) -> Iterator[Event]:
    heard, replies, quotes = said
    it = chance.choice(heard)
    reply = chance.choice(replies) if replies else None
    match chance.randrange(22):
        case 0:
            yield script.edit(it, "edited to " + chance.choice(WORDS), heard_position=positions[it.originator_id])
        case 1:
            heard.remove(it)
            yield script.delete(it.originator_id)
        case 2:
            heard.remove(it)
            yield script.erase(it.originator_id)
            theirs = f"reply.{it.originator_id.removeprefix('message.')}."
            erased = [one for one in replies if one.startswith(theirs)]
            for one in erased:
                replies.remove(one)
                yield script.erase_reply(one)
                yield script.touch(MemoryErased, one, receipt="r1")
            for other in [one for one in script.versions if one.startswith(theirs) and one not in erased]:
                yield script.erase_reply(other)
            receipt = f"erasure.{it.originator_id.replace('.', '-')}"
            yield script.event(ErasureCompleted, receipt, subjects=(it.originator_id,), positions=(), remaining=0)
        case 3:
            yield script.clear()
        case 4 if script.versions.get("history.ana.default.lyra"):
            yield script.undo_clear(chance.randint(1, script.versions["history.ana.default.lyra"]))
        case 5 if script.versions.get("history.ana.default.lyra"):
            yield script.clear(again=1)
        case 6 if reply:
            kind = chance.choice((MemoryForgotten, MemoryRestored, MemoryLocked, MemoryUnlocked))
            yield script.touch(kind, reply)
        case 7 if reply:
            yield script.touch(MemoryEdited, reply, person="ana", text=chance.choice((None, "about a ship")))
        case 8:
            yield script.changed(CharacterEdited, "character.lyra", tone=chance.choice(("dry", "warm", None)))
        case 9:
            yield script.event(CharacterDeleted, "character.finn")
            yield script.event(CharacterRestored, "character.finn")
        case 10:
            yield script.changed(PresetEdited, "preset.ana.calm", temperature=chance.choice((0.25, 0.75)))
        case 11:
            yield script.changed(PersonEdited, "person.ben", timezone=chance.choice(("Europe/Rome", None)))
        case 12:
            changes = {"about": chance.choice(WORDS)}
            yield script.event(PersonaEdited, "persona.cleo.default", person="cleo", changes=changes)
        case 13:
            yield script.changed(ChoiceMade, "choice.ana.lyra", preset="preset.ana.calm")
        case 14:
            yield script.event(PersonaDeleted, "persona.ben.default")
        case 15 if it in heard:
            started = script.start(it, n=2)
            yield started
            yield script.fail(started.originator_id)
            yield from script.answer(it, "another answer", n=2)
            replies.append(started.originator_id)
        case 16 if quotes:
            number = int(quotes[-1].originator_id.rpartition(".")[2])
            yield script.quote(number, "other words", person=quotes[-1].person)
        case 17 if quotes:
            yield script.erase_quote(quotes.pop().originator_id)
        case 18:
            where = f"place.terminal-{chance.randrange(3)}"
            yield script.event(PlaceActivated, where, character="finn", person="ben", server="s1")
            yield script.event(PlaceDeactivated, where, person="ben", server=None, inherits=chance.random() < 0.5)
        case 19:
            yield script.changed(CharacterEdited, "character.finn", aliases=chance.choice((["Fin", "Red"], None)))
            yield script.changed(ChoiceMade, "choice.ana.lyra", aliases=chance.choice((["Star"], None)))
        case 20 | 21 if it in heard:
            yield from _ends_otherwise(
                chance.choice(("failed", "told", "repeat", "undeliverable", "again")), script, it
            )


def _ends_otherwise(how: str, script: Script, heard: MessageHeard) -> Iterator[Event]:
    """A further reply, which does not go the usual way."""
    n = script.seconds
    started = script.start(heard, n=n)
    reply = started.originator_id
    fields = {name: getattr(started, name) for name in ReplyStarted.model_fields if name not in Event.model_fields}
    match how:
        case "failed" | "told":
            yield started
            yield script.event(ReplyFailed, reply, attempt=1, reason="timeout", message="Too slow.", is_permanent=True)
            if how == "told":
                yield script.event(ReplyPosted, reply, chunk=0, chunks=1, post=f"p{n}")
        case "repeat":
            yield started.model_copy(update={"model": ""})
            yield script.event(ReplyWithdrawn, reply, reason="repeat")
        case "undeliverable":
            yield started
            yield script.compose(reply, "nobody reads this")
            yield script.event(ReplyUndeliverable, reply, reason="no permission", message="Not there.")
        case _:
            yield started
            yield script.event(ReplyStarted, reply, **fields | {"attempt": 2, "model": "other"})
            yield script.compose(reply, "at the second try")
            yield script.event(ReplyPosted, reply, chunk=0, chunks=1, post=f"p{n}")
            yield script.deliver(reply)
