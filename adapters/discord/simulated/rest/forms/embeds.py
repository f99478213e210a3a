"""Embeds: what is refused, and how they stand on a message. Source: docs, resources/message, "Embed Limits"."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.discord.simulated.payloads.scalars import timestamp
from adapters.discord.simulated.problems import (
    Problem,
    at,
    bad_flag,
    bad_list,
    bad_number,
    bad_text,
    missing,
    unknown,
)

MOST_EMBEDS = 10
MOST_CHARS = 6000  # of all texts of all embeds together
MOST_FIELDS = 25
LONGEST_TITLE_CHARS = 256
LONGEST_DESCRIPTION_CHARS = 4096
LONGEST_FIELD_NAME_CHARS = 256
LONGEST_FIELD_VALUE_CHARS = 1024
LONGEST_FOOTER_CHARS = 2048
LONGEST_AUTHOR_CHARS = 256
LONGEST_URL_CHARS = 2048
LARGEST_COLOUR = 0xFFFFFF

FIELDS = frozenset(
    {
        *("title", "type", "description", "url", "timestamp", "color", "footer", "image", "thumbnail", "video"),
        *("provider", "author", "fields", "flags"),
    }
)
MEDIA_FIELDS = frozenset(
    {
        *("url", "proxy_url", "width", "height", "content_type", "placeholder", "placeholder_version"),
        *("description", "flags", "is_animated"),
    }
)
FOOTER_FIELDS = frozenset({"text", "icon_url", "proxy_icon_url"})
AUTHOR_FIELDS = frozenset({"name", "url", "icon_url", "proxy_icon_url"})
FIELD_FIELDS = frozenset({"name", "value", "inline"})


def embeds_problems(path: str, embeds: object) -> Iterator[Problem]:
    yield from bad_list(path, embeds, 0, MOST_EMBEDS)
    if not isinstance(embeds, list):
        return
    for position, embed in enumerate(embeds):
        yield from _embed(at(path, position), embed)
    if sum(_size_chars(embed) for embed in embeds) > MOST_CHARS:
        yield Problem(path, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MOST_CHARS}")


def standing(embeds: Sequence[Mapping[str, Any]], media: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Embeds as a message shows them; `media` gives an attachment's payload for its file name."""
    return [_standing(embed, media) for embed in embeds]


def _embed(path: str, embed: object) -> Iterator[Problem]:
    if not isinstance(embed, Mapping):
        yield Problem(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    yield from unknown(path, embed, FIELDS)
    yield from bad_text(at(path, "title"), embed.get("title"), 0, LONGEST_TITLE_CHARS)
    yield from bad_text(at(path, "description"), embed.get("description"), 0, LONGEST_DESCRIPTION_CHARS)
    yield from bad_number(at(path, "color"), embed.get("color"), 0, LARGEST_COLOUR)
    yield from _url(at(path, "url"), embed.get("url"))
    yield from _moment(at(path, "timestamp"), embed.get("timestamp"))
    yield from bad_list(at(path, "fields"), embed.get("fields"), 0, MOST_FIELDS)
    for position, field in enumerate(embed.get("fields") or ()):
        where = at(at(path, "fields"), position)
        yield from unknown(where, field, FIELD_FIELDS)
        yield from missing(where, field, "name", "value")
        yield from bad_text(at(where, "name"), field.get("name"), 1, LONGEST_FIELD_NAME_CHARS)
        yield from bad_text(at(where, "value"), field.get("value"), 1, LONGEST_FIELD_VALUE_CHARS)
        yield from bad_flag(at(where, "inline"), field.get("inline"))
    footer, author = embed.get("footer") or {}, embed.get("author") or {}
    yield from unknown(at(path, "footer"), footer, FOOTER_FIELDS)
    yield from bad_text(at(path, "footer.text"), footer.get("text"), 1, LONGEST_FOOTER_CHARS)
    yield from _url(at(path, "footer.icon_url"), footer.get("icon_url"), may_be_attachment=True)
    yield from unknown(at(path, "author"), author, AUTHOR_FIELDS)
    yield from bad_text(at(path, "author.name"), author.get("name"), 1, LONGEST_AUTHOR_CHARS)
    yield from _url(at(path, "author.icon_url"), author.get("icon_url"), may_be_attachment=True)
    for name in ("image", "thumbnail"):
        media = embed.get(name) or {}
        yield from unknown(at(path, name), media, MEDIA_FIELDS)
        yield from _url(at(path, f"{name}.url"), media.get("url"), may_be_attachment=True)


def _url(path: str, url: object, *, may_be_attachment: bool = False) -> Iterator[Problem]:
    yield from bad_text(path, url, 0, LONGEST_URL_CHARS)
    schemes = ("http://", "https://", *(("attachment://",) if may_be_attachment else ()))
    if isinstance(url, str) and url and not url.startswith(schemes):
        yield Problem(path, "URL_TYPE_INVALID_SCHEME", f'Scheme "{url.partition(":")[0]}" is not supported.')


def _moment(path: str, moment: object) -> Iterator[Problem]:
    try:
        datetime.fromisoformat(str(moment or "2026-01-01"))
    except ValueError:
        yield Problem(path, "DATE_TIME_TYPE_PARSE", f"Could not parse {moment}. Should be ISO8601.")


def _size_chars(embed: object) -> int:
    if not isinstance(embed, Mapping):
        return 0
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or ():
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def _standing(embed: Mapping[str, Any], media: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "rich"}
    for name, value in embed.items():
        if value is None or name == "type":
            continue
        if name == "fields":
            shown[name] = [{"inline": False} | _filled(field) for field in value]
        elif name == "timestamp":
            shown[name] = timestamp(datetime.fromisoformat(value))
        elif isinstance(value, Mapping):
            shown[name] = {key: _address(each, media) for key, each in _filled(value).items()}
        else:
            shown[name] = value
    return shown


def _filled(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if value is not None}


def _address(value: Any, media: Mapping[str, Mapping[str, Any]]) -> Any:
    """`attachment://name` becomes the file's address."""
    if isinstance(value, str) and value.startswith("attachment://"):
        found = media.get(value.removeprefix("attachment://"))
        return value if found is None else found["url"]
    return value
