"""Which characters a text names, and in which order."""

# ruff: noqa: RUF001 - quotes, apostrophes and dashes as phones and keyboards write them

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.hearing import mentions
from adapters.discord.hearing.code_spans import code_spans
from adapters.discord.hearing.mentions import MAX_NAMES, _beginnings, candidate_names, mentioned
from engine.domain.text import folded

KNOWN = (
    "luna",
    "luna star",
    "luna star of the sea",
    "the queen of spades",
    "bramble",
    "dr. vane",
    "j.r.",
    "d'arcy",
    "o’neil",
    "luna-alice",
    "yahoo!",
    "rené",
    "vane, the cold",
    "7 of 9",
    "straße",
)
CHARACTERS = {name.casefold(): f"id of {name.casefold()}" for name in KNOWN}


def named(text: str, *, prefix: str = "@") -> list[str]:
    """The names by which characters were found."""
    looked_up = {name: CHARACTERS[name] for name in candidate_names(text, prefix=prefix) if name in CHARACTERS}
    return [one.character.removeprefix("id of ") for one in mentioned(text, looked_up, prefix=prefix)]


@pytest.mark.parametrize(
    "text",
    [
        "@Luna",
        "@luna hello",
        "hello @LUNA",
        "hello @Luna.",
        "@Luna, are you there?",
        "@Luna,are you there?",
        "(@Luna)",
        "@Luna: listen",
        "@Luna!!!",
        "@Luna?!",
        "@Luna…",
        "@Luna...",
        "@Luna...wait",
        "@Luna — listen",
        "@Luna—listen",
        "@Luna's cloak",
        "@Luna’s cloak",
        "this is @Luna's.",
        "I like @Luna's!",
        "**@Luna**",
        "**@Luna**'s cloak",
        "**@Luna's** cloak",
        "_@Luna_",
        "__@Luna__",
        "*@Luna*, hm",
        "~~@Luna~~",
        "||@Luna||",
        "***@Luna***",
        "@**Luna** hello",
        '"@Luna"',
        "“@Luna”",
        "'@Luna'",
        "‘@Luna’",
        '@"Luna"',
        "«@Luna»",
        "hello\n@Luna\nhow are you",
        "@Luna\nStar",
        "hello.@Luna",
        "> @Luna said so",
        "hm/@Luna",
        "@Luna/Sol",
        "@everyone @Luna",
        "<@123456789012345678> @Luna",
        "`not this @Bramble` but @Luna",
        "write to bramble@luna.example or @Luna",
        "see https://example.com/@bramble @Luna",
        "an unclosed ` before @Luna",
        "\\`@Luna`",
    ],
)
def test_a_name_is_found_whatever_a_sentence_puts_around_it(text: str) -> None:
    assert named(text) == ["luna"]


@pytest.mark.parametrize(
    "text",
    [
        "Luna",
        "@",
        "@ Luna",
        "@Lunatic",
        "@Lun",
        "bramble@luna.example",
        "foo_@luna",
        "someone@Luna",
        "`@Luna`",
        "``@Luna ` still``",
        "```\n@Luna\n```",
        "```py\n@Luna``` ",
        "https://example.com/@luna",
        "<https://example.com/ @luna>",
        "<@123456789012345678>",
        "<@!123456789012345678> luna",
        "<@&123456789012345678>",
        "@123456789012345678",
        "@everyone luna",
        "@here",
        "@\nLuna",
        "@...",
    ],
)
def test_nobody_is_named_there(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Luna Star is here", ["luna star"]),
        ("@Luna  Star is here", ["luna star"]),
        ("@Luna Star of the Sea", ["luna star"]),  # five words are no mention
        ("@The Queen of Spades plays", ["the queen of spades"]),
        ("@the queen of spades's turn", ["the queen of spades"]),
        ("@Luna star's light", ["luna star"]),
        ("@Luna, star of mine", ["luna"]),
        ("@luna-alice", ["luna-alice"]),
        ("@Luna-Alice's", ["luna-alice"]),
        ("@Dr. Vane, hello", ["dr. vane"]),
        ("**@Dr. Vane**", ["dr. vane"]),
        ("@Dr. Vane's house.", ["dr. vane"]),
        ("ask @J.R.", ["j.r."]),
        ("ask @J.R.!", ["j.r."]),
        ("@J.R.'s ranch", ["j.r."]),
        ("@J.R. Ewing", ["j.r."]),
        ("@D'Arcy", ["d'arcy"]),
        ("@D’Arcy", ["d'arcy"]),
        ("@D’Arcy’s", ["d'arcy"]),
        ("@O'Neil", ["o’neil"]),
        ("@Yahoo! hello", ["yahoo!"]),
        ("@René", ["rené"]),
        ("@RENÉ!", ["rené"]),
        ("**@Yahoo!**", ["yahoo!"]),
        ("@Vane, the Cold enters", ["vane, the cold"]),
        ("“@Vane, the Cold.”", ["vane, the cold"]),
        ("@Vane, the Cold's breath", ["vane, the cold"]),
        ("@7 of 9", ["7 of 9"]),
        ("@STRASSE", ["strasse"]),
    ],
)
def test_the_longest_name_wins(text: str, names: list[str]) -> None:
    assert named(text) == [name.casefold() for name in names]


