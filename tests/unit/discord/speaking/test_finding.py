from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.discord.speaking.finding import CLOCK_SKEW, id_at, looks_like
from adapters.discord.speaking.webhooks import Ourselves
from engine.ports import Footer, Posting
from tests.builders import AT

OURSELVES = Ourselves(user="10", application="20")
POSTING = Posting(
    place="discord-1",
    in_reply_to="message.discord-1.2",
    character="lyra",
    character_name="Lyra",
    reply="reply.discord-1.2.lyra.1",
    text="It rained.\n\nAll day.",
    chunk=0,
    chunks=1,
    nonce="n-1",
    since=AT,
    footer=Footer(model="acme/model-7b"),
)
TEXT = "It rained.\n\nAll day.\n-# model: acme/model-7b"


def by_webhook(id: int = 1, content: str = TEXT, name: str = "Lyra", application: str = "20") -> dict[str, Any]:
    author = {"id": "77", "username": name, "bot": True}
    return {"id": str(id), "webhook_id": "77", "application_id": application, "author": author, "content": content}


def plain(id: int = 1, content: str = f"**Lyra:** {TEXT}", user: str = "10") -> dict[str, Any]:
    return {"id": str(id), "author": {"id": user, "username": "Tzurot", "bot": True}, "content": content}


def found(*messages: dict[str, Any], posting: Posting = POSTING, shown: str = "Lyra") -> list[str]:
    return looks_like(posting, shown, messages, OURSELVES)


def test_a_post_of_ours_is_found_however_it_was_posted_the_oldest_first() -> None:
    assert found(by_webhook(12), plain(9)) == ["9", "12"]


def test_what_discord_trims_makes_no_difference() -> None:
    assert found(by_webhook(content=f" {TEXT}"), posting=replace(POSTING, text=f"\n{POSTING.text}  ")) == ["1"]


def test_a_setting_that_changed_the_small_print_meanwhile_makes_no_difference() -> None:
    assert found(by_webhook(), posting=replace(POSTING, footer=Footer(is_automatic=True))) == ["1"]


@pytest.mark.parametrize(
    "other",
    [
        by_webhook(content="It rained."),
        by_webhook(name="Bramble"),
        by_webhook(application="21"),
        plain(user="11"),
        plain(content=f"**Bramble:** {TEXT}"),
    ],
)
def test_what_others_wrote_or_somebody_else_said_is_not_it(other: dict[str, Any]) -> None:
    assert found(other) == []


def test_a_later_chunk_posted_plainly_has_no_name() -> None:
    assert found(plain(content=TEXT), posting=replace(POSTING, chunk=1, chunks=2)) == ["1"]
    assert found(plain(content=TEXT)) == []


def test_a_name_that_had_to_be_broken_up_is_found_again() -> None:
    assert found(by_webhook(name="D-iscordia"), shown="D\u200aiscordia") == ["1"]


def test_an_id_tells_its_time_with_room_for_clocks_that_differ() -> None:
    # From Discord's documentation, "Snowflakes".
    assert id_at(datetime(2016, 4, 30, 11, 18, 25, 796_000, tzinfo=UTC) + CLOCK_SKEW) == 175928847299117063 >> 22 << 22
    assert id_at(AT) < id_at(AT + timedelta(milliseconds=1))
