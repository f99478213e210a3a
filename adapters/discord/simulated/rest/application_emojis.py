"""Emojis that belong to an application. Source: docs, resources/emoji ("Application-Owned Emoji").

The codes in the refusals' trees are what bots report of the real one; the documentation names the limits alone.
"""

import base64
import binascii
import re
from typing import Any

from adapters.discord.simulated.payloads import guilds as payloads
from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.problems import Problem, bad_text, missing, refuse_if_any, unknown
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.images import DATA_URI
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.world.guilds import Emoji
from adapters.discord.simulated.world.world import StoredFile

MOST = 2000
LARGEST_BYTES = 256 * 1024
SHORTEST_NAME_CHARS = 2
LONGEST_NAME_CHARS = 32
NAME = re.compile(r"\w*", re.ASCII)
SERVED_AS = ("webp", "png", "jpg", "jpeg", "gif")

ALL = "/applications/{application_id}/emojis"
ONE = ALL + "/{emoji_id}"

routes = Routes()


@routes.get(ALL)
def list_emojis(call: Call) -> Answer:
    return Answer(200, {"items": [_shown(call, emoji) for emoji in _own(call).values()]})


@routes.get(ONE)
def get_emoji(call: Call) -> Answer:
    return Answer(200, _shown(call, _of(call)))


@routes.post(ALL)
def create_emoji(call: Call) -> Answer:
    body, own = _checked(call, frozenset({"name", "image"})), _own(call)
    refuse_if_any([*missing("", body, "name", "image"), *_taken(own, body.get("name"))])
    file = _file(body["image"])
    if len(own) >= MOST:
        raise Refusal(400, 30008, f"Maximum number of emojis reached ({MOST})")
    emoji = Emoji(call.world.next_id(), body["name"], is_animated=file.content_type == "image/gif")
    own[emoji.id] = emoji
    for extension in SERVED_AS:
        call.world.files[f"emojis/{emoji.id}.{extension}"] = file
    return Answer(201, _shown(call, emoji))


@routes.patch(ONE)
def rename_emoji(call: Call) -> Answer:
    body, emoji = _checked(call, frozenset({"name"})), _of(call)
    others = {id_: each for id_, each in _own(call).items() if id_ != emoji.id}
    refuse_if_any(_taken(others, body.get("name")))
    emoji.name = body.get("name") or emoji.name
    return Answer(200, _shown(call, emoji))


@routes.delete(ONE)
def delete_emoji(call: Call) -> Answer:
    emoji = _of(call)
    del _own(call)[emoji.id]
    for extension in SERVED_AS:
        del call.world.files[f"emojis/{emoji.id}.{extension}"]
    return Answer(204)


def _own(call: Call) -> dict[int, Emoji]:
    if call.id("application_id") != call.application.id:
        raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
    return call.application.emojis


def _of(call: Call) -> Emoji:
    emoji = _own(call).get(call.id("emoji_id"))
    if emoji is None:
        raise errors.unknown("Emoji")
    return emoji


def _checked(call: Call, known: frozenset[str]) -> dict[str, Any]:
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    name = body.get("name")
    problems = [*unknown("", body, known), *bad_text("name", name, SHORTEST_NAME_CHARS, LONGEST_NAME_CHARS)]
    if isinstance(name, str) and not NAME.fullmatch(name):
        problems.append(Problem("name", "STRING_TYPE_REGEX", "String value did not match validation regex."))
    refuse_if_any(problems)
    return body


def _taken(others: dict[int, Emoji], name: str | None) -> list[Problem]:
    if name not in {each.name for each in others.values()}:
        return []
    return [Problem("name", "APPLICATION_EMOJI_NAME_ALREADY_TAKEN", "An emoji with that name already exists")]


def _file(image: object) -> StoredFile:
    match = DATA_URI.fullmatch(image) if isinstance(image, str) else None
    try:
        data = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error:
        data = b""
    if match is None or not data:
        refuse_if_any([Problem("image", "IMAGE_INVALID", "The resource must be an image given as a data URI")])
    if len(data) > LARGEST_BYTES:
        refuse_if_any([Problem("image", "BINARY_TYPE_MAX_SIZE", "File cannot be larger than 256.0 kb.")])
    assert match is not None, "it was refused otherwise"
    return StoredFile(data, match[1])


def _shown(call: Call, emoji: Emoji) -> dict[str, Any]:
    return payloads.emoji(emoji) | {"user": users.user(call.application.user)}
