import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import ids
from engine.errors import Invalid

TEXTS = st.text(min_size=1, max_size=16)
"""Sixteen characters of four bytes fit a token, however much of it is escaped."""

PLATFORMS = st.text(min_size=1, max_size=4)


@given(TEXTS)
def test_what_a_token_was_made_of_can_be_read_back(text: str) -> None:
    assert ids.untoken(ids.token(text)) == text


@given(TEXTS)
def test_a_token_is_made_of_what_a_subject_takes(text: str) -> None:
    token = ids.token(text)

    assert token.isascii()
    assert all(char.isalnum() or char in "-_" for char in token)


@given(TEXTS, TEXTS)
def test_two_texts_never_share_a_token(one: str, other: str) -> None:
    assert (ids.token(one) == ids.token(other)) == (one == other)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("1024", "1024"),
        ("a-b", "a-b"),
        ("a_b", "a_5Fb"),
        ("a.b", "a_2Eb"),
        ("*", "_2A"),
        (">", "_3E"),
        ("two words", "two_20words"),
        ("é", "_C3_A9"),
        ("_2E", "_5F2E"),
    ],
)
def test_a_token_escapes_what_is_not_plain(text: str, token: str) -> None:
    assert ids.token(text) == token


@pytest.mark.parametrize("text", ["", "x" * (ids.MAX_TOKEN_CHARS + 1), "é" * (ids.MAX_TOKEN_CHARS // 6 + 1), "\ud800"])
def test_what_is_empty_too_long_or_no_text_makes_no_token(text: str) -> None:
    with pytest.raises(Invalid):
        ids.token(text)


def test_the_longest_token_fits() -> None:
    longest = "x" * ids.MAX_TOKEN_CHARS

    assert ids.token(longest) == longest


@given(PLATFORMS, st.text(min_size=1, max_size=10))
def test_a_place_finds_its_way_back_to_its_platform(platform: str, channel: str) -> None:
    assert ids.platform_of(ids.place_id(platform, channel)) == platform


@pytest.mark.parametrize("platform", ["my-chat", "a-", "-a", "-", "a.b", "a_b", "Ünder-ground"])
def test_an_odd_platform_stays_itself(platform: str) -> None:
    assert ids.platform_of(ids.place_id(platform, "general-1")) == platform


def test_two_platforms_never_share_a_place() -> None:
    assert ids.place_id("a-b", "c") != ids.place_id("a", "b-c")


def test_a_place_is_one_token_and_no_longer_than_one() -> None:
    channel = "9" * (ids.MAX_TOKEN_CHARS - len("discord-"))

    assert len(ids.place_id("discord", channel)) == ids.MAX_TOKEN_CHARS
    with pytest.raises(Invalid, match="A place"):
        ids.place_id("discord", channel + "9")


def test_ids_of_one_turn_are_made_of_each_other() -> None:
    place = ids.place_id("terminal", "9f.3c")
    message = ids.message_id(place, "10:24")
    reply = ids.reply_id(message, "lyra", 2)
    memory = ids.memory_id(reply)

    assert message == "message.terminal-9f_2E3c.10_3A24"
    assert reply == "reply.terminal-9f_2E3c.10_3A24.lyra.2"
    assert ids.reply_key(reply) == (place, message, "lyra", 2)
    assert ids.reply_of_memory(memory) == reply
    assert {ids.place_of(subject) for subject in (message, reply, memory)} == {place}


def test_only_messages_replies_and_memories_have_a_place() -> None:
    assert ids.place_of("character.lyra") is None


def test_the_first_reply_is_number_one() -> None:
    assert ids.reply_id("message.terminal-1.7", "lyra").endswith(".lyra.1")


@pytest.mark.parametrize(
    "reply", ["", "reply", "reply.p.m.c", "reply.p.m.c.x", "reply.p.m.c.²", "reply.p.m.c.1.2", "message.p.m.c.1"]
)
def test_what_is_no_reply_id_is_refused_with_the_form_of_one(reply: str) -> None:
    with pytest.raises(Invalid, match=r"PLACE\.MESSAGE\.CHARACTER\.N"):
        ids.reply_key(reply)


def test_ids_of_people_and_things_name_their_kind_first() -> None:
    assert ids.person_id("p1") == "person.p1"
    assert ids.persona_id("p1") == "persona.p1.default"
    assert ids.choice_id("p1", "lyra") == "choice.p1.lyra"
    assert ids.history_id("p1", "default", "lyra") == "history.p1.default.lyra"
    assert ids.character_id("lyra") == "character.lyra"
    assert ids.preset_id("p1", "calm") == "preset.p1.calm"
    assert ids.claim_id("slug", "5f1d") == "claim.slug.5f1d"
    assert ids.erasure_id("r1") == "erasure.r1"
