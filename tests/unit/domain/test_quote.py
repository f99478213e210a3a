from typing import Any

from engine.domain import ERASED, Quote
from tests.builders import AT, QUOTE, attachment, message_quoted, quote_erased
from tests.unit.given import after, given

LAMP = attachment(id="a2", name="lamp.png")
WORDS: dict[str, Any] = {
    "person": "p2",
    "author": "Ben",
    "text": "The lamp was repaired.",
    "attachments": (LAMP,),
    "tokens": 5,
    "said_at": AT,
    "is_forward": False,
    "at": AT,
}


def test_words_are_quoted() -> None:
    given().when(lambda _: Quote.bring(QUOTE, **WORDS)).then(message_quoted())


def test_what_cannot_be_recorded_is_replaced_in_every_word() -> None:
    odd = {"author": "B\0n", "text": "lamp\0", "attachments": (attachment(name="l\0mp.png", description="\0"),)}
    quote = Quote.bring(QUOTE, **WORDS | odd)

    assert (quote.author, quote.text) == ("B\N{REPLACEMENT CHARACTER}n", "lamp\N{REPLACEMENT CHARACTER}")
    assert "\0" not in str(quote.attachments)


def test_an_edit_carries_the_whole() -> None:
    given(message_quoted()).when(lambda it: it.edit(text="It glows.", attachments=None, tokens=3, at=AT)).then(
        message_quoted(text="It glows.", tokens=3)
    )


def test_an_edit_to_the_same_words_changes_nothing() -> None:
    given(message_quoted()).when(
        lambda it: it.edit(text="The lamp was repaired.", attachments=(LAMP,), tokens=5, at=AT)
    ).then_nothing_happened()


def test_a_quote_is_erased_once_and_stays_so() -> None:
    quote = (
        given(message_quoted()).when(lambda it: it.erase(receipt="r1", reason="deleted", at=AT)).then(quote_erased())
    )
    assert (quote.text, quote.author, quote.attachments, quote.person) == (ERASED, None, ERASED, "")
    given(message_quoted(), quote_erased()).when(
        lambda it: it.erase(receipt="r2", reason="asked", at=AT)
    ).then_nothing_happened()
    given(message_quoted(), quote_erased()).when(
        lambda it: it.edit(text="It glows.", attachments=None, tokens=3, at=AT)
    ).then_nothing_happened()


def test_a_quote_whose_key_was_destroyed_is_gone() -> None:
    assert after(message_quoted(text=ERASED, author=ERASED, attachments=ERASED)).is_gone
