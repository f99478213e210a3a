"""What a person sees of a message, as data: names instead of ids, labels instead of payloads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord.simulated.actors.wording import as_read, shown_name
from adapters.discord.simulated.components.kinds import ButtonStyle, ComponentType
from adapters.discord.simulated.world.guilds import Guild
from adapters.discord.simulated.world.messages import Attachment, Message, MessageFlag, ReferenceType
from adapters.discord.simulated.world.users import Author, User, WebhookAuthor
from adapters.discord.simulated.world.world import World

DEFAULT_AVATARS = 6  # of users of today, by id (docs: reference, "CDN Endpoints")


@dataclass(frozen=True, slots=True)
class SeenOption:
    """One line of a select."""

    label: str
    value: str
    description: str | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class SeenComponent:
    """A button, a select, a text or what holds them. `custom_id` is not seen, but says which one is meant."""

    kind: ComponentType
    label: str | None = None
    custom_id: str | None = None
    style: ButtonStyle | None = None
    is_disabled: bool = False
    url: str | None = None
    options: tuple[SeenOption, ...] = ()
    inside: tuple["SeenComponent", ...] = ()

    def walk(self) -> Iterator["SeenComponent"]:
        yield self
        for component in self.inside:
            yield from component.walk()


@dataclass(frozen=True, slots=True)
class SeenEmbed:
    title: str | None = None
    description: str | None = None
    url: str | None = None
    author: str | None = None
    footer: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    image_url: str | None = None
    thumbnail_url: str | None = None
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class SeenFile:
    name: str
    url: str
    size: int
    is_spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A message before somebody's eyes."""

    id: int
    channel_id: int
    author: str
    author_id: int
    avatar_url: str
    is_app: bool  # shown with the mark APP
    content: str
    embeds: tuple[SeenEmbed, ...] = ()
    files: tuple[SeenFile, ...] = ()
    components: tuple[SeenComponent, ...] = ()
    stickers: tuple[str, ...] = ()
    reactions: Mapping[str, int] | None = None
    replies_to: str | None = None  # "name: beginning of the message", or that it is gone
    forwarded: tuple[str, ...] = ()
    used: str | None = None  # "alice used /character list"
    poll: tuple[str, ...] = ()  # the question, then the answers
    is_edited: bool = False
    is_ephemeral: bool = False
    is_thinking: bool = False  # an answer that is still to come
    pings_me: bool = False

    @property
    def controls(self) -> tuple[SeenComponent, ...]:
        """What can be pressed or chosen from, in order."""
        everything = (each for top in self.components for each in top.walk())
        return tuple(each for each in everything if each.custom_id is not None or each.url is not None)

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels of its buttons."""
        return tuple(each.label or "" for each in self.controls if each.kind is ComponentType.BUTTON)


def seen(world: World, message: Message, viewer: User) -> Seen:
    guild = None if message.guild_id is None else world.guilds[message.guild_id]
    return Seen(
        id=message.id,
        channel_id=message.channel_id,
        author=shown_name(guild, message.author),
        author_id=message.author.id,
        avatar_url=avatar_url(world, message.author),
        is_app=not isinstance(message.author, User) or message.author.is_bot,
        content=as_read(world, guild, message.content),
        embeds=() if MessageFlag.SUPPRESS_EMBEDS in message.flags else _embeds(world, guild, message.embeds),
        files=tuple(_file(world, each) for each in message.attachments),
        components=tuple(_component(world, guild, each) for each in message.components),
        stickers=tuple(_sticker_name(world, each) for each in message.sticker_ids),
        reactions={each.name: len(each.user_ids) for each in message.reactions.values()},
        replies_to=_replied_to(world, guild, message),
        forwarded=tuple(as_read(world, guild, each.content) for each in message.snapshots),
        used=_used(world, guild, message),
        poll=() if message.poll is None else _poll(message.poll.question, message.poll.answers),
        is_edited=message.edited_timestamp is not None,
        is_ephemeral=message.is_ephemeral,
        is_thinking=MessageFlag.LOADING in message.flags,
        pings_me=_pings(guild, message, viewer),
    )


def avatar_url(world: World, author: Author) -> str:
    """Where the picture comes from; a webhook's message may have brought its own."""
    if isinstance(author, WebhookAuthor) and author.avatar_url is not None:
        return author.avatar_url
    if author.avatar is None:
        return f"{world.cdn_base}/embed/avatars/{(author.id >> 22) % DEFAULT_AVATARS}.png"
    return f"{world.cdn_base}/avatars/{author.id}/{author.avatar}.png"


