"""A command as Discord keeps it and gives it back: what was left out is filled in, what says nothing is left out."""

from collections.abc import Mapping
from typing import Any

from adapters.discord.simulated.commands.kinds import NESTING, CommandType, Context, Installation
from adapters.discord.simulated.world.commands import Command

type Json = dict[str, Any]

# Option fields that stand only where they say something.
OPTIONAL = ("min_value", "max_value", "min_length", "max_length")


def normal(body: Mapping[str, Any], *, is_global: bool) -> Json:
    """The definition with every default; contexts and installations of a guild's command are not its own to choose."""
    kind = body.get("type") or CommandType.CHAT_INPUT
    permissions = body.get("default_member_permissions")
    contexts = _contexts(body) if is_global else None
    form: Json = {
        "type": kind,
        "name": body["name"],
        "name_localizations": body.get("name_localizations") or None,
        "description": body.get("description") or "",
        "description_localizations": body.get("description_localizations") or None,
        "default_member_permissions": None if permissions is None else str(permissions),
        "contexts": contexts,
        "integration_types": (is_global and body.get("integration_types")) or [int(Installation.GUILD_INSTALL)],
        "nsfw": bool(body.get("nsfw")),
    }
    if is_global:
        form["dm_permission"] = contexts is None or Context.BOT_DM in contexts
    if body.get("options"):
        form["options"] = [_option(option) for option in body["options"]]
    return form


def shown(command: Command, *, with_localizations: bool = True, locale: str | None = None) -> Json:
    """The command as the REST API gives it. Source: docs, "Retrieving localized commands"."""
    ids = {"id": str(command.id), "application_id": str(command.application_id), "version": str(command.version)}
    if command.guild_id is not None:
        ids["guild_id"] = str(command.guild_id)
    return ids | (command.body if with_localizations else _localized(command.body, locale))


def _contexts(body: Mapping[str, Any]) -> list[int] | None:
    if body.get("contexts"):
        return list(body["contexts"])
    if body.get("dm_permission") is False:  # the old way to say it
        return [int(Context.GUILD)]
    return None


def _option(option: Mapping[str, Any]) -> Json:
    form: Json = {
        "type": option["type"],
        "name": option["name"],
        "name_localizations": option.get("name_localizations") or None,
        "description": option["description"],
        "description_localizations": option.get("description_localizations") or None,
    }
    if option.get("required") and option["type"] not in NESTING:
        form["required"] = True
    if option.get("autocomplete"):
        form["autocomplete"] = True
    if option.get("choices"):
        form["choices"] = [{"name_localizations": None} | dict(choice) for choice in option["choices"]]
    if option.get("channel_types"):
        form["channel_types"] = sorted(option["channel_types"])
    if option.get("options"):
        form["options"] = [_option(inner) for inner in option["options"]]
    return form | {name: option[name] for name in OPTIONAL if option.get(name) is not None}


def _localized(form: Any, locale: str | None) -> Any:
    if isinstance(form, list):
        return [_localized(entry, locale) for entry in form]
    if not isinstance(form, Mapping):
        return form
    shown_form: Json = {}
    for name, value in form.items():
        if name in {"name_localizations", "description_localizations"}:
            text = (value or {}).get(locale)
            if text is not None:
                shown_form[name.removesuffix("izations") + "ized"] = text
        else:
            shown_form[name] = _localized(value, locale)
    return shown_form
