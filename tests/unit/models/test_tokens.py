# ruff: noqa: RUF001 - letters that look alike are what is counted here
import asyncio
import threading
from pathlib import Path

import pytest
import tiktoken_ext.openai_public  # type: ignore[import-untyped]  # tiktoken ships no types for its plugins
from hypothesis import given
from hypothesis import strategies as st

from adapters.models import tokens
from adapters.models.tokens import SLICE_CHARS, SafeEstimate, TiktokenCounter, load_encoding, load_token_counter, slices

TEXTS = {
    "English": "The harbour lights went out one by one, and still she waited for the ferry that would not come.",
    "greeting": "hi",
    "German": "Die Straßenbahn fährt übermorgen nicht; Rechtsschutzversicherungsgesellschaften schweigen darüber.",
    "French": "L'été dernier, où étais-tu ? J'ai cherché ton prénom sur toutes les façades.",
    "Turkish": "Değişikliklerinizi kaydedemediğimiz için üzgünüz, lütfen yarın öğleden sonra tekrar deneyin.",
    "Polish": "Chrząszcz brzmi w trzcinie, a źdźbło trawy łamie się pod jego ciężarem.",
    "Vietnamese": "Ngày mai chúng ta sẽ đi chợ nổi để mua trái cây và hoa.",
    "Finnish": "Epäjärjestelmällistyttämättömyydelläänsäkäänköhän hän vastasi?",
    "Russian": "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.",
    "Hebrew": "דג סקרן שט בים מאוכזב ולפתע מצא חברה.",
    "Arabic": "صِف خَلقَ خَودِ كَمِثلِ الشَمسِ إِذ بَزَغَت",
    "Hindi": "ऋषियों को सताने वाले दुष्ट राक्षसों का नाश करने वाले भगवान।",
    "Tamil": "யாமறிந்த மொழிகளிலே தமிழ்மொழி போல் இனிதாவது எங்கும் காணோம்",
    "Thai": "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน",
    "Amharic": "ሰማይ አይታረስ ንጉሥ አይከሰስ",
    "Georgian": "მხოლოდ გულით შეიძლება კარგად დაინახო",
    "Chinese": "天地玄黃,宇宙洪荒。日月盈昃,辰宿列張。龘靐齉爩",
    "Japanese": "いろはにほへと ちりぬるを。吾輩は猫である。名前はまだ無い。",
    "Korean": "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다.",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🤷🏽‍♀️ 🇯🇵🫠🪿 ✨",
    "custom emoji": "<:blobcat_melt:1017489392841293824> <a:partyparrot:873645123412312064>",
    "URL": "https://example.org/a/Xy7Qz-_9?utm_source=mail&id=0f8fad5b-d9cb-469f-a165-70867728950e#§4",
    "code": "def f(x: int) -> int:\n\treturn {k: v for k, v in enumerate(range(x)) if not v % 2}[0]  # O(n)\n",
    "JSON": '{"a":[1,2.50,{"b":null}],"c":"\\u00e9\\n","deep":{"x":{"y":[[],[[]]]}}}',
    "base64": "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "shouting": "WHAT DO YOU MEAN YOU ATE THE LAST OF MY PANCAKES???!!!",
    "zalgo": "h̷̛̰e̶̢͝l̵̙̈p̸̰̋",
    "mathematics": "∮ E⋅da = Q, ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, 𝔄𝔅ℭ",
    "special": "<|endoftext|><|endofprompt|><|im_start|>system",
    "white space": "a \t\t\r\n\n   b\u00a0\u3000c",
}


@pytest.fixture(scope="module")
def exact() -> TiktokenCounter:
    return TiktokenCounter(load_encoding(tokens.ENCODINGS))


def test_known_texts_have_their_known_count(exact: TiktokenCounter) -> None:
    assert exact.name == "o200k_base"
    assert [exact.count(text) for text in ("", "hello world", "tiktoken is great!")] == [0, 2, 6]


def test_the_bundled_pattern_is_the_librarys_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktoken_ext.openai_public, "load_tiktoken_bpe", lambda *_, **__: {})

    pattern = (tokens.ENCODINGS / "o200k_base.pattern").read_text(encoding="utf-8")

    assert pattern == tiktoken_ext.openai_public.o200k_base()["pat_str"]


def test_marks_of_special_tokens_count_as_ordinary_text(exact: TiktokenCounter) -> None:
    assert exact.count("<|endoftext|>") > 1


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_estimate_is_never_below_the_truth(exact: TiktokenCounter, text: str) -> None:
    for piece in (text, *text.split()):
        assert SafeEstimate().count(piece) >= exact.count(piece), piece


def test_the_estimate_of_prose_stays_within_three_times_the_truth(exact: TiktokenCounter) -> None:
    assert SafeEstimate().count(TEXTS["English"]) <= 3 * exact.count(TEXTS["English"])


@given(st.text())
def test_any_text_at_all_can_be_counted(exact: TiktokenCounter, text: str) -> None:
    most = len(text.encode())
    assert 0 <= exact.count(text) <= most
    assert 0 <= SafeEstimate().count(text) <= most + 1


def test_half_a_character_can_be_counted(exact: TiktokenCounter) -> None:
    assert exact.count("\ud83d") > 0
    assert SafeEstimate().count("\ud83d") > 0


def test_long_texts_are_cut_without_losing_a_letter_or_adding_a_token(exact: TiktokenCounter) -> None:
    text = " ".join([TEXTS["English"], TEXTS["German"]] * 400)

    assert len(text) > 2 * SLICE_CHARS
    assert "".join(slices(text)) == text
    assert exact.count(text) == len(exact._encoding.encode_ordinary(text))


@pytest.mark.parametrize("character", ["a", " ", "!", "\n", "中", "😀"])
def test_endless_runs_of_one_character_are_cut(exact: TiktokenCounter, character: str) -> None:
    run = character * (3 * SLICE_CHARS)

    assert max(map(len, slices(run))) <= SLICE_CHARS
    assert exact.count(run) >= len(exact._encoding.encode_ordinary(run))


async def test_the_exact_counter_is_had_without_network() -> None:
    assert (await load_token_counter()).name == "o200k_base"


@pytest.mark.parametrize("damage", [b"", b"no xz at all", b"cut"])
async def test_a_damaged_file_is_not_fatal_and_not_deleted(tmp_path: Path, damage: bytes) -> None:
    for source in tokens.ENCODINGS.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    ranks = tmp_path / "o200k_base.tiktoken.xz"
    ranks.write_bytes(ranks.read_bytes()[:-1000] if damage == b"cut" else damage)

    assert (await load_token_counter(folder=tmp_path)).name == "estimate"
    assert ranks.exists()


def test_ranks_that_are_not_the_published_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "RANKS_SHA256", "0" * 64)

    with pytest.raises(tokens.EncodingUnusableError):
        load_encoding(tokens.ENCODINGS)


async def test_a_missing_file_is_not_fatal(tmp_path: Path) -> None:
    assert (await load_token_counter(folder=tmp_path)).name == "estimate"


async def test_a_load_that_hangs_does_not_hold_up_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(tokens, "load_encoding", lambda _folder: release.wait(30))

    counter = await asyncio.wait_for(load_token_counter(deadline_s=0.05), 5)
    release.set()

    assert counter.name == "estimate"