def test_characters_are_named_in_the_order_of_the_text_and_each_once() -> None:
    assert named("@Bramble and @Luna: @bramble, @Luna Star!") == ["bramble", "luna", "luna star"]


def test_a_mention_ends_where_the_next_begins() -> None:
    assert named("@Luna @Bramble @Dr. Vane") == ["luna", "bramble", "dr. vane"]
    assert named("@Luna **@Star** @Bramble") == ["luna", "bramble"]


def test_only_ten_mentions_are_looked_at() -> None:
    assert named("@a @b @c @d @e @f @g @h @i @Luna") == ["luna"]
    assert named("@a @b @c @d @e @f @g @h @i @j @Luna") == []


def test_the_plain_readings_of_every_mention_find_room_before_unlikely_ones() -> None:
    text = " ".join(f"@D’Arcy{n}.’s (of) the.’s sea.’s" for n in range(9)) + " @Luna"
    names = candidate_names(text)
    assert len(names) == MAX_NAMES
    assert "luna" in names
    assert "d’arcy8" in names


def test_the_prefix_is_configurable() -> None:
    assert named("&Luna and @Bramble", prefix="&") == ["luna"]
    assert named("!!Luna's", prefix="!!") == ["luna"]


def test_two_names_of_one_character_ask_it_once() -> None:
    found = mentioned("@Luna and @moon", {"luna": "1", "moon": "1"})
    assert [(one.character, one.name) for one in found] == [("1", "luna")]


@given(st.text(alphabet="@lunaLU Star.,'’s`*_|~<>\n\\1", max_size=200))
def test_any_text_has_few_short_names_and_no_empty_one(text: str) -> None:
    names = candidate_names(text)
    assert len(names) <= MAX_NAMES
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= 100 and name == folded(name) for name in names)


@given(
    before=st.sampled_from(["", "hello ", "“", "**", "||", "_", "(", "hm… ", "line\n", "> ", "'"]),
    name=st.sampled_from([name for name in KNOWN if len(name.split()) <= 4 and not set(name) & set("!,’ßé")]),
    after=st.sampled_from(
        ["", ".", ",", "!", "?", "”", "**", "||", "_", ")", "…", "'s", "’s", "'s!", " ", "\n", ":", "**'s", ").", "?!"]
    ),
    more=st.sampled_from(["", "\nand more", ", hm"]),
)
def test_every_name_is_found_in_every_surrounding(before: str, name: str, after: str, more: str) -> None:
    assert named(f"{before}@{name.title()}{after}{more}") == [name]


@given(st.text(alphabet="`\\ a\n", max_size=60))
def test_code_spans_stand_in_order_and_begin_and_end_with_backticks(text: str) -> None:
    upto = 0
    for start, end in code_spans(text):
        assert upto <= start < end <= len(text)
        assert text[start] == text[end - 1] == "`"
        upto = end


@given(st.text(alphabet="`@luna ", max_size=40))
def test_nobody_is_named_in_code(text: str) -> None:
    spans = code_spans(text)
    for one in mentioned(text, dict.fromkeys(candidate_names(text), "1")):
        assert not any(start <= one.start < end for start, end in spans)


@pytest.mark.parametrize(
    "part", ["@", "@1 ", "@\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}", "@a' ", "@*_", "@.-", "@ _", "`@a` @"]
)
def test_a_text_twice_as_long_is_read_in_twice_the_steps(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def beginnings(line: str, prefix: str) -> list[str]:
        looked_at.append(line)
        return _beginnings(line, prefix)

    def name_of(whole: str) -> str:
        looked_at.append(whole)
        return folded(whole)

    monkeypatch.setattr(mentions, "_beginnings", beginnings)
    monkeypatch.setattr(mentions, "folded", name_of)

    def steps(text: str) -> int:
        looked_at.clear()
        candidate_names(text)
        return sum(map(len, looked_at))

    assert steps(part * (8_000 // len(part))) <= 2.5 * steps(part * (4_000 // len(part)))
    assert max(steps(part * 4_000), steps(part[:1] + part[1:] * 4_000)) <= 500_000
