"""A whole engine in the test's process: the composition root, its embedded servers, and a scripted model provider."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from unittest.mock import patch

from adapters.terminal.host import ALL_ROLES, Opened, Role
from engine.application import Engine
from engine.commands.messages import Hear
from engine.domain import Event, Reply
from engine.domain.ids import message_id, place_id, reply_id
from engine.domain.reply import ReplyState
from engine.errors import NotFound
from engine.event_log import LoggedEvent
from engine.settings import Settings
from tests.fakes.postman import Postbox
from tests.scripted_model_server import Received, Server
from tzurot import Root

LOOK_AGAIN_S = 0.01
PATIENCE_S = 30.0
ENDED = (ReplyState.DELIVERED, ReplyState.WITHDRAWN, ReplyState.UNDELIVERABLE, ReplyState.ERASED)

_numbers = count(1)


@dataclass
class Chat:
    """One person in a place of their own."""

    opened: Opened
    model: Server
    postbox: Postbox
    name: str = field(default_factory=lambda: f"chat-{next(_numbers)}")

    @property
    def engine(self) -> Engine:
        return self.opened.engine

    @property
    def person(self) -> str:
        return self.engine.person("terminal", self.name)

    @property
    def place(self) -> str:
        return place_id("terminal", self.name)

    def hearing(self, text: str, *characters: str) -> Hear:
        return Hear(
            message=message_id(self.place, str(next(_numbers))),
            person=self.person,
            text=text,
            addresses=characters or ("bramble",),
            is_private=True,
            at=self.engine.clock(),
        )

    async def say(self, text: str, *characters: str) -> str:
        """Say something; returns the message's id."""
        heard = await self.engine.messages.hear(self.hearing(text, *characters))
        return heard.aggregate.id

    async def say_while_generating(self, text: str, hold: "Hold") -> str:
        """Say something, and return while the model is at it."""
        message = await self.say(text)
        await until(lambda: any(text in one for one in hold.asked))
        return message

    async def reply(self, message: str, character: str = "bramble") -> Reply:
        """The reply once nothing more will become of it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await self.engine.log.find(Reply, reply_id(message, character))
                if found and (found.state in ENDED or (found.failure is not None and found.failure.is_permanent)):
                    return found
                await asyncio.sleep(LOOK_AGAIN_S)

    async def until_composed(self, message: str, character: str = "bramble") -> None:
        """Return when the reply is composed; it is not posted if nothing here delivers."""
        async with asyncio.timeout(PATIENCE_S):
            while "ReplyComposed" not in await self.kinds(message, character):  # noqa: ASYNC110 - another's doing
                await asyncio.sleep(LOOK_AGAIN_S)

    async def until_kinds(self, message: str, kinds: list[str], character: str = "bramble") -> None:
        """Return when exactly these events are on the log of the reply."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.kinds(message, character) != kinds:  # noqa: ASYNC110 - another's doing
                await asyncio.sleep(LOOK_AGAIN_S)

    async def events(self, message: str, character: str = "bramble") -> list[Event]:
        """What is on the log of the reply, oldest first."""
        return [logged.event for logged in await self.logged(message, character)]

    async def kinds(self, message: str, character: str = "bramble") -> list[str]:
        return [type(event).__name__ for event in await self.events(message, character)]

    async def logged(self, message: str, character: str = "bramble") -> list[LoggedEvent]:
        try:
            return await self.engine.log.events_of(reply_id(message, character))
        except NotFound:
            return []


@dataclass
class Hold:
    """Keeps the model from answering until the test lets it."""

    asked: list[str] = field(default_factory=list)
    _may_go: list[Callable[[Received], bool]] = field(default_factory=list)

    def let_go(self, text: str) -> None:
        """Answer the requests that hold this text."""
        self.let_go_if(lambda received: text in _last(received))

    def let_go_if(self, may_go: Callable[[Received], bool]) -> None:
        """Answer the requests of which this is true."""
        self._may_go.append(may_go)

    async def __call__(self, received: Received) -> None:
        self.asked.append(_last(received))
        await until(lambda: any(may_go(received) for may_go in self._may_go))


def _last(received: Received) -> str:
    return str(received.body["messages"][-1]["content"])


@contextmanager
def held(model: Server) -> Iterator[Hold]:
    """Let the model answer only what the test lets it."""
    hold = Hold()
    model.before_answering = hold
    try:
        yield hold
    finally:
        model.before_answering = None
        hold.let_go("")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for is another's doing
            await asyncio.sleep(LOOK_AGAIN_S)


@asynccontextmanager
async def engine_at_work(
    data_dir: Path, model: Server, *, roles: frozenset[Role] = ALL_ROLES, postbox: Postbox | None = None, **more: object
) -> AsyncIterator[Chat]:
    """Open Tzurot as the command line does, with the model at the scripted server; `more` are environment variables."""
    environment = {
        "TZUROT_DATA_DIR": data_dir,
        "OPENAI_BASE_URL": model.base_url,
        "OPENAI_MODEL": "plain",
    }
    postbox = postbox or Postbox()
    with patch("tzurot.TerminalPostman", lambda: postbox):
        async with Root(Settings.model_validate(environment | more)).opened(roles) as opened:
            yield Chat(opened, model, postbox)
