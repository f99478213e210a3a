"""Who is asked by what, and what is not heard."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.hearing.deciding import (
    NOTHING,
    Asked,
    Decision,
    Rules,
    decide,
    is_persons_speech,
    names_asked_about,
)
from adapters.discord.hearing.said import Author, Content, Forward, Said
from engine.reading import Situation
from tests.unit.discord.hearing.saying import (
    BRAMBLE,
    DM,
    LUNA,
    NAMES,
    OURSELVES,
    TAVERN,
    VANE,
    replying,
    saying,
    situation,
)

PING = f"<@{OURSELVES.user}>"


def decided(said: Said, how: Situation | None = None, rules: Rules | None = None) -> Decision:
    return decide(said, how or situation(), OURSELVES, rules or Rules())


def asked(said: Said, how: Situation | None = None, rules: Rules | None = None) -> list[tuple[str, str]]:
    return [(one.character, one.by) for one in decided(said, how, rules).asked]


def test_a_message_that_concerns_nobody_is_not_heard() -> None:
    assert decided(saying("hello")) == NOTHING


def test_a_reply_asks_the_character_whose_reply_it_answers() -> None:
    assert asked(replying("and then?"), situation(replied_to=LUNA)) == [("luna", "reply")]


def test_the_active_character_is_asked_by_everything() -> None:
    assert asked(saying("hello"), situation(active=LUNA)) == [("luna", "activation")]


def test_a_mention_asks_whom_it_names() -> None:
    assert asked(saying("well, @Dr. Vane?")) == [("vane", "mention")]


def test_reply_then_activation_then_mentions_in_the_order_of_the_text() -> None:
    said = replying("@Bramble, @Luna and @Dr. Vane, what now?")
    assert asked(said, situation(replied_to=LUNA, active=VANE)) == [
        ("luna", "reply"),
        ("vane", "activation"),
        ("bramble", "mention"),
    ]


def test_so_many_answer_and_no_more() -> None:
    said = replying("@Bramble @Dr. Vane")
    assert asked(said, situation(replied_to=LUNA), Rules(max_answers=2)) == [("luna", "reply"), ("bramble", "mention")]


def test_a_reply_to_a_character_that_the_person_may_not_talk_to_falls_through() -> None:
    assert asked(replying("@Bramble?"), situation(is_a_reply_of_ours=True)) == [("bramble", "mention")]
    assert decided(replying("hm"), situation(is_a_reply_of_ours=True)) == NOTHING


def test_a_forward_asks_only_who_is_active() -> None:
    forwarded = saying("", forwards=(Forward(Content(f"@Bramble {PING}")),))
    assert asked(forwarded, situation(active=LUNA)) == [("luna", "activation")]
    assert decided(forwarded) == NOTHING
    assert names_asked_about(forwarded, Rules()) == ()


def test_a_ping_of_the_bot_is_answered_with_help() -> None:
    assert decided(saying(f"{PING} hello")) == Decision(is_heard=False, notice="help")
    assert decided(saying(f"<@!{OURSELVES.user}>")).notice == "help"


def test_a_ping_in_code_or_beside_a_mention_is_no_call_for_help() -> None:
    assert decided(saying(f"`{PING}`")) == NOTHING
    assert decided(saying(f"{PING} @Luna")) == Decision(is_heard=True, asked=(Asked("luna", "mention"),))


def test_where_a_hidden_character_is_active_all_is_heard_and_it_is_explained() -> None:
    assert decided(saying("hello"), situation(is_active_hidden=True)) == Decision(is_heard=True, notice="hidden")
    assert decided(saying("@Luna"), situation(is_active_hidden=True)) == Decision(
        is_heard=True, asked=(Asked("luna", "mention"),), notice="hidden"
    )


@pytest.mark.parametrize("text", ["hello", "@Luna hello", PING])
@pytest.mark.parametrize("active", [None, LUNA])
def test_who_asked_not_to_be_recorded_is_never_heard(text: str, active: object) -> None:
    how = situation(active=active if active is LUNA else None, is_not_recorded=True)
    for said in (saying(text), replying(text), saying(text, where=DM)):
        assert not decided(said, how).is_heard
        assert not decided(said, how).asked


def test_who_asked_not_to_be_recorded_is_told_so_only_when_they_expect_an_answer() -> None:
    how = situation(active=LUNA, is_not_recorded=True)
    assert decided(saying("hello"), how).notice is None
    assert decided(saying("@Luna"), how).notice == "not recorded"
    assert decided(saying(PING), how).notice == "not recorded"
    assert decided(saying("hello", where=DM), how).notice == "not recorded"


def test_in_a_dm_whoever_the_person_talks_to_is_asked() -> None:
    assert decided(saying("hello", where=DM), situation(active=LUNA)) == Decision(
        is_heard=True, asked=(Asked("luna", "direct"),)
    )


def test_a_dm_without_a_character_explains_itself() -> None:
    assert decided(saying("hello", where=DM)) == Decision(is_heard=False, notice="first contact")


def test_a_mention_in_a_dm_switches_to_whom_it_names_last() -> None:
    said = saying("@Bramble and @Dr. Vane", where=DM)
    assert decided(said, situation(active=LUNA)) == Decision(
        is_heard=True, asked=(Asked("bramble", "mention"), Asked("vane", "mention")), talks_to="vane"
    )


def test_naming_in_a_dm_whom_one_talks_to_switches_nothing() -> None:
    assert decided(saying("@Luna?", where=DM), situation(active=LUNA)).talks_to is None


def test_a_reply_in_a_dm_asks_its_character_and_switches_nothing() -> None:
    said = replying("you", where=DM)
    assert decided(said, situation(active=LUNA, replied_to=BRAMBLE)) == Decision(
        is_heard=True, asked=(Asked("bramble", "reply"),)
    )


@pytest.mark.parametrize(
    "author",
    [
        Author(OURSELVES.user, "Tzurot", is_bot=True),
        Author("100000000000000007", "Luna", is_bot=True, webhook="100000000000000007", application="1"),
        Author("100000000000000007", "Luna", webhook="100000000000000007"),
        Author("100000000000000008", "Some bot", is_bot=True),
        Author(OURSELVES.user, "Tzurot"),
    ],
)
def test_no_bot_no_webhook_and_not_we_ourselves_are_a_person(author: Author) -> None:
    assert not is_persons_speech(saying("@Luna", author=author), OURSELVES)


def test_notices_of_discord_and_empty_messages_are_nobodys_speech() -> None:
    assert not is_persons_speech(saying("hello", is_speech=False), OURSELVES)
    assert not is_persons_speech(saying(" \n"), OURSELVES)
    assert not is_persons_speech(saying("hello", where=replace(DM, kind="group")), OURSELVES)


@pytest.mark.parametrize(
    "said",
    [
        saying("hello"),
        saying("", content=Content(stickers=("Wave",))),
        saying("", forwards=(Forward(Content("elsewhere")),)),
        saying("", forwards=(Forward(Content(stickers=("Wave",))),)),
    ],
)
def test_a_sticker_or_a_forward_alone_is_something_said(said: Said) -> None:
    assert is_persons_speech(said, OURSELVES)


@given(
    text=st.lists(st.sampled_from(["@Luna", "@Bramble", "@Dr. Vane", PING, "hm", "`@Luna`"]), max_size=8).map(" ".join),
    is_direct=st.booleans(),
    active=st.sampled_from([None, *NAMES.values()]),
    replied_to=st.sampled_from([None, *NAMES.values()]),
    is_active_hidden=st.booleans(),
    is_not_recorded=st.booleans(),
    most=st.integers(1, 10),
)
def test_nobody_is_asked_twice_too_often_or_without_being_heard(
    text: str,
    *,
    is_direct: bool,
    active: object,
    replied_to: object,
    is_active_hidden: bool,
    is_not_recorded: bool,
    most: int,
) -> None:
    how = situation(
        active=next((one for one in NAMES.values() if one is active), None),
        replied_to=next((one for one in NAMES.values() if one is replied_to), None),
        is_active_hidden=is_active_hidden and active is None,
        is_not_recorded=is_not_recorded,
    )
    decision = decided(replying(text, where=DM if is_direct else TAVERN), how, Rules(max_answers=most))
    characters = [one.character for one in decision.asked]
    assert len(set(characters)) == len(characters) <= most
    assert decision.is_heard or not decision.asked
    assert not (is_not_recorded and decision.is_heard)
    assert decision.talks_to is None or is_direct
