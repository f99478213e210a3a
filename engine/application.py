"""The engine as adapters use it: every command and every question, and the reactors that do the rest.

It is put together in the composition root from ports; nothing here knows what is behind them.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from engine.commands.avatars import Avatars
from engine.commands.erasing import Erasing
from engine.commands.histories import Histories
from engine.commands.memories import Memories
from engine.commands.messages import Messages
from engine.commands.places import Places
from engine.commands.quotes import Quotes
from engine.commands.recording import Recording
from engine.commands.settables import Settables
from engine.commands.undoing import Undoing
from engine.domain.event import JSON
from engine.envelope.envelope import Envelope
from engine.envelope.key_ring import KeyRing
from engine.envelope.refusals import Refusals
from engine.event_log import EventLog
from engine.ports import Model, Postman, Senses, TokenCounter
from engine.reactors.deliverer import Deliverer
from engine.reactors.describing import Describing
from engine.reactors.responder import Responder
from engine.reactors.subscription import Following, following
from engine.reading import (
    Awaited,
    Catalogue,
    ContextReader,
    Conversations,
    Posts,
    Projected,
    Situations,
    Traces,
    Trail,
    Usage,
)
from engine.why import Why


class Reader(
    ContextReader, Conversations, Catalogue, Situations, Posts, Usage, Trail, Traces, Projected, Awaited, Protocol
):
    """Everything that is read from the projections."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """What an engine is put together from."""

    log: EventLog
    reader: Reader
    model: Model
    tokens: TokenCounter
    key_ring: KeyRing
    refusals: Refusals
    instance: Mapping[str, JSON]
    clock: Callable[[], datetime] = now
    senses: Senses | None = None


class Engine:
    """The conversation engine."""

    def __init__(self, parts: Parts) -> None:
        self._erasing = Erasing(parts.log, parts.key_ring)
        self._parts = parts
        self.log = parts.log
        self.read = parts.reader
        self.clock = parts.clock
        self.recording = Recording(parts.log, parts.refusals)
        self.messages = Messages(parts.log, parts.tokens, self._erasing, self.recording)
        self.quotes = Quotes(parts.log, parts.tokens, self._erasing, self.recording)
        self.places = Places(parts.log)
        self.histories = Histories(parts.log)
        self.memories = Memories(parts.log)
        self.settables = Settables(parts.log, parts.key_ring, self.recording)
        self.avatars = Avatars(parts.log, self._erasing)
        self.undoing = Undoing(parts.log, self.settables, parts.reader)
        self.why = Why(parts.log, parts.key_ring)

    def _describing(self, senses: Senses | None) -> Describing | None:
        parts = self._parts
        if senses is None:
            return None
        return Describing(senses, log=parts.log, tokens=parts.tokens, recording=self.recording, clock=parts.clock)

    def person(self, platform: str, account: str) -> str:
        """The opaque id of an account: the same for ever, and nothing without the key ring."""
        return self._parts.key_ring.keyed_hash("person", f"{platform}\0{account}")

    @contextlib.asynccontextmanager
    async def reacting(
        self,
        nats_url: str,
        stream: str,
        postmen: Mapping[str, Postman],
        *,
        roles: frozenset[str] = frozenset({"responder", "deliverer"}),
    ) -> AsyncIterator[None]:
        """Answer, and deliver to the platforms of these postmen, for as long as the context lasts, in these roles."""
        parts = self._parts
        responder = Responder(
            log=parts.log,
            reader=parts.reader,
            projected=parts.reader,
            model=parts.model,
            tokens=parts.tokens,
            key_ring=parts.key_ring,
            instance=parts.instance,
            erasing=self._erasing,
            clock=parts.clock,
            describing=self._describing(parts.senses),
        )
        deliverers = [
            Deliverer(
                postman,
                log=parts.log,
                awaited=parts.reader,
                projected=parts.reader,
                posts=parts.reader,
                key_ring=parts.key_ring,
                clock=parts.clock,
            )
            for postman in postmen.values()
        ]
        settings = Following(nats_url, stream, Envelope(parts.key_ring))
        responders = [responder] if responder.name in roles else []
        async with following(settings, *responders, *(deliverers if "deliverer" in roles else [])):
            yield
