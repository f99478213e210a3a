"""Messages of Discord and situations, for tests that state only what matters."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from adapters.discord.hearing.deciding import Ourselves
from adapters.discord.hearing.said import Author, Content, Reference, Said, Where
from engine.reading import Answered, FieldsAt, Situation

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURSELVES = Ourselves(user="900000000000000001", application="900000000000000002")
ALICE = Author("100000000000000001", "Alice")
TAVERN = Where("200000000000000001", "channel", "tavern", server="300000000000000001")
DM = Where("200000000000000009", "dm")

LUNA, BRAMBLE, VANE, HIDDEN = (
    FieldsAt(f"character.{token}", 1, {"name": name}, owner="somebody")
    for token, name in (("luna", "Luna"), ("bramble", "Bramble"), ("vane", "Dr. Vane"), ("hidden", "Hidden"))
)
NAMES = {"luna": LUNA, "bramble": BRAMBLE, "dr. vane": VANE}


def saying(text: str = "hello", *, where: Where = TAVERN, author: Author = ALICE, **more: Any) -> Said:
    return replace(Said("400000000000000001", where, author, Content(text), AT), **more)


def replying(text: str, **more: Any) -> Said:
    return saying(text, reply_to=Reference("400000000000000000", TAVERN.channel, TAVERN.server), **more)


def situation(
    *,
    active: FieldsAt | None = None,
    replied_to: FieldsAt | None = None,
    is_a_reply_of_ours: bool = False,
    is_active_hidden: bool = False,
    named: Mapping[str, FieldsAt] = NAMES,
    **person: Any,
) -> Situation:
    return Situation(
        place=FieldsAt("place.discord-1", 0),
        parent=None,
        person=FieldsAt("person.alice", 1, person),
        named=named,
        active=active,
        is_active_hidden=is_active_hidden,
        replied_to=Answered("reply.1", replied_to) if replied_to or is_a_reply_of_ours else None,
    )
