"""Whom a message mentions, which is whom it pings.

Clients highlight and sound for who is in `mentions`, `mention_roles` and `mention_everyone`, so that what
allowed_mentions leaves out is in none of them, though it stands in the text. Source: docs, resources/message, "Allowed
Mentions Object" and its reference of what each combination does. Nothing in code marks or in an embed mentions.
"""

import re
from dataclasses import dataclass
from typing import Any

from adapters.discord.simulated.world.messages import Mentions, Message, ReferenceType
from adapters.discord.simulated.world.users import User
from adapters.discord.simulated.world.world import World

USER = re.compile(r"<@!?(\d{1,20})>")
ROLE = re.compile(r"<@&(\d{1,20})>")
EVERYONE = re.compile(r"@(?:everyone|here)")
CODE = re.compile(r"```.*?```|``.*?``|`[^`]*`", re.DOTALL)
TEXT_DISPLAY = 10  # the component that holds text; docs, components/reference


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """What a message may ping of what it names."""

    parse: frozenset[str] = frozenset()  # "users", "roles", "everyone"
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = False


# What holds for a message that says nothing about it.
ALL = AllowedMentions(parse=frozenset({"users", "roles", "everyone"}), replied_user=True)


def mentioned(world: World, message: Message, allowed: AllowedMentions, *, may_mention_everyone: bool) -> Mentions:
    """`may_mention_everyone`: whether its author may ping @everyone, @here and roles that are not mentionable."""
    text = CODE.sub("", "\n".join([message.content, *_shown(message.components)]))
    named_users = [int(each) for each in USER.findall(text)]
    users = [each for each in named_users if each in world.users and _allows(allowed, "users", each)]
    if allowed.replied_user and (replied_to := _replied_to(world, message)) is not None:
        users.append(replied_to)
    if message.guild_id is None:
        return Mentions(users=tuple(dict.fromkeys(users)))
    roles = world.guilds[message.guild_id].roles
    named_roles = [int(each) for each in ROLE.findall(text)]
    named = [roles[each] for each in named_roles if each in roles and each != message.guild_id]
    return Mentions(
        users=tuple(dict.fromkeys(users)),
        roles=tuple(
            dict.fromkeys(
                role.id
                for role in named
                if (role.is_mentionable or may_mention_everyone) and _allows(allowed, "roles", role.id)
            )
        ),
        everyone="everyone" in allowed.parse and may_mention_everyone and EVERYONE.search(text) is not None,
    )


def _allows(allowed: AllowedMentions, kind: str, id: int) -> bool:
    return kind in allowed.parse or id in (allowed.users if kind == "users" else allowed.roles)


def _replied_to(world: World, message: Message) -> int | None:
    reference = message.reference
    if reference is None or reference.type != ReferenceType.REPLY or reference.message_id is None:
        return None
    answered = world.messages.get(reference.message_id)
    return answered.author.id if answered is not None and isinstance(answered.author, User) else None


def _shown(components: list[dict[str, Any]]) -> list[str]:
    """The texts of text displays, wherever they are nested."""
    found = []
    for component in components:
        if component.get("type") == TEXT_DISPLAY:
            found.append(str(component.get("content", "")))
        nested = [each for each in component.get("components", ()) if isinstance(each, dict)]
        found += _shown(nested)
    return found
