"""Which events a session hears: gateway intents, and what stays hidden without message content.

Source: docs, events/gateway ("List of Intents", "Message Content Intent").
"""

from enum import IntFlag
from typing import Any


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
KNOWN = Intent(sum(Intent))

# Event → the intent for it in guilds, and in DMs where there is one.
_NEEDED: dict[str, tuple[Intent, Intent | None]] = (
    dict.fromkeys(("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE", "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC", "THREAD_MEMBER_UPDATE", "THREAD_MEMBERS_UPDATE"), (Intent.GUILDS, None))
    | dict.fromkeys(("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"), (Intent.GUILD_MEMBERS, None))
    | dict.fromkeys(("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"), (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES))
    | dict.fromkeys(("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI"), (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS))
    | dict.fromkeys(("MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE"), (Intent.GUILD_MESSAGE_POLLS, Intent.DIRECT_MESSAGE_POLLS))
    | {
        "CHANNEL_PINS_UPDATE": (Intent.GUILDS, Intent.DIRECT_MESSAGES),
        "TYPING_START": (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
        "WEBHOOKS_UPDATE": (Intent.GUILD_WEBHOOKS, None),
        "GUILD_BAN_ADD": (Intent.GUILD_MODERATION, None),
        "GUILD_BAN_REMOVE": (Intent.GUILD_MODERATION, None),
        "GUILD_EMOJIS_UPDATE": (Intent.GUILD_EXPRESSIONS, None),
        "GUILD_STICKERS_UPDATE": (Intent.GUILD_EXPRESSIONS, None),
    }
)


def hears(intents: Intent, name: str, *, is_direct: bool) -> bool:
    """Events that need no intent (INTERACTION_CREATE, USER_UPDATE, …) are heard by all."""
    needed = _NEEDED.get(name)
    if needed is None:
        return True
    in_guilds, in_dms = needed
    return bool(intents & (in_dms if is_direct and in_dms is not None else in_guilds))


HIDDEN = {"content": "", "embeds": [], "attachments": [], "components": []}


def without_content(message: dict[str, Any], bot_id: int) -> dict[str, Any]:
    """A message as a bot without MESSAGE_CONTENT gets it: bare, unless it is its own, to it, or in a DM."""
    is_own = message["author"]["id"] == str(bot_id)
    is_to_it = any(each["id"] == str(bot_id) for each in message["mentions"])
    if is_own or is_to_it or "guild_id" not in message:
        return message
    bare = {key: value for key, value in message.items() if key not in {"poll", "message_snapshots"}} | HIDDEN
    if (answered := bare.get("referenced_message")) is not None:
        bare["referenced_message"] = without_content(answered | {"guild_id": message["guild_id"]}, bot_id)
        bare["referenced_message"].pop("guild_id", None)
    return bare
