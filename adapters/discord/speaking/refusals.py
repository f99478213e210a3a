"""Discord's error codes as what they mean for a post; pure. Codes: its documentation, "JSON Error Codes".

The sentences are for whoever runs the bot or the server: what is refused, what can be done about it. They never repeat
Discord's own text, which may quote the message.
"""

from adapters.discord.speaking.rest import Denied
from engine.errors import PostError, PostUncertain
from engine.ports import PostRefusal, PostRefused

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
MISSING_ACCESS = 50001
MISSING_PERMISSIONS = 50013
INVALID_WEBHOOK_TOKEN = 50027
THREAD_ARCHIVED = 50083
WEBHOOKS_USED_UP = frozenset({30007, 30058})  # of a channel, of a server

_NO_PERMISSION = {
    MISSING_ACCESS: "The bot may not see this channel: give it the permission View Channel there.",
    50007: "This person takes no messages from the bot: they have to allow direct messages, or lift their block.",
    50008: "This kind of channel takes no messages.",
    MISSING_PERMISSIONS: "The bot may not do this here: give it Send Messages (in threads: Send Messages in Threads).",
    THREAD_ARCHIVED: "The thread is archived and the bot may not open it: open it, or give the bot Manage Threads.",
    160005: "The thread is locked: unlock it, or give the bot the permission Manage Threads.",
}
_PLACE_GONE = {
    UNKNOWN_CHANNEL: "The channel or thread is not there any more.",
    10004: "The server is not there any more, or the bot is not in it.",
}
_CONTENT_REFUSED = {
    20009: "Discord takes explicit content in an age-restricted channel only.",
    200000: "The server's AutoMod keeps this text from being posted.",
    200001: "The server's AutoMod keeps this text from being posted.",
    240000: "Discord takes a link in this text for a harmful one.",
}
UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404


def refused(denied: Denied) -> PostError:
    """What a refusal of Discord means for the post that was tried."""
    for reason, sentences in (
        (PostRefusal.NO_PERMISSION, _NO_PERMISSION),
        (PostRefusal.PLACE_GONE, _PLACE_GONE),
        (PostRefusal.CONTENT_REFUSED, _CONTENT_REFUSED),
    ):
        if denied.code in sentences:
            return PostRefused(sentences[denied.code], reason=reason)
    if denied.status == UNAUTHORIZED:
        return PostUncertain(
            "Discord does not accept the bot's token: set DISCORD_TOKEN to a valid one and start again."
        )
    if denied.status == FORBIDDEN:
        return PostRefused(f"The bot may not do this here ({denied}).", reason=PostRefusal.NO_PERMISSION)
    if denied.status == NOT_FOUND:
        return PostRefused(f"What was to be posted to is not there ({denied}).", reason=PostRefusal.PLACE_GONE)
    return PostRefused(f"Discord does not take this post ({denied}).", reason=PostRefusal.CONTENT_REFUSED)
