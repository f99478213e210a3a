"""Webhooks as their owners manage them. Source: docs, resources/webhook. Posting by them is `webhook_messages.py`'s."""

from typing import Any

from adapters.discord.simulated.changes import webhooks as changes
from adapters.discord.simulated.payloads.webhooks import webhook as payload_of
from adapters.discord.simulated.problems import missing, refuse_if_any, unknown
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms.webhooks import name_problems
from adapters.discord.simulated.rest.images import keep_avatar
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.world.channels import WITH_WEBHOOKS
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.webhooks import Webhook

MOST_IN_CHANNEL = 15
MOST_IN_GUILD = 1000

IN_CHANNEL = "/channels/{channel_id}/webhooks"
ONE = "/webhooks/{webhook_id}"
BY_TOKEN = "/webhooks/{webhook_id}/{webhook_token}"  # noqa: S105  # a path

routes = Routes()


@routes.post(IN_CHANNEL)
def create_webhook(call: Call) -> Answer:
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    if channel.type not in WITH_WEBHOOKS or channel.guild_id is None:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    body = _checked(call, frozenset({"name", "avatar"}))
    refuse_if_any(missing("", body, "name"))
    standing = call.world.webhooks.values()
    if sum(1 for each in standing if each.channel_id == channel.id) >= MOST_IN_CHANNEL:
        raise Refusal(400, 30007, f"Maximum number of webhooks reached ({MOST_IN_CHANNEL})")
    if sum(1 for each in standing if each.guild_id == channel.guild_id) >= MOST_IN_GUILD:
        raise Refusal(400, 30058, f"Maximum number of webhooks per guild reached ({MOST_IN_GUILD})")
    application = call.application
    name = body["name"].strip()
    webhook = changes.make(call.world, channel, name, user_id=application.user.id, application_id=application.id)
    webhook.avatar = keep_avatar(call.world, webhook.id, body.get("avatar"))
    return Answer(200, payload_of(call.world, webhook))


@routes.get(IN_CHANNEL)
def list_channel_webhooks(call: Call) -> Answer:
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    return Answer(200, [_shown(call, each) for each in call.world.webhooks.values() if each.channel_id == channel.id])


@routes.get("/guilds/{guild_id}/webhooks")
def list_guild_webhooks(call: Call) -> Answer:
    guild = call.guild()
    if Permission.MANAGE_WEBHOOKS not in call.world.permissions_in_guild(call.application.user.id, guild):
        raise errors.missing_permissions()
    return Answer(200, [_shown(call, each) for each in call.world.webhooks.values() if each.guild_id == guild.id])


@routes.get(ONE)
def get_webhook(call: Call) -> Answer:
    return Answer(200, _shown(call, _managed(call)))


@routes.patch(ONE)
def edit_webhook(call: Call) -> Answer:
    webhook = _managed(call)
    body = _checked(call, frozenset({"name", "avatar", "channel_id"}))
    if body.get("channel_id") is not None:
        target = call.world.channels.get(int(body["channel_id"]))
        if target is None or target.guild_id != webhook.guild_id:
            raise errors.unknown("Channel")
        if not call.may(Permission.MANAGE_WEBHOOKS, target):
            raise errors.missing_permissions()
        changes.move(call.world, webhook, target)
    _rename(call, webhook, body)
    return Answer(200, _shown(call, webhook))


@routes.delete(ONE)
def delete_webhook(call: Call) -> Answer:
    changes.delete(call.world, _managed(call))
    return Answer(204)


@routes.get(BY_TOKEN, "token")
def get_webhook_with_token(call: Call) -> Answer:
    return Answer(200, payload_of(call.world, webhook_of(call), has_user=False))


@routes.patch(BY_TOKEN, "token")
def edit_webhook_with_token(call: Call) -> Answer:
    webhook = webhook_of(call)
    _rename(call, webhook, _checked(call, frozenset({"name", "avatar"})))
    return Answer(200, payload_of(call.world, webhook, has_user=False))


@routes.delete(BY_TOKEN, "token")
def delete_webhook_with_token(call: Call) -> Answer:
    changes.delete(call.world, webhook_of(call))
    return Answer(204)


def webhook_of(call: Call) -> Webhook:
    """The path's webhook, by its token."""
    webhook = call.world.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise errors.unknown("Webhook")
    if webhook.token != call.path["webhook_token"]:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    return webhook


def _managed(call: Call) -> Webhook:
    webhook = call.world.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise errors.unknown("Webhook")
    if not call.may(Permission.MANAGE_WEBHOOKS, call.world.channels[webhook.channel_id]):
        raise errors.missing_permissions()
    return webhook


def _checked(call: Call, fields: frozenset[str]) -> dict[str, Any]:
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    refuse_if_any([*unknown("", body, fields), *name_problems("name", body.get("name"))])
    return body


def _rename(call: Call, webhook: Webhook, body: dict[str, Any]) -> None:
    if body.get("name") is not None:
        webhook.name = body["name"].strip()
    if "avatar" in body:
        webhook.avatar = keep_avatar(call.world, webhook.id, body["avatar"])
    changes.updated(call.world, webhook.channel_id)


def _shown(call: Call, webhook: Webhook) -> dict[str, Any]:
    """The token is for the application that made it, and for all where a person did."""
    is_ours = webhook.application_id in (None, call.application.id)
    return payload_of(call.world, webhook, has_token=is_ours)
