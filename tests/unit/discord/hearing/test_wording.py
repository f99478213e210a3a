"""What is read of a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.hearing.links import message_links
from adapters.discord.hearing.said import Author, Content, Embedded, Forward, Names, Poll, Reference
from adapters.discord.hearing.wording import content_wording, wording
from tests.unit.discord.hearing.saying import saying

ID = "100000000000000001"
LINK = "https://discord.com/channels/300000000000000001/200000000000000001/400000000000000009"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("hello", "hello"),
        (f"<@{ID}> and <@!{ID}>", "@Bob and @Bob"),
        ("<@100000000000000002>", "@someone"),
        (f"<#{ID}>", "#tavern"),
        ("<#100000000000000002>", "#a-channel"),
        (f"<@&{ID}>", "@Sailors"),
        ("<@&100000000000000002>", "@a-role"),
        (f"<:wave:{ID}> <a:dance:{ID}>", ":wave: :dance:"),
        ("<t:0> <t:0:R>", "1970-01-01 00:00 UTC 1970-01-01 00:00 UTC"),
        ("<t:9999999999999:F>", "an unknown time"),
        (f"</character list:{ID}>", "/character list"),
        ("<id:customize>", "#customize"),
        (f"`<@{ID}>` ```\n<@{ID}>```", f"`<@{ID}>` ```\n<@{ID}>```"),
        ("<@1> <nothing> 1 < 2 > 0", "<@1> <nothing> 1 < 2 > 0"),
    ],
)
def test_what_people_see_stands_where_discord_has_notation(text: str, read: str) -> None:
    content = Content(text, users={ID: "Bob"})
    assert content_wording(content, Names({ID: "tavern"}, {ID: "Sailors"})) == read


def test_only_so_many_names_of_a_kind_are_looked_up() -> None:
    ids = [str(100000000000000000 + number) for number in range(12)]
    text = " ".join(f"<@{id_}> <#{id_}> <@&{id_}>" for id_ in ids) + f" <@{ids[0]}>"
    names = {id_: f"n{id_[-2:]}" for id_ in ids}
    read = content_wording(Content(text, users=names), Names(names, names)).split()
    assert read[0:36:3] == [f"@{names[id_]}" for id_ in ids[:10]] + ["@someone"] * 2
    assert read[1:36:3] == [f"#{names[id_]}" for id_ in ids[:5]] + ["#a-channel"] * 7
    assert read[2:36:3] == [f"@{names[id_]}" for id_ in ids[:5]] + ["@a-role"] * 7
    assert read[36] == f"@{names[ids[0]]}"


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (Content(stickers=("Wave", "Nod")), "[sticker: Wave]\n[sticker: Nod]"),
        (Content(poll=Poll("Tea?", ("Yes", "No"))), "[poll: Tea? — 1. Yes; 2. No]"),
        (Content(poll=Poll("Tea?", ("Yes",), takes_several=True)), "[poll, several may be chosen: Tea? — 1. Yes]"),
        (
            Content("see", embeds=(Embedded("Title", "Words", (("a", "b"),), "Author", "Foot"),)),
            "see\n[card: Author — Title — Words — a: b — Foot]",
        ),
        (Content(embeds=(Embedded(description="x" * 5_000),)), f"[card: {'x' * 999}…]"),
    ],
)
def test_what_comes_besides_text_is_said_in_words(content: Content, read: str) -> None:
    assert content_wording(content) == read


def test_a_forward_is_never_lost() -> None:
    forwarding = saying("", forwards=(Forward(Content("elsewhere")),))
    assert wording(forwarding) == "[forwarded message]"
    assert wording(forwarding, {forwarding.id: 1}) == "[forwarded message: Reference 1]"


def test_a_member_of_a_system_is_named_first() -> None:
    assert wording(saying("hello", author=Author(ID, "Alice", member="Lily"))) == "[as Lily] hello"


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        LINK.replace("discord.com", "discordapp.com"),
        LINK.replace("discord.com", "ptb.discord.com"),
        LINK.replace("discord.com", "canary.discord.com"),
        f"<{LINK}>",
        LINK.replace("300000000000000001", "@me"),
        LINK.upper().replace("CHANNELS", "channels"),
    ],
)
def test_a_link_to_a_message_reads_as_its_number(link: str) -> None:
    [found] = message_links(f"see {link}, please")
    assert found.to.message == "400000000000000009"
    assert wording(saying(f"see {link}, please"), {"400000000000000009": 3}) == "see [Reference 3], please"
    assert wording(saying(f"see {link}, please")) == f"see {link}, please"


@pytest.mark.parametrize(
    "text",
    [
        LINK.rpartition("/")[0],
        f"{LINK}/5",
        f"`{LINK}`",
        LINK.replace("discord.com", "discord.com.example.org"),
        LINK.replace("discord.com", "notdiscord.com"),
    ],
)
def test_what_is_no_link_to_a_message_stays_as_it_is(text: str) -> None:
    assert message_links(text) == ()


def test_links_say_where_the_message_stands() -> None:
    assert [link.to for link in message_links(f"{LINK} {LINK.replace('300000000000000001', '@me')}")] == [
        Reference("400000000000000009", "200000000000000001", "300000000000000001"),
        Reference("400000000000000009", "200000000000000001", None),
    ]


@given(st.text(alphabet="<@!#&:t>0123456789 `ab/\n", max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    content_wording(Content(text))
