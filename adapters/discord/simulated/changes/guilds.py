"""What happens to guilds, their roles and members: each function changes the world and tells the gateways."""

from collections.abc import Sequence

from adapters.discord.simulated.payloads import guilds as payloads
from adapters.discord.simulated.payloads import users as user_payloads
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.guilds import Emoji, Guild, Member, Role, Sticker
from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from adapters.discord.simulated.world.users import Application, User
from adapters.discord.simulated.world.world import World


def found(world: World, name: str, owner: User) -> Guild:
    """A guild with its owner in it."""
    guild = Guild(id=world.next_id(), name=name, owner_id=owner.id)
    guild.roles[guild.id] = Role(id=guild.id, guild_id=guild.id, name="@everyone", permissions=EVERYDAY)
    guild.members[owner.id] = Member(owner.id, guild.id, joined_at=world.clock.now())
    world.guilds[guild.id] = guild
    return guild


def make_role(
    world: World,
    guild: Guild,
    name: str,
    permissions: Permission,
    *,
    is_mentionable: bool = False,
    bot_id: int | None = None,
) -> Role:
    role = Role(
        id=world.next_id(),
        guild_id=guild.id,
        name=name,
        permissions=permissions,
        position=len(guild.roles),
        is_mentionable=is_mentionable,
        is_managed=bot_id is not None,
        bot_id=bot_id,
    )
    guild.roles[role.id] = role
    payload = {"guild_id": snowflake(guild.id), "role": payloads.role(role)}
    world.publish("GUILD_ROLE_CREATE", payload, guild=guild)
    return role


def join(world: World, guild: Guild, user: User, *, roles: Sequence[int] = (), nick: str | None = None) -> Member:
    member = guild.members.get(user.id)
    if member is not None:
        member.roles += [role for role in roles if role not in member.roles]
        member.nick = nick or member.nick
        member_updated(world, guild, member)
        return member
    member = Member(user.id, guild.id, joined_at=world.clock.now(), roles=list(roles), nick=nick)
    guild.members[user.id] = member
    payload = user_payloads.member(member, user) | {"guild_id": snowflake(guild.id)}
    world.publish("GUILD_MEMBER_ADD", payload, guild=guild)
    return member


def member_updated(world: World, guild: Guild, member: Member) -> None:
    """Tell that fields of a member were set."""
    payload = user_payloads.member(member, world.users[member.user_id]) | {"guild_id": snowflake(guild.id)}
    world.publish("GUILD_MEMBER_UPDATE", payload, guild=guild)


def leave(world: World, guild: Guild, user: User) -> None:
    """Somebody leaves or is kicked; a bot is told that the guild is gone for it."""
    if guild.members.pop(user.id, None) is None:
        return
    payload = {"guild_id": snowflake(guild.id), "user": user_payloads.user(user)}
    world.publish("GUILD_MEMBER_REMOVE", payload, guild=guild)
    for application in world.applications.values():
        if application.user.id == user.id:
            world.publish_to([application.id], "GUILD_DELETE", {"id": snowflake(guild.id)}, guild_id=guild.id)


def invite(world: World, guild: Guild, application: Application, permissions: Permission | None = None) -> None:
    """A bot comes in with a role of its own, and is told what it finds."""
    bits = application.permissions if permissions is None else permissions
    role = make_role(world, guild, application.name, bits, bot_id=application.user.id)
    join(world, guild, application.user, roles=[role.id])
    payload = payloads.created(world, guild, application.user.id)
    world.publish_to([application.id], "GUILD_CREATE", payload, guild_id=guild.id)


def add_emoji(world: World, guild: Guild, emoji: Emoji) -> None:
    guild.emojis[emoji.id] = emoji
    told = [payloads.emoji(each) for each in guild.emojis.values()]
    world.publish("GUILD_EMOJIS_UPDATE", {"guild_id": snowflake(guild.id), "emojis": told}, guild=guild)


def add_sticker(world: World, guild: Guild, sticker: Sticker) -> None:
    guild.stickers[sticker.id] = sticker
    told = [payloads.sticker(each) for each in guild.stickers.values()]
    world.publish("GUILD_STICKERS_UPDATE", {"guild_id": snowflake(guild.id), "stickers": told}, guild=guild)


def go_down(world: World, guild: Guild) -> None:
    """An outage: bots are told that the guild is unavailable, not that they were removed (docs, "Guild Delete")."""
    guild.is_unavailable = True
    world.publish("GUILD_DELETE", {"id": snowflake(guild.id), "unavailable": True}, guild=guild)


def come_back(world: World, guild: Guild) -> None:
    guild.is_unavailable = False
    for application in world.applications.values():
        if application.user.id in guild.members:
            payload = payloads.created(world, guild, application.user.id)
            world.publish_to([application.id], "GUILD_CREATE", payload, guild_id=guild.id)
