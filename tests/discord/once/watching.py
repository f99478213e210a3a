"""What is being put on the log, told in the moment in which it is sent to the log's server.

Also what the server then refuses, since somebody was faster: good for choosing a moment and for looking again, not
for counting.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import nats
from nats.aio.msg import Msg

from engine.log.subjects import EVENTS, stream_name

type OnEvent = Callable[[str, str], None]
"""Told the type of an event and its aggregate's id."""


@dataclass(slots=True)
class Watch:
    listeners: set[OnEvent] = field(default_factory=set)

    async def see(self, message: Msg) -> None:
        kind = (message.headers or {}).get("T", "").rpartition(":")[2].rpartition(".")[2]
        subject = message.subject.split(f".{EVENTS}.", 1)[1]
        for listener in list(self.listeners):
            listener(kind, subject)


@asynccontextmanager
async def watched(nats_url: str, log_name: str) -> AsyncIterator[Watch]:
    client = await nats.connect(nats_url)
    try:
        watch = Watch()
        await client.subscribe(f"{stream_name(log_name)}.{EVENTS}.>", cb=watch.see)
        await client.flush()
        yield watch
    finally:
        await client.close()
