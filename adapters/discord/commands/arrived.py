"""An interaction as it arrived, in our own words: what nextcord hands over is translated here, and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import nextcord

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


def arrived(interaction: nextcord.Interaction[Any]) -> Arrived:
    """Translate. Raises Invalid for kinds of interaction that we never ask for."""
    try:
        kind = Interaction(interaction.type.value)
    except ValueError:
        raise Invalid("That kind of command is not one of mine.") from None
    user = interaction.user
    if user is None or interaction.channel_id is None:
        raise Invalid("Discord did not say who asks, or where: try again.")
    data: Mapping[str, Any] = interaction.data or {}
    words, given = _path(data) if kind in {Interaction.COMMAND, Interaction.TYPING} else ([], [])
    parent = interaction.channel.parent_id if isinstance(interaction.channel, nextcord.Thread) else None
    return Arrived(
        id=interaction.id,
        token=interaction.token,
        application=interaction.application_id,
        kind=kind,
        account=user.id,
        name=user.display_name,
        channel=interaction.channel_id,
        parent=parent,
        server=interaction.guild_id,
        permissions=interaction.permissions.value,
        path=" ".join(words),
        options={option["name"]: option["value"] for option in given if option["type"] != Kind.FILE},
        uploads=_uploads(given, data),
        focused=next((option["name"] for option in given if option.get("focused")), None),
        custom_id=str(data.get("custom_id", "")),
        values=tuple(data.get("values", ())),
        inputs=_inputs(data.get("components", ())),
        is_on_message=interaction.message is not None,
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
