"""What Discord's refusals mean for a post; pure.

The sentences are for whoever runs the bot or the server: what is refused, what can be done about it. They never repeat
Discord's own text, which may quote the message.
"""

from adapters.discord.rest.refusals import (
    FORBIDDEN,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    NOT_FOUND,
    THREAD_ARCHIVED,
    UNAUTHORIZED,
    UNKNOWN_CHANNEL,
    Denied,
)
from engine.errors import PostError, PostUncertain
from engine.ports import PostRefusal, PostRefused

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
