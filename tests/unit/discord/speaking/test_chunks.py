import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.speaking.chunks import MESSAGE_CHARS, chunks, pieces

LIMIT = 80
EIGHTY = st.integers(min_value=64, max_value=300)

PLAIN_TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab .,!?\n\t 。"), st.characters(exclude_categories=["Cs"], exclude_characters="`|")
    ),
    max_size=1_500,
)
MARKED_TEXT = st.lists(
    st.sampled_from(
        [
            "```",
            "```py\n",
            "\n```\n",
            "||",
            "**",
            "`",
            "word",
            " ",
            "\n",
            "\n\n",
            ". ",
            "<@123456789012345678>",
            "é",
            "x" * 90,
            "👨‍👩‍👧",
        ]
    ),
    max_size=150,
).map("".join)


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


def words(count: int, word: str = "word") -> str:
    return " ".join(f"{word}{number}" for number in range(count))


@pytest.mark.parametrize("text", ["", " ", "\n\n\t \n"])
def test_a_blank_text_is_no_message_since_discord_refuses_one(text: str) -> None:
    assert chunks(text) == ()


def test_a_text_within_the_limit_is_one_message() -> None:
    assert chunks(" x" * 1_000) == (("x " * 1_000).strip(),)
    assert chunks("x" * MESSAGE_CHARS) == ("x" * MESSAGE_CHARS,)


def test_an_emoji_counts_as_one_character_as_it_does_at_discord() -> None:
    assert len(chunks("🦊" * MESSAGE_CHARS)) == 1
    assert [len(chunk) for chunk in chunks("🦊" * (MESSAGE_CHARS + 1))] == [MESSAGE_CHARS, 1]


def test_a_cut_falls_between_paragraphs_first() -> None:
    first, second = f"{'a' * 30}.\n{'b' * 20}", "c. " * 15 + "d"
    assert chunks(f"{first}\n\n{second}", limit=LIMIT) == (first, second)


def test_a_cut_falls_between_lines_before_sentences() -> None:
    first, second = "One. Two. Three. Four. Five. Six. Seven. Eight", "Nine. Ten. Eleven. Twelve. Thirteen. Fourteen."
    assert chunks(f"{first}\n{second}", limit=LIMIT) == (first, second)


def test_a_cut_falls_between_sentences_before_words() -> None:
    first, second = "It was a dark and stormy night, as ever (so it goes).", "Nobody had expected any other one here."
    assert chunks(f"{first} {second}", limit=LIMIT) == (first, second)


def test_a_cut_falls_between_sentences_that_no_space_ends() -> None:
    first, second = "夜は暗くて" * 10 + "。", "そして朝が来た" * 5
    assert chunks(first + second, limit=LIMIT) == (first, second)


def test_a_cut_falls_between_words_before_letters() -> None:
    cut = chunks(words(40), limit=LIMIT)
    assert " ".join(cut) == words(40)
    assert all(re.fullmatch(r"(word\d+ ?)+", chunk) for chunk in cut)


def test_a_heading_does_not_stand_alone_when_what_follows_has_to_be_cut_anyway() -> None:
    assert chunks(f"# Heading\n\n{words(40)}", limit=LIMIT)[0].startswith("# Heading\n\nword0 ")


@pytest.mark.parametrize("sequence", ["👩‍🚀", "é", "👍🏽", "🇩🇪", "कि"])
def test_what_is_drawn_as_one_character_is_not_cut(sequence: str) -> None:
    cut = chunks("x" + sequence * 60, limit=64)
    assert "".join(cut) == "x" + sequence * 60
    assert all(len(chunk.removeprefix("x")) % len(sequence) == 0 for chunk in cut)


def test_a_code_block_that_fits_is_kept_whole() -> None:
    block = "```py\nprint('one')\n\nprint('two')\n\nprint('three')\n```"
    assert chunks(f"Short words before it, as people write.\n\n{block}", limit=LIMIT)[1] == block
    assert chunks(f"{words(30)}\n\n{block}\n\n{words(30)}", limit=LIMIT).count(block) == 1


def test_a_code_block_that_fits_goes_whole_into_the_next_message_even_if_little_stands_before_it() -> None:
    block = "```py\n" + "\n".join(f"line_{number}" for number in range(9)) + "\n```"
    assert 66 < len(block) <= LIMIT
    assert chunks(f"Here it is:\n{block}", limit=LIMIT) == ("Here it is:", block)
    assert chunks(f"Here it is: {block}", limit=LIMIT) == ("Here it is:", block)


def test_a_spoiler_that_fits_goes_whole_into_the_next_message() -> None:
    hidden = f"||{words(11)}||"
    assert 66 < len(hidden) <= LIMIT
    assert chunks(f"Short words. {hidden}", limit=LIMIT) == ("Short words.", hidden)


def test_in_a_long_spoiler_too_bold_words_are_not_torn_apart() -> None:
    text = f"||{'x' * 40} plain words **bold and. Bolder** {words(30)}||"
    assert any("**bold and. Bolder**" in chunk for chunk in chunks(text, limit=LIMIT))


