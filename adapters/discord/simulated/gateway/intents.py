"""Which events a session hears: gateway intents, and what stays hidden without message content.

Source: docs, events/gateway ("List of Intents", "Message Content Intent").
"""

from collections.abc import Mapping
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
_NEEDED: Mapping[str, tuple[Intent, Intent | None]] = {
    "GUILD_CREATE": (Intent.GUILDS, None),
    "GUILD_UPDATE": (Intent.GUILDS, None),
    "GUILD_DELETE": (Intent.GUILDS, None),
    "GUILD_ROLE_CREATE": (Intent.GUILDS, None),
    "GUILD_ROLE_UPDATE": (Intent.GUILDS, None),
    "GUILD_ROLE_DELETE": (Intent.GUILDS, None),
    "CHANNEL_CREATE": (Intent.GUILDS, None),
    "CHANNEL_UPDATE": (Intent.GUILDS, None),
    "CHANNEL_DELETE": (Intent.GUILDS, None),
    "CHANNEL_PINS_UPDATE": (Intent.GUILDS, Intent.DIRECT_MESSAGES),
    "THREAD_CREATE": (Intent.GUILDS, None),
    "THREAD_UPDATE": (Intent.GUILDS, None),
    "THREAD_DELETE": (Intent.GUILDS, None),
    "THREAD_MEMBERS_UPDATE": (Intent.GUILDS, None),
    "GUILD_MEMBER_ADD": (Intent.GUILD_MEMBERS, None),
    "GUILD_MEMBER_UPDATE": (Intent.GUILD_MEMBERS, None),
    "GUILD_MEMBER_REMOVE": (Intent.GUILD_MEMBERS, None),
    "GUILD_EMOJIS_UPDATE": (Intent.GUILD_EXPRESSIONS, None),
    "GUILD_STICKERS_UPDATE": (Intent.GUILD_EXPRESSIONS, None),
    "WEBHOOKS_UPDATE": (Intent.GUILD_WEBHOOKS, None),
    "MESSAGE_CREATE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_UPDATE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_DELETE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_DELETE_BULK": (Intent.GUILD_MESSAGES, None),
    "MESSAGE_REACTION_ADD": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE_ALL": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE_EMOJI": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_POLL_VOTE_ADD": (Intent.GUILD_MESSAGE_POLLS, Intent.DIRECT_MESSAGE_POLLS),
    "MESSAGE_POLL_VOTE_REMOVE": (Intent.GUILD_MESSAGE_POLLS, Intent.DIRECT_MESSAGE_POLLS),
    "TYPING_START": (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
}
# Heard by all: what concerns the application itself.
_ALWAYS = frozenset({"INTERACTION_CREATE", "USER_UPDATE", "GUILD_MEMBERS_CHUNK", "READY", "RESUMED"})


def hears(intents: Intent, name: str, data: Mapping[str, Any], *, bot_id: int, is_direct: bool) -> bool:
    """Whether an event of that name comes to a session with those intents."""
    if name in _ALWAYS:
        return True
    in_guilds, in_dms = _NEEDED[name]
    if name == "GUILD_MEMBER_UPDATE" and data["user"]["id"] == str(bot_id):
        return True  # docs: about itself a bot hears without the intent
    if name == "THREAD_MEMBERS_UPDATE" and Intent.GUILD_MEMBERS not in intents:
        # Docs: without that intent, only when the bot itself was added or removed.
        joined = [each["user_id"] for each in data["added_members"]]
        return Intent.GUILDS in intents and str(bot_id) in [*joined, *data["removed_member_ids"]]
    needed = in_dms if is_direct and in_dms is not None else in_guilds
    return bool(intents & needed)


def told(intents: Intent, name: str, data: dict[str, Any], bot_id: int) -> dict[str, Any]:
    """An event's data as a session with those intents gets it."""
    if name in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} and Intent.MESSAGE_CONTENT not in intents:
        return without_content(data, bot_id)
    if name == "GUILD_CREATE" and Intent.GUILD_PRESENCES not in intents:
        # Docs, "Guild Create": without presences only the bot itself (and who is in voice channels).
        return data | {"members": [each for each in data["members"] if each["user"]["id"] == str(bot_id)]}
    return data


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
