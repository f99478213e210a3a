"""A chunk of a reply as Discord's JSON, through a webhook or as a plain message; pure.

What does not fit beside the text within 2000 characters (the small print, the name) goes into an embed, so that one
chunk stays one post, whose id says where it stands and which is taken back as a whole.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from adapters.discord.speaking.chunks import MESSAGE_CHARS
from adapters.discord.speaking.footer import SMALL, footer_of, without_small_print
from adapters.discord.speaking.names import bold_name
from engine.ports import Posting

Json = Mapping[str, Any]

NOBODY: Json = {"parse": []}
"""Allowed mentions: whatever a text, a name or a card smuggles in, nobody is pinged."""

AVATAR_URL_CHARS = 2048


def webhook_message(posting: Posting, *, name: str, with_avatar: bool = True) -> Json:
    footer = _footer(posting)
    avatar = _avatar(posting.avatar_url) if with_avatar else None
    return {
        "content": _with_footer(posting.text, footer),
        "username": name,
        "allowed_mentions": NOBODY,
        **({"avatar_url": avatar} if avatar else {}),
        **_embeds(None, footer if _overflows(posting.text, footer) else ""),
    }


def plain_message(posting: Posting, *, with_embeds: bool = True) -> Json:
    """`enforce_nonce` makes Discord return the message that stands already, for some minutes after it was posted."""
    footer = _footer(posting)
    name = bold_name(posting.character_name) if posting.chunk == 0 else ""
    named = f"{name} {posting.text}" if name else posting.text
    is_named_in_text = len(named) <= MESSAGE_CHARS
    text = named if is_named_in_text else posting.text
    embeds = _embeds(None if is_named_in_text else posting.character_name, footer if _overflows(text, footer) else "")
    return {
        "content": _with_footer(text, footer),
        "allowed_mentions": NOBODY,
        "nonce": posting.nonce,
        "enforce_nonce": True,
        **(embeds if with_embeds else {}),
    }


def said_in(content: str) -> str:
    """The content of a post without small print and differences of whitespace."""
    return " ".join(without_small_print(content).split())


def _footer(posting: Posting) -> str:
    return footer_of(posting.footer) if posting.chunk == posting.chunks - 1 else ""


def _with_footer(text: str, footer: str) -> str:
    return text if not footer or _overflows(text, footer) else f"{text}\n{footer}"


def _overflows(text: str, footer: str) -> bool:
    return bool(footer) and len(text) + 1 + len(footer) > MESSAGE_CHARS


def _embeds(name: str | None, footer: str) -> Json:
    embed = {
        **({"author": {"name": name}} if name else {}),
        **({"footer": {"text": footer.replace(SMALL, "")}} if footer else {}),
    }
    return {"embeds": [embed]} if embed else {}


def _avatar(url: str | None) -> str | None:
    """An address that Discord can take; none is better than a reply that does not arrive."""
    if not url or len(url) > AVATAR_URL_CHARS or urlsplit(url).scheme != "https":
        return None
    return url
