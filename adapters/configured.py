"""Servers that NATS_URL and DATABASE_URL name: whether they answer at all, asked once before anything is opened.

Whoever is running waits for a server that went away and comes back. Whoever starts is told soon instead: a wrong
address never gets better, and what comes up beside us is up within the patience.
"""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
from psycopg.conninfo import conninfo_to_dict

from engine.errors import Misconfigured, ServersUnavailable
from engine.log.addresses import Address, parse_addresses

PATIENCE_S = 4.0
"""How long servers have for their first answer, all attempts together."""

LOOK_AGAIN_S = 0.2

GREETING = b"INFO "

type Ask = Callable[[], Awaitable[None]]


class NoAnswer(Exception):
    """A server did not answer this time."""


async def check_configured(*, nats_url: str | None, database_url: str | None, patience_s: float = PATIENCE_S) -> None:
    """Return once each server that is given has answered. Raises ServersUnavailable, Misconfigured."""
    if nats_url is not None:
        await _answered("NATS_URL", *_nats(nats_url), patience_s)
    if database_url is not None:
        await _answered("DATABASE_URL", *_postgres(database_url), patience_s)


async def _answered(variable: str, where: str, ask: Ask, patience_s: float) -> None:
    try:
        async with asyncio.timeout(patience_s):
            while True:
                try:
                    return await ask()
                except (OSError, NoAnswer):  # it may be coming up just now
                    await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise ServersUnavailable(
            f"No server answers at {where}, where {variable} points: start it, correct {variable}, or unset it to use "
            "the embedded one."
        ) from None


def _nats(url: str) -> tuple[str, Ask]:
    addresses = parse_addresses(url)

    async def ask() -> None:
        answers = await asyncio.gather(*map(_greet, addresses), return_exceptions=True)
        if not any(answer is None for answer in answers):
            raise NoAnswer

    return ", ".join(map(str, addresses)), ask


async def _greet(address: Address) -> None:
    """A nats-server speaks first, unless the connection is encrypted from its start."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        if not address.is_tls and not (await reader.readline()).startswith(GREETING):
            raise NoAnswer
    finally:
        writer.transport.abort()


def _postgres(url: str) -> tuple[str, Ask]:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its message may quote the part that holds the password
        raise Misconfigured(
            "DATABASE_URL cannot be read: it takes the form postgresql://user:password@host:port/database"
        ) from None

    async def ask() -> None:
        try:
            connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        except psycopg.OperationalError as error:
            raise NoAnswer from error
        await connection.close()

    return f"{parts.get('host') or 'this machine'}:{parts.get('port') or 5432}", ask
