"""Who may do what where: Discord's permission bits and how roles and overwrites add up.

Source: discord-api-docs, topics/permissions ("Permission Hierarchy", "Permission Overwrites", "Implicit Permissions").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SET_VOICE_CHANNEL_STATUS = 1 << 48
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


NONE = Permission(0)
ALL = Permission(sum(Permission))

# What people find in a new server: the bits of @everyone there.
EVERYDAY = (
    Permission.CREATE_INSTANT_INVITE
    | Permission.ADD_REACTIONS
    | Permission.STREAM
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.USE_VAD
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.USE_EXTERNAL_STICKERS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_VOICE_MESSAGES
    | Permission.SEND_POLLS
    | Permission.USE_EXTERNAL_APPS
)

# In a DM everyone may do what conversation needs.
IN_A_DM = EVERYDAY & ~(Permission.CREATE_PUBLIC_THREADS | Permission.CREATE_PRIVATE_THREADS) | Permission.PIN_MESSAGES


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel allows or denies to one role or member."""

    target: int
    is_member: bool
    allow: Permission = NONE
    deny: Permission = NONE


def in_guild(role_bits: Iterable[Permission], *, is_owner: bool) -> Permission:
    """What a member may do in a guild, from the bits of @everyone and of their roles."""
    if is_owner:
        return ALL
    total = NONE
    for bits in role_bits:
        total |= bits
    return ALL if Permission.ADMINISTRATOR in total else total


def in_channel(
    in_guild: Permission, overwrites: Iterable[Overwrite], *, everyone: int, roles: frozenset[int], member: int
) -> Permission:
    """What a member may do in a channel: @everyone's overwrite, then all roles' together, then the member's own."""
    if in_guild == ALL:
        return ALL
    total, allow, deny, own = in_guild, NONE, NONE, None
    for overwrite in overwrites:
        if overwrite.is_member:
            own = overwrite if overwrite.target == member else own
        elif overwrite.target == everyone:
            total = total & ~overwrite.deny | overwrite.allow
        elif overwrite.target in roles:
            allow |= overwrite.allow
            deny |= overwrite.deny
    total = total & ~deny | allow
    if own is not None:
        total = total & ~own.deny | own.allow
    return implied(total)


def implied(bits: Permission) -> Permission:
    """Without VIEW_CHANNEL nothing is possible; without SEND_MESSAGES nothing that makes a message is."""
    if Permission.VIEW_CHANNEL not in bits:
        return NONE
    if Permission.SEND_MESSAGES not in bits:
        bits &= ~(
            Permission.MENTION_EVERYONE
            | Permission.SEND_TTS_MESSAGES
            | Permission.ATTACH_FILES
            | Permission.EMBED_LINKS
        )
    return bits


def timed_out(bits: Permission) -> Permission:
    """What is left to a member in a time-out: seeing and reading; administrators cannot be timed out."""
    if Permission.ADMINISTRATOR in bits:
        return bits
    return bits & (Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
