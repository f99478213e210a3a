"""The library's own way to a read model: its projection runner, on its Postgres recorder, into a view in Postgres.

The view does the least that is comparable: one row for each thing, written as each of its events comes, in one
transaction with the position, on a database whose commits wait for no disk, as those of our projections.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, override

import psycopg
from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.benchmarks.contenders import OnRecorder, postgres_environment
from engine.domain import Event
from engine.envelope.sqlite_key_ring import SqliteKeyRing

VIEW = "benchview"
KEY_RING = "BENCH_KEY_RING"
DEADLINE_S = 600.0


class LibraryApplication(OnRecorder):
    """The engine's application on the library's Postgres recorder; the runner makes it from the environment."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._own_key_ring = SqliteKeyRing(Path(env[KEY_RING]))
        super().__init__(self._own_key_ring, dict(env))

    @override
    def close(self) -> None:
        super().close()
        self._own_key_ring.close()


class View(PostgresTrackingRecorder):
    """What is known of each thing, and when each event arrived here."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:
        super().__init__(datastore, **options)
        self.taken_at_s: list[float] = []
        table = sql.Identifier(datastore.schema, "bench_things")
        self._upsert = sql.SQL(
            "insert into {table} values (%s, %s, %s, %s, %s, %s) on conflict (id) do update set"
            " version = excluded.version, type = excluded.type, text = excluded.text, at = excluded.at"
        ).format(table=table)
        self.sql_create_statements.append(
            sql.SQL(
                "create table if not exists {table}"
                " (id text primary key, version bigint, type text, person text, text text, at timestamptz)"
            ).format(table=table)
        )

    def take(self, event: Event, tracking: Tracking) -> None:
        text = getattr(event, "text", None)
        row = (
            event.originator_id,
            event.originator_version,
            type(event).__name__,
            getattr(event, "person", None),
            text if isinstance(text, str) else None,
            event.timestamp,
        )
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._upsert, row, prepare=True)
        self.taken_at_s.append(perf_counter())


class Things(Projection[View]):
    name = VIEW

    @override
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.take(domain_event, tracking)


def environment(database_url: str, key_ring: Path) -> dict[str, str]:
    """For the application, and with a prefix for the view, which is in a database of its own."""
    env = postgres_environment(database_url)
    return {
        **env,
        "ORIGINATOR_ID_TYPE": "text",
        f"{VIEW.upper()}_POSTGRES_DBNAME": VIEW,
        KEY_RING: str(key_ring),
    }


def make_view_database(database_url: str) -> None:
    """A database whose commits do not wait for the disk."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(VIEW)))
        connection.execute(
            sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(VIEW)),
        )
    named = make_conninfo(database_url, dbname=VIEW)
    with psycopg.connect(named, autocommit=True) as connection:
        row = connection.execute("show synchronous_commit").fetchone()
        assert row == ("off",), row


def project(env: Mapping[str, str], stored: Sequence[StoredEvent]) -> float:
    """Record these events, then let the runner take them; returns the events a second from the first to the last."""
    application = LibraryApplication(env)
    ids = application.recorder.insert_events(stored)
    application.close()
    assert ids
    with ProjectionRunner(
        application_class=LibraryApplication, projection_class=Things, view_class=View, env=dict(env)
    ) as runner:
        runner.wait(ids[-1], timeout=DEADLINE_S)
        taken_at_s = list(runner.view.taken_at_s)
    assert len(taken_at_s) == len(stored)
    return (len(taken_at_s) - 1) / (taken_at_s[-1] - taken_at_s[0])
