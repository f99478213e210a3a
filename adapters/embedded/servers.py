"""The way in: the servers a data directory holds, running for as long as the context is open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.embedded.attachment import Attachment, Server, close_all
from adapters.embedded.nats_server import NatsServer
from adapters.embedded.postgres import Postgres
from engine.errors import ServersUnavailable


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are. The URLs hold passwords, so they are not shown."""

    nats_url: str | None = field(default=None, repr=False)
    database_url: str | None = field(default=None, repr=False)


@asynccontextmanager
async def embedded_servers(data_dir: Path, *, nats: bool = True, postgres: bool = True) -> AsyncIterator[Servers]:
    """Run the servers asked for below `data_dir`, together with every other process that does the same there.

    They are restarted when they die, at the same address; the last process to leave stops them. The first start
    creates them. Raises ServersUnavailable, with the end of the server's own log, when one does not start.
    """
    nats_attachment = _attachment(NatsServer, data_dir / "nats") if nats else None
    postgres_attachment = _attachment(Postgres, data_dir / "postgres") if postgres else None
    attachments = [attachment for attachment in (nats_attachment, postgres_attachment) if attachment]
    try:
        # both are waited for, also when one fails: nothing may still be starting when the attachments are closed
        results = await asyncio.gather(_open(nats_attachment), _open(postgres_attachment), return_exceptions=True)
        nats_url, database_url = (_value(result) for result in results)
        yield Servers(nats_url, database_url)
    finally:
        await close_all(attachments)


def _attachment(program: Callable[[Path], Server], home: Path) -> Attachment:
    home = home.absolute()
    try:
        for directory in (*reversed(home.parents), home):
            directory.mkdir(mode=0o700, exist_ok=True)
        home.chmod(0o700)
    except OSError as error:
        raise ServersUnavailable(
            f"{home} cannot be made or entered ({error.strerror}): choose another directory with TZUROT_DATA_DIR."
        ) from error
    return Attachment(program(home), home)


def _value(result: str | BaseException | None) -> str | None:
    if isinstance(result, BaseException):
        raise result
    return result


async def _open(attachment: Attachment | None) -> str | None:
    return None if attachment is None else await attachment.open()
