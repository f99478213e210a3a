"""Times, ids and bits as Discord's JSON writes them."""

from datetime import datetime


def timestamp(moment: datetime) -> str:
    """ISO 8601 with microseconds and offset, as in the docs' examples."""
    return moment.isoformat(timespec="microseconds")


def timestamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)


def snowflake(id: int) -> str:
    return str(id)


def snowflake_or_none(id: int | None) -> str | None:
    return None if id is None else str(id)
