from dataclasses import replace

import pytest

from adapters.discord.speaking.payloads import plain_message, said_in, webhook_message
from engine.ports import Footer, Posting
from tests.builders import AT

POSTING = Posting(
    place="discord-1",
    in_reply_to="message.discord-1.2",
    character="lyra",
    character_name="Lyra",
    reply="reply.discord-1.2.lyra.1",
    text="It rained.",
    chunk=0,
    chunks=1,
    nonce="n-1",
    since=AT,
)
FOOTER = Footer(model="acme/model-7b", is_automatic=True)


def test_nobody_is_ever_pinged() -> None:
    for message in (webhook_message(POSTING, name="Lyra"), plain_message(POSTING)):
        assert message["allowed_mentions"] == {"parse": []}


def test_a_webhook_shows_name_and_avatar() -> None:
    message = webhook_message(replace(POSTING, avatar_url="https://example.org/lyra.png"), name="Lyra | Tzurot")
    assert (message["username"], message["avatar_url"]) == ("Lyra | Tzurot", "https://example.org/lyra.png")


@pytest.mark.parametrize(
    "url", [None, "", "http://example.org/a.png", "data:image/png;base64,AA", f"https://e.org/{'x' * 2048}"]
)
def test_an_avatar_that_discord_would_refuse_is_left_out(url: str | None) -> None:
    assert "avatar_url" not in webhook_message(replace(POSTING, avatar_url=url), name="Lyra")


def test_the_footer_stands_below_the_last_chunk_only() -> None:
    first, last = replace(POSTING, chunks=2, footer=FOOTER), replace(POSTING, chunk=1, chunks=2, footer=FOOTER)
    assert webhook_message(first, name="Lyra")["content"] == "It rained."
    assert webhook_message(last, name="Lyra")["content"] == "It rained.\n-# model: acme/model-7b • 📍 auto"


def test_a_footer_that_would_overflow_stands_beside_the_text_in_the_same_post() -> None:
    message = webhook_message(replace(POSTING, text="x" * 1_990, footer=FOOTER), name="Lyra")
    assert message["content"] == "x" * 1_990
    assert message["embeds"] == [{"footer": {"text": "model: acme/model-7b • 📍 auto"}}]


def test_a_plain_message_says_its_name_once_and_carries_its_nonce() -> None:
    first, last = plain_message(replace(POSTING, chunks=2)), plain_message(replace(POSTING, chunk=1, chunks=2))
    assert (first["content"], last["content"]) == ("**Lyra:** It rained.", "It rained.")
    assert (first["nonce"], first["enforce_nonce"]) == ("n-1", True)


def test_a_name_that_would_overflow_stands_beside_the_text_in_the_same_post() -> None:
    message = plain_message(replace(POSTING, text="x" * 2_000, footer=FOOTER))
    assert message["content"] == "x" * 2_000
    assert message["embeds"] == [{"author": {"name": "Lyra"}, "footer": {"text": "model: acme/model-7b • 📍 auto"}}]


def test_what_was_said_is_found_in_a_post_again_however_it_was_posted() -> None:
    posting = replace(POSTING, text="It  rained.\n\n`All` day. ", footer=FOOTER)
    assert said_in(webhook_message(posting, name="Lyra")["content"].strip()) == said_in(posting.text)
    assert said_in(plain_message(posting)["content"]) == "**Lyra:** It rained. `All` day."
