"""Users, members and applications in Discord's JSON."""

from typing import Any

from adapters.discord.simulated.payloads.scalars import snowflake, timestamp, timestamp_or_none
from adapters.discord.simulated.world.guilds import Member
from adapters.discord.simulated.world.users import Application, Author, User, WebhookAuthor

# Application flags (docs, resources/application): set when a privileged intent is switched on for a bot in few guilds.
GATEWAY_PRESENCE_LIMITED = 1 << 13
GATEWAY_GUILD_MEMBERS_LIMITED = 1 << 15
GATEWAY_MESSAGE_CONTENT_LIMITED = 1 << 19


def user(user: Author) -> dict[str, Any]:
    if isinstance(user, WebhookAuthor):
        return webhook_author(user)
    payload = {
        "id": snowflake(user.id),
        "username": user.username,
        "discriminator": "0000" if user.is_bot else "0",
        "global_name": user.global_name,
        "avatar": user.avatar,
        "public_flags": 0,
        "flags": 0,
        "banner": user.banner,
        "accent_color": user.accent_color,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }
    return payload | ({"bot": True} if user.is_bot else {})


def webhook_author(author: WebhookAuthor) -> dict[str, Any]:
    return {
        "id": snowflake(author.id),
        "username": author.username,
        "discriminator": "0000",
        "global_name": None,
        "avatar": author.avatar,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        "bot": True,
    }


def own_user(user_: User) -> dict[str, Any]:
    """A bot as it sees itself (`/users/@me`, READY)."""
    return user(user_) | {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}


def member(member: Member, owner: User | None = None) -> dict[str, Any]:
    """A member of a guild; messages carry it without its user."""
    payload: dict[str, Any] = {
        "nick": member.nick,
        "avatar": member.avatar,
        "avatar_decoration_data": None,
        "banner": None,
        "collectibles": None,
        "roles": [snowflake(role) for role in member.roles],
        "joined_at": timestamp(member.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": timestamp_or_none(member.timed_out_until),
    }
    return payload if owner is None else payload | {"user": user(owner)}


def application(application: Application) -> dict[str, Any]:
    """An application as its own bot sees it (`/applications/@me`)."""
    flags = application_flags(application)
    return {
        "id": snowflake(application.id),
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "bot": user(application.user),
        "bot_public": application.is_public,
        "bot_require_code_grant": False,
        "verify_key": application.verify_key,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(application.owner),
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "integration_types_config": {"0": {}, "1": {}},
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
    }


def application_flags(application: Application) -> int:
    flags = 0
    for bit, flag in _PRIVILEGED:
        flags |= flag if application.privileged_intents & bit else 0
    return flags


# Intent bit → application flag.
_PRIVILEGED = (
    (1 << 1, GATEWAY_GUILD_MEMBERS_LIMITED),
    (1 << 8, GATEWAY_PRESENCE_LIMITED),
    (1 << 15, GATEWAY_MESSAGE_CONTENT_LIMITED),
)