def _pings(guild: Guild | None, message: Message, viewer: User) -> bool:
    roles = set() if guild is None or viewer.id not in guild.members else set(guild.members[viewer.id].roles)
    mentions = message.mentions
    return mentions.everyone or viewer.id in mentions.users or bool(roles & set(mentions.roles))


def _replied_to(world: World, guild: Guild | None, message: Message) -> str | None:
    reference = message.reference
    if reference is None or reference.type != ReferenceType.REPLY or message.interaction_metadata is not None:
        return None
    target = world.messages.get(reference.message_id or 0)
    if target is None:
        return "Original message was deleted"
    first_line = as_read(world, guild, target.content).split("\n", 1)[0]
    return f"{shown_name(guild, target.author)}: {first_line}"


def _used(world: World, guild: Guild | None, message: Message) -> str | None:
    metadata = message.interaction_metadata
    if metadata is None or "name" not in metadata:
        return None
    user = world.users[int(metadata["user"]["id"])]
    mark = "/" if metadata.get("command_type", 1) == 1 else ""
    return f"{shown_name(guild, user)} used {mark}{metadata['name']}"


def _embeds(world: World, guild: Guild | None, embeds: Sequence[Mapping[str, Any]]) -> tuple[SeenEmbed, ...]:
    def read(text: str | None) -> str | None:
        return None if text is None else as_read(world, guild, text)

    return tuple(
        SeenEmbed(
            title=embed.get("title"),
            description=read(embed.get("description")),
            url=embed.get("url"),
            author=(embed.get("author") or {}).get("name"),
            footer=(embed.get("footer") or {}).get("text"),
            fields=tuple((field["name"], read(field["value"]) or "") for field in embed.get("fields") or ()),
            image_url=(embed.get("image") or {}).get("url"),
            thumbnail_url=(embed.get("thumbnail") or {}).get("url"),
            colour=embed.get("color"),
        )
        for embed in embeds
    )


def _file(world: World, attachment: Attachment) -> SeenFile:
    url = f"{world.cdn_base}/{attachment.path}"
    return SeenFile(attachment.filename, url, attachment.size, attachment.is_spoiler)


def _component(world: World, guild: Guild | None, component: Mapping[str, Any]) -> SeenComponent:
    kind = ComponentType(component["type"])
    text = component.get("content")
    held = [*component.get("components", ()), *filter(None, [component.get("accessory")])]
    return SeenComponent(
        kind=kind,
        label=_label(component) if text is None else as_read(world, guild, text),
        custom_id=component.get("custom_id"),
        style=ButtonStyle(component["style"]) if kind is ComponentType.BUTTON else None,
        is_disabled=bool(component.get("disabled")),
        url=component.get("url"),
        options=tuple(
            SeenOption(each["label"], each["value"], each.get("description"), bool(each.get("default")))
            for each in component.get("options", ())
        ),
        inside=tuple(_component(world, guild, each) for each in held),
    )


def _label(component: Mapping[str, Any]) -> str | None:
    emoji = (component.get("emoji") or {}).get("name")
    label = component.get("label") or component.get("placeholder")
    return " ".join(filter(None, [emoji, label])) or None


def _sticker_name(world: World, id: int) -> str:
    found = (guild.stickers[id].name for guild in world.guilds.values() if id in guild.stickers)
    return next(found, "unknown sticker")


def _poll(question: str, answers: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return (question, *(answer["poll_media"]["text"] for answer in answers))
