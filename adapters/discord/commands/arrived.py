"""An interaction as it arrived, in our own words: what Discord sends is translated here, and nowhere else. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from adapters.discord.commands.declaring import Kind, Upload, Value
from engine.errors import Invalid


class Interaction(IntEnum):
    """What kind of interaction it is, by Discord's numbers."""

    COMMAND = 2
    COMPONENT = 3
    TYPING = 4
    FORM = 5


SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
TEXT_INPUT = 4
THREADS = frozenset({10, 11, 12})
"""Discord's types of channels that belong to another."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody used a command, is typing one, used a component, or sent a form."""

    id: int
    token: str
    application: int
    kind: Interaction
    account: int
    name: str
    channel: int
    parent: int | None
    """The channel that a thread belongs to."""
    server: int | None
    permissions: int
    path: str = ""
    """Of a command: its words."""
    options: Mapping[str, Value] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    focused: str | None = None
    """The option that is being typed."""
    custom_id: str = ""
    values: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    is_on_message: bool = False
    """Whether a form was opened from a component, so that there is a message to change."""


def arrived(payload: Mapping[str, Any]) -> Arrived:
    """Translate an interaction. Raises Invalid for kinds that we never ask for, and for what is no interaction."""
    try:
        return _arrived(payload, Interaction(payload["type"]))
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):  # not of the kind it was
        raise Invalid("That is no interaction that can be answered.") from None


def _arrived(payload: Mapping[str, Any], kind: Interaction) -> Arrived:
    data: Mapping[str, Any] = payload.get("data") or {}
    member: Mapping[str, Any] = payload.get("member") or {}
    user: Mapping[str, Any] = member.get("user") or payload["user"]
    channel: Mapping[str, Any] = payload.get("channel") or {}
    words, given = _path(data) if kind in {Interaction.COMMAND, Interaction.TYPING} else ([], [])
    is_thread = channel.get("type") in THREADS
    return Arrived(
        id=int(payload["id"]),
        token=str(payload["token"]),
        application=int(payload["application_id"]),
        kind=kind,
        account=int(user["id"]),
        name=str(member.get("nick") or user.get("global_name") or user["username"]),
        channel=int(payload["channel_id"]),
        parent=int(channel["parent_id"]) if is_thread and channel.get("parent_id") else None,
        server=int(payload["guild_id"]) if payload.get("guild_id") else None,
        permissions=int(member.get("permissions") or 0),
        path=" ".join(words),
        options={option["name"]: option["value"] for option in given if option["type"] != Kind.FILE},
        uploads=_uploads(given, data),
        focused=next((option["name"] for option in given if option.get("focused")), None),
        custom_id=str(data.get("custom_id", "")),
        values=tuple(data.get("values", ())),
        inputs=_inputs(data.get("components", ())),
        is_on_message=bool(payload.get("message")),
    )


def _path(data: Mapping[str, Any]) -> tuple[list[str], Sequence[Mapping[str, Any]]]:
    """The words of a command and the options of the last one."""
    words, options = [str(data["name"])], data.get("options") or []
    while options and options[0]["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP}:
        words.append(str(options[0]["name"]))
        options = options[0].get("options") or []
    return words, options


def _uploads(given: Sequence[Mapping[str, Any]], data: Mapping[str, Any]) -> dict[str, Upload]:
    attachments = data.get("resolved", {}).get("attachments", {})
    uploads = {}
    for option in given:
        if option["type"] == Kind.FILE:
            file = attachments[str(option["value"])]
            uploads[option["name"]] = Upload(
                file["filename"], file["url"], file["size"], file.get("content_type") or ""
            )
    return uploads


def _inputs(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What was filled in, by the names of the inputs, whether they stand in rows or under labels."""
    found: dict[str, str] = {}
    for component in components:
        inner = component.get("components") or ([component["component"]] if "component" in component else [])
        if component.get("type") == TEXT_INPUT:
            found[str(component["custom_id"])] = str(component.get("value") or "")
        found |= _inputs(inner)
    return found
