"""PluralKit at work: it hears what people write, posts members' messages again, and deletes the originals."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from adapters.discord.simulated.changes import guilds as guild_changes
from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.changes import webhooks as webhook_changes
from adapters.discord.simulated.pluralkit.systems import Proxied, System, SystemMember, Tags, letters
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.guilds import Guild
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from adapters.discord.simulated.world.users import Application, User, WebhookAuthor
from adapters.discord.simulated.world.webhooks import Webhook

if TYPE_CHECKING:
    from adapters.discord.simulated.actors import Actor
    from adapters.discord.simulated.simulated import SimulatedDiscord
    from adapters.discord.simulated.world.world import World

APPLICATION_ID = 466378653216014359
WEBHOOK_NAME = "PluralKit Proxy Webhook"
COPY_AFTER_S = 0.1  # how long a message takes to be heard, matched and posted; not a figure of PluralKit's
DELETE_AFTER_S = 1.0  # ProxyService.MessageDeletionDelay
LATE_DELETE_AFTER_S = 5.0  # when Discord is slow
PERMISSIONS = EVERYDAY | Permission.MANAGE_WEBHOOKS | Permission.MANAGE_MESSAGES


class Deletes(StrEnum):
    """When the original goes."""

    USUAL = "usual"  # a second after the copy
    LATE = "late"
    EARLY = "early"  # before the copy is there
    MISSING = "missing"  # never: PluralKit may not delete there
    REORDERED = "reordered"  # the gateway tells of the deletion first, though the copy was first


@dataclass(slots=True)
class PluralKit:
    """`kit.member(alice, "Lily", "[", "]")`; then `[hello]` by alice is said by Lily."""

    discord: "SimulatedDiscord"
    deletes: Deletes = Deletes.USUAL
    # Whether its API answers at all.
    is_down: bool = False
    application: Application = field(init=False)
    systems: dict[int, System] = field(default_factory=dict)  # by account
    proxied: list[Proxied] = field(default_factory=list)
    _webhooks: dict[int, Webhook] = field(default_factory=dict)  # by channel
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.application = _application(self.discord.world)
        self.discord.world.listeners.append(self.hear)

    def join(self, guild: Guild) -> None:
        """The bot comes into a guild, with what it needs to hear, post and delete."""
        guild_changes.invite(self.discord.world, guild, self.application, PERMISSIONS)

    @property
    def api_base(self) -> str:
        """What `https://api.pluralkit.me/v2` is of the real one."""
        return f"{self.discord.base}/pluralkit/v2"

    def member(
        self, account: "Actor", name: str, prefix: str = "", suffix: str = "", *, avatar_url: str | None = None
    ) -> SystemMember:
        """A member of the account's system, which begins with its first one."""
        system = self.systems.setdefault(account.id, System(letters(len(self.systems)), account.id))
        number = sum(len(each.members) for each in self.systems.values())
        member = SystemMember(letters(26**4 + number), name, account.id, Tags(prefix, suffix), avatar_url)
        system.members.append(member)
        return member

    def edit(self, copy: Message, text: str) -> None:
        """`pk;edit`: the webhook edits its message."""
        changes.edit(self.discord.world, copy, content=text)

    async def copy_of(self, original: Message) -> Message:
        """Wait until the message was posted again, and give the copy."""
        await self.discord.until(lambda: self._found(original) is not None)
        found = self._found(original)
        assert found is not None, "it was waited for"
        return self.discord.world.messages[found.copy_id]

    async def settled(self) -> None:
        """Wait until nothing is left to copy or delete."""
        await self.discord.until(lambda: not self._under_way)

    async def stop(self) -> None:
        """Leave off in the middle, as a bot does that is shut down."""
        self.discord.world.listeners.remove(self.hear)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def hear(self, dispatch: Dispatch) -> None:
        """What the gateway tells PluralKit's bot."""
        if dispatch.name != "MESSAGE_CREATE" or self.application.id not in dispatch.application_ids:
            return
        message = self.discord.world.messages.get(int(dispatch.data["id"]))
        system = None if message is None else self.systems.get(message.author.id)
        if message is None or system is None or message.webhook_id is not None:
            return
        if (spoken := system.speaker(message.content)) is not None:
            task = asyncio.get_running_loop().create_task(self._proxy(message, system, *spoken))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _proxy(self, original: Message, system: System, member: SystemMember, text: str) -> None:
        world, clock = self.discord.world, self.discord.world.clock
        await clock.sleep(COPY_AFTER_S)
        if self.deletes is Deletes.EARLY:
            changes.delete(world, original)
            await clock.sleep(COPY_AFTER_S)
            self._post(original, system, member, text)
            return
        with world.holding() as told:
            copy = self._post(original, system, member, text)
        if self.deletes is not Deletes.REORDERED:
            world.release(told)
        if self.deletes is Deletes.MISSING:
            return
        await clock.sleep(LATE_DELETE_AFTER_S if self.deletes is Deletes.LATE else DELETE_AFTER_S)
        self._withdraw(original, copy)
        if self.deletes is Deletes.REORDERED:
            world.release(told)

    def _withdraw(self, original: Message, copy: Message) -> None:
        """Delete the original; when it is gone already, the copy goes too."""
        gone_already = original.id not in self.discord.world.messages
        changes.delete(self.discord.world, copy if gone_already else original)

    def _post(self, original: Message, system: System, member: SystemMember, text: str) -> Message:
        world = self.discord.world
        channel = world.channels[original.channel_id]
        webhook = self._webhook(channel)
        author = WebhookAuthor(webhook.id, member.name, avatar_url=member.avatar_url)
        draft = changes.Draft(
            content=text,
            attachments=list(original.attachments),
            embeds=self._reply_embed(original),
            webhook_id=webhook.id,
            application_id=self.application.id,
        )
        copy = changes.post(world, channel, author, draft)
        guild_id = original.guild_id or 0
        record = Proxied(original.id, copy.id, channel.id, guild_id, system, member, world.clock.now())
        self.proxied.append(record)
        return copy

    def _webhook(self, channel: Channel) -> Webhook:
        """Its webhook of the channel, for a thread that of the channel above."""
        world = self.discord.world
        owner = world.channels[channel.parent_id] if channel.is_thread and channel.parent_id else channel
        if owner.id not in self._webhooks or self._webhooks[owner.id].id not in world.webhooks:
            self._webhooks[owner.id] = webhook_changes.make(
                world, owner, WEBHOOK_NAME, user_id=self.application.user.id, application_id=self.application.id
            )
        return self._webhooks[owner.id]

    def _reply_embed(self, original: Message) -> list[dict[str, object]]:
        """A webhook cannot reply, so that what the original answered stands in an embed."""
        reference = original.reference
        answered = None if reference is None else self.discord.world.messages.get(reference.message_id or 0)
        if reference is None or answered is None:
            return []
        link = f"https://discord.com/channels/{reference.guild_id}/{reference.channel_id}/{answered.id}"
        name = answered.author.username
        return [
            {"type": "rich", "author": {"name": name}, "description": f"**[Reply to:]({link})** {answered.content}"}
        ]

    def _found(self, original: Message) -> Proxied | None:
        return next((each for each in self.proxied if each.original_id == original.id), None)


def _application(world: "World") -> Application:
    bot = User(id=APPLICATION_ID, username="PluralKit", is_bot=True)
    world.users[bot.id] = bot
    application = Application(
        id=APPLICATION_ID,
        name="PluralKit",
        token=f"simulated.{world.next_token()}",
        user=bot,
        owner=bot,
        privileged_intents=0,
        permissions=EVERYDAY,
        joins_guilds=False,
    )
    world.applications[application.id] = application
    return application
