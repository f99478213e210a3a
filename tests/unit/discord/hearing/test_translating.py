"""From Discord's JSON to what was said, whatever is missing in it or of another kind."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.hearing.deciding import Rules, names_asked_about
from adapters.discord.hearing.mentions import MAX_NAMES
from adapters.discord.hearing.recording import attachments
from adapters.discord.hearing.said import Attached, Author, Content, Embedded, Poll, Reference
from adapters.discord.hearing.translating import Unreadable, said, snowflake, time_of
from adapters.discord.hearing.wording import wording
from tests.unit.discord.hearing.saying import TAVERN


def payload(**more: Any) -> dict[str, Any]:
    return {
        "id": "1574175995437514752",
        "channel_id": TAVERN.channel,
        "guild_id": TAVERN.server,
        "author": {"id": "100000000000000001", "username": "alice", "global_name": "Alice"},
        "content": "hello",
        "timestamp": "2026-11-22T12:00:00.000000+00:00",
        "type": 0,
    } | more


def test_a_plain_message() -> None:
    it = said(payload(), TAVERN)
    assert (it.id, it.where, it.author) == ("1574175995437514752", TAVERN, Author("100000000000000001", "Alice"))
    assert it.content == Content("hello")
    assert it.at == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert it.is_speech
    assert not it.is_empty


def test_ids_may_come_as_numbers() -> None:
    it = said(payload(id=1574175995437514752, author={"id": 1, "username": "alice"}), TAVERN)
    assert (it.id, it.author.id) == ("1574175995437514752", "1")


def test_people_are_called_as_the_server_calls_them() -> None:
    assert said(payload(member={"nick": "Captain"}), TAVERN).author.name == "Captain"
    assert said(payload(member={"nick": None}), TAVERN).author.name == "Alice"
    assert said(payload(author={"id": "1", "username": "alice"}), TAVERN).author.name == "alice"


def test_whose_webhook_it_was_is_known() -> None:
    author = said(payload(webhook_id="5", application_id="6"), TAVERN).author
    assert (author.webhook, author.application) == ("5", "6")


def test_a_reply_and_what_it_replies_to() -> None:
    it = said(payload(type=19, message_reference={"message_id": "7", "channel_id": "8", "guild_id": "9"}), TAVERN)
    assert (it.is_speech, it.reply_to) == (True, Reference("7", "8", TAVERN.server))


def test_a_forward_is_no_reply_and_keeps_what_it_forwards() -> None:
    it = said(
        payload(
            content="",
            message_reference={"type": 1, "message_id": "7", "channel_id": "8"},
            message_snapshots=[
                {"message": {"content": "elsewhere", "timestamp": "2026-11-21T12:00:00+00:00", "sticker_items": []}}
            ],
        ),
        TAVERN,
    )
    assert it.reply_to is None
    assert [(one.content.text, one.at) for one in it.forwards] == [
        ("elsewhere", datetime(2026, 11, 21, 12, tzinfo=UTC))
    ]
    assert it.content.is_empty
    assert not it.is_empty


def test_everything_that_a_message_may_hold() -> None:
    it = said(
        payload(
            mentions=[{"id": "11", "username": "bob", "member": {"nick": "Bobby"}}],
            sticker_items=[{"id": "1", "name": "Wave"}],
            attachments=[
                {
                    "id": "2",
                    "filename": "a.ogg",
                    "content_type": "audio/ogg",
                    "size": 3,
                    "url": "u",
                    "duration_secs": 2.5,
                }
            ],
            poll={
                "question": {"text": "Tea?"},
                "answers": [{"poll_media": {"text": "Yes"}}, {"poll_media": {"emoji": {"name": "🙅"}}}],
                "allow_multiselect": True,
            },
            embeds=[{"title": "T", "fields": [{"name": "a", "value": "b"}]}, {"type": "gifv"}],
        ),
        TAVERN,
    ).content
    assert it == Content(
        "hello",
        (Attached("2", "a.ogg", "audio/ogg", 3, "u", 2.5),),
        ("Wave",),
        Poll("Tea?", ("Yes", "🙅"), takes_several=True),
        (Embedded("T", fields=(("a", "b"),)),),
        {"11": "Bobby"},
    )


@pytest.mark.parametrize("kind", [6, 7, 8, 18, 20, 21, 46])
def test_notices_of_discord_are_nobodys_speech(kind: int) -> None:
    assert not said(payload(type=kind), TAVERN).is_speech


@pytest.mark.parametrize("broken", [{"id": None}, {"author": None}, {"author": {}}, {"id": "x"}, {"id": True}])
def test_without_an_id_or_an_author_it_is_no_message(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        said(payload(**broken), TAVERN)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "message", "text"]), inner)
    ),
    max_leaves=8,
)
_PARTS = (
    "content", "timestamp", "edited_timestamp", "type", "member", "mentions", "attachments", "sticker_items", "poll",
    "embeds", "message_reference", "message_snapshots", "webhook_id", "application_id", "flags",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(_PARTS), _anything))
def test_no_part_of_another_kind_loses_the_message(parts: dict[str, Any]) -> None:
    it = said(payload(**parts), TAVERN)
    assert it.author.id == "100000000000000001"


KEYS = (
    "id", "type", "content", "author", "member", "username", "nick", "bot", "webhook_id", "application_id", "size",
    "attachments", "url", "duration_secs", "sticker_items", "name", "poll", "question", "text", "answers", "poll_media",
    "emoji", "embeds", "fields", "value", "footer", "mentions", "timestamp", "edited_timestamp", "message_reference",
    "message_id", "channel_id", "message_snapshots", "message", "filename", "title",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    *("1574175995437514752", 1574175995437514752, -1, 10**25, "9" * 25, "9" * 5_000, "²", "", 1e400, True, None),
    *("2026-11-22T12:00:00+00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "\ud800", "\0", 0, 19),
)
anything = st.recursive(
    st.one_of(st.sampled_from(ODD), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=1_000, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), anything, max_size=8), st.sampled_from([{}, payload()]))
def test_whatever_discord_sends_is_a_message_or_is_none(sent: dict[str, Any], laid_over: dict[str, Any]) -> None:
    try:
        it = said(laid_over | sent, TAVERN)
    except Unreadable:
        return
    assert it.at.tzinfo is not None
    assert time_of(it.id).tzinfo is UTC
    assert isinstance(wording(it), str)
    assert len(names_asked_about(it, Rules())) <= MAX_NAMES
    assert all(file.size_bytes >= 0 for file in attachments(it.content))


@pytest.mark.parametrize("id_", ["9" * 21, "9" * 5_000, 2**64, -1, True, "", "12 ", "²", 1.0, None])
def test_what_is_no_id_of_discords_is_none(id_: object) -> None:
    assert snowflake(id_) is None
    assert snowflake(10**5_000) is None


def test_the_largest_id_has_a_time() -> None:
    assert time_of(str(2**64 - 1)).year > datetime.now(UTC).year