def test_a_code_block_that_is_too_long_is_closed_and_opened_again_with_its_language() -> None:
    lines = [f"    line_{number} = {number}" for number in range(20)]
    text = "```py\n" + "\n".join(lines) + "\n```"
    cut = chunks(text, limit=LIMIT)
    assert len(cut) > 1
    assert all(chunk.startswith("```py\n    line_") and chunk.endswith("\n```") for chunk in cut)
    assert [line for chunk in cut for line in chunk.split("\n")[1:-1]] == lines


def test_the_end_of_a_code_block_leaves_no_empty_one_behind() -> None:
    text = "```\n" + "\n".join("x" * 9 for _ in range(7)) + "\n\n\n\n\n\n\n\n```\nafter " + words(5)
    assert not any(re.search(r"```\s*```", chunk) for chunk in chunks(text, limit=LIMIT))


def test_what_a_spoiler_hides_stays_hidden_in_every_message() -> None:
    text = f"Before. ||{words(60)}|| After."
    cut = chunks(text, limit=LIMIT)
    assert all(chunk.count("||") % 2 == 0 for chunk in cut)
    hidden = " ".join(re.findall(r"\|\|(.+?)\|\|", " ".join(cut)))
    assert hidden == words(60)


def test_code_inside_a_spoiler_stays_code_and_hidden() -> None:
    text = "||so:\n```py\n" + "\n".join(f"line_{number}()" for number in range(30)) + "\n```\n||"
    cut = chunks(text, limit=LIMIT)
    assert all(chunk.startswith("||") and chunk.rstrip().endswith("||") for chunk in cut)
    assert all(chunk.count("```") == 2 for chunk in cut)


def test_marks_inside_code_are_text() -> None:
    text = "`a || b` " + words(20) + " ```\nif a || b: **x\n``` " + words(20)
    assert sum(chunk.count("||") for chunk in chunks(text, limit=LIMIT)) == 2


def test_bold_words_are_not_torn_apart_where_that_can_be_avoided() -> None:
    text = "x" * 50 + " plain words **that are bold. And go on** " + "y" * 60
    assert any("**that are bold. And go on**" in chunk for chunk in chunks(text, limit=LIMIT))


def test_a_mention_or_an_emoji_is_not_torn_apart_where_that_can_be_avoided() -> None:
    token = "<:wonderful:123456789012345678>"
    assert all(chunk.count("<") == chunk.count(">") for chunk in chunks("x" * 60 + token * 9, limit=LIMIT))


def test_a_mark_without_a_partner_is_text() -> None:
    text = f"``` {words(50)} || {words(50)} ** {words(50)}"
    assert " ".join(chunks(text, limit=LIMIT)) == text


def test_a_limit_without_room_for_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        chunks("text", limit=63)


@given(text=PLAIN_TEXT, limit=EIGHTY)
@settings(deadline=None)
def test_messages_of_plain_text_are_that_text_up_to_whitespace(text: str, limit: int) -> None:
    cut = chunks(text, limit=limit)
    assert without_space("".join(cut)) == without_space(text)
    assert all(0 < len(chunk) <= limit and chunk == chunk.strip() for chunk in cut)


@given(text=MARKED_TEXT, limit=EIGHTY)
@settings(deadline=None)
def test_only_the_marks_at_the_cuts_are_added_to_a_text_with_markdown(text: str, limit: int) -> None:
    cut = pieces(text, limit=limit)
    assert all(len(piece.text) <= limit and piece.body.strip() for piece in cut)
    assert all(re.fullmatch(r"(\|\|)?(```[\w+\-.#]*\n)?", piece.opening) for piece in cut)
    assert all(re.fullmatch(r"(\n```)?(\|\|)?", piece.closing) for piece in cut)
    bodies = re.sub(r"[`|]", "", without_space("".join(piece.body for piece in cut)))
    assert bodies == re.sub(r"[`|]", "", without_space(text))


@given(text=MARKED_TEXT, limit=EIGHTY)
@settings(deadline=None)
def test_cutting_is_the_same_every_time_and_whole_for_what_fits(text: str, limit: int) -> None:
    cut = chunks(text, limit=limit)
    assert cut == chunks(text, limit=limit)
    if len(text.strip()) <= limit:
        assert cut == ((text.strip(),) if text.strip() else ())


@given(
    st.lists(
        st.text(alphabet="abc ", min_size=1, max_size=60).map(lambda line: "> " + line.strip()), min_size=1, max_size=60
    ),
    EIGHTY,
)
@settings(deadline=None)
def test_a_code_block_between_words_is_in_code_in_every_message(lines: list[str], limit: int) -> None:
    code = "\n".join(lines)
    cut = chunks(f"{words(12)}\n```\n{code}\n```\n{words(12)}", limit=limit)
    assert all(chunk.count("```") % 2 == 0 for chunk in cut)
    in_code = "".join(part for chunk in cut for part in chunk.split("```")[1::2])
    assert without_space(in_code) == without_space(code)
