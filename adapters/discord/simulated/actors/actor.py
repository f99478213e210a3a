"""A person at a Discord client.

What they do has its effect at once; what a bot answers is waited for, up to Discord's three seconds. What their client
would not let them do raises `ImpossibleAct` with a sentence. Commands are used in the place where the person is: where
they last did something, unless another is named.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adapters.discord.simulated.actors import commanding, speaking, touching
from adapters.discord.simulated.actors.answers import Answer, Choice, NothingSuggested
from adapters.discord.simulated.actors.commanding import Person
from adapters.discord.simulated.actors.files import File
from adapters.discord.simulated.actors.impossible import ImpossibleAct
from adapters.discord.simulated.actors.modals import Modal
from adapters.discord.simulated.actors.seen import Seen, seen
from adapters.discord.simulated.changes import channels as channel_changes
from adapters.discord.simulated.commands.kinds import CommandType
from adapters.discord.simulated.interactions.kinds import InteractionType
from adapters.discord.simulated.rest.forms.polls import USUAL_HOURS, begun, poll_problems
from adapters.discord.simulated.world.channels import WITH_MESSAGES, Channel, ChannelType
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.users import Application, User

if TYPE_CHECKING:
    from adapters.discord.simulated.building import BuiltChannel
    from adapters.discord.simulated.simulated import SimulatedDiscord
    from adapters.discord.simulated.world.guilds import Role
    from adapters.discord.simulated.world.world import World

# Before a person presses what they have just been shown. An application that hears of it sooner than of the receipt for
# what it posted does not know its own components yet; no person is that fast.
REACTION_S = 0.05

TYPING_SHOWN = timedelta(seconds=10)

type Place = Channel | BuiltChannel
type Thing = Message | Seen | Answer
type Somebody = Actor | User | Application


@dataclass(slots=True)
class Actor:
    discord: "SimulatedDiscord"
    user: User
    is_adult: bool = True
    # The user's setting without which age-restricted commands do not show in DMs.
    allows_age_restricted_in_dms: bool = False
    _place: Channel | None = field(default=None, repr=False)

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def mention(self) -> str:
        return self.user.mention

    # --- writing ---

    async def say(
        self,
        place: Place,
        text: str = "",
        *,
        reply_to: Thing | None = None,
        pings_author: bool = True,
        files: Sequence[File] = (),
        stickers: Sequence[int] = (),
    ) -> Message:
        """`pings_author`: whether a reply's @ is on. A file with a duration makes a voice message."""
        return speaking.say(
            self._world,
            self.user,
            self._goes_to(place),
            text,
            reply_to=None if reply_to is None else self._message(reply_to),
            pings_author=pings_author,
            files=files,
            stickers=stickers,
        )

    async def post(self, forum: Place, title: str, text: str = "", *, files: Sequence[File] = ()) -> Message:
        """A new post in a forum: its first message, whose id is the thread's."""
        thread, message = speaking.post_in_forum(self._world, self.user, _channel(forum), title, text=text, files=files)
        self._place = thread
        return message

    async def dm(self, somebody: Somebody, text: str = "", *, files: Sequence[File] = ()) -> Message:
        return await self.say(self.dm_with(somebody), text, files=files)

    async def edit(self, message: Thing, text: str) -> None:
        speaking.edit(self._world, self.user, self._message(message), text)

    async def delete(self, message: Thing) -> None:
        """Delete one's own message, somebody's that one may, or dismiss what only oneself sees."""
        speaking.delete(self._world, self.user, self._message(message))

    async def react(self, message: Thing, emoji: str) -> None:
        """`:name:` is a guild's own emoji, any other text the emoji itself."""
        speaking.react(self._world, self.user, self._message(message), emoji)

    async def unreact(self, message: Thing, emoji: str) -> None:
        speaking.unreact(self._world, self.user, self._message(message), emoji)

    async def forward(self, message: Thing, place: Place) -> Message:
        return speaking.forward(self._world, self.user, self._message(message), self._goes_to(place))

    async def poll(self, place: Place, question: str, *answers: str, duration_h: int = USUAL_HOURS) -> Message:
        body = {"question": {"text": question}, "answers": [{"poll_media": {"text": answer}} for answer in answers]}
        if problem := next(poll_problems("poll", body | {"duration": duration_h}), None):
            raise ImpossibleAct(f"Such a poll cannot be asked ({problem.path}): {problem.message}")
        poll = begun(body | {"duration": duration_h}, self._world.clock.now())
        return speaking.ask(self._world, self.user, self._goes_to(place), poll)

    async def typing_in(self, place: Place) -> None:
        """The others see that this person is typing."""
        speaking.type_in(self._world, self.user, self._goes_to(place))

    # --- commands ---

    async def slash(self, command: str, place: Place | None = None, /, **options: Any) -> Answer:
        """`slash("character view", name="Lilith")`. Values are texts, numbers, booleans, actors, channels, roles,
        files, the name or value of a choice, or a `Choice` that autocomplete suggested.
        """
        values = {name: _value(value) for name, value in options.items()}
        where = self._goes_to(place)
        return await self._answered(commanding.slash(self._world, self._person, where, command, values))

    async def autocomplete(
        self, command: str, option: str, text: str, place: Place | None = None, /, **others: Any
    ) -> tuple[Choice, ...]:
        """What is suggested while `text` stands in `option` and `others` are filled in.

        Raises NothingSuggested when the application does not say in time.
        """
        values = {name: _value(value) for name, value in others.items()}
        where = self._goes_to(place)
        interaction = commanding.autocomplete(
            self._world, self._person, where, command, focused=option, text=text, others=values
        )
        answer = await self._answered(interaction)
        if answer.failure is not None:
            raise NothingSuggested(answer.failure)
        return tuple(Choice(choice["name"], choice["value"]) for choice in interaction.choices)

    def install(self, application: Application) -> None:
        """Add an application to one's own account, so that its commands for that can be used anywhere."""
        self._world.user_installs.add((application.id, self.user.id))

    async def message_command(self, command: str, message: Thing) -> Answer:
        """A command of a message's menu."""
        return await self._answered(commanding.on_message(self._world, self._person, command, self._message(message)))

    async def user_command(self, command: str, somebody: Somebody, place: Place | None = None) -> Answer:
        """A command of a person's menu."""
        where, target = self._goes_to(place), _user(somebody)
        return await self._answered(commanding.on_user(self._world, self._person, command, where, target))

    def commands(self, place: Place | None = None) -> tuple[str, ...]:
        """The names of the slash commands that are offered there, sub-commands left out."""
        found = commanding.shown(self._world, self._person, self._goes_to(place), CommandType.CHAT_INPUT)
        return tuple(command.body["name"] for command in found)

    # --- components ---

    async def click(self, message: Thing, button: str) -> Answer:
        """`button` is a custom_id or the label that is read on it."""
        await asyncio.sleep(REACTION_S)
        return await self._answered(touching.click(self._world, self.user, self._message(message), button))

    async def select(self, message: Thing, menu: str, *choices: "str | Somebody | Place | Role") -> Answer:
        """`menu` is a custom_id or placeholder; a choice an option's label or value, or somebody or something."""
        values = [_value(choice) for choice in choices]
        await asyncio.sleep(REACTION_S)
        return await self._answered(touching.select(self._world, self.user, self._message(message), menu, values))

    async def submit(self, modal: Modal | Answer, filled: Mapping[str, Any] | None = None) -> Answer:
        """`filled` is by label or custom_id; what it leaves out stays as it stood there."""
        shown = modal.modal if isinstance(modal, Answer) else modal
        if shown is None:
            raise ImpossibleAct("There is no modal.")
        await asyncio.sleep(REACTION_S)
        interaction = touching.submit(self._world, self.user, shown, filled or {})
        answer = await self._answered(interaction)
        # After a failure it stays open, with what was written.
        shown.interaction.is_modal_submitted = answer.failure is None
        return answer

    # --- seeing ---

    def sees(self, place: Place) -> tuple[Seen, ...]:
        """The messages of a channel, oldest first, as this person reads them; their own ephemeral ones among them."""
        channel = _channel(place)
        speaking.may_see(self._world, self.user, channel)
        history = self._world.may(self.user.id, Permission.READ_MESSAGE_HISTORY, channel)
        ids = channel.message_ids if history else ()
        there = [self._world.messages[each] for each in ids]
        there += [
            message
            for message in self._world.messages.values()
            if message.only_for == self.user.id and message.channel_id == channel.id
        ]
        return tuple(seen(self._world, each, self.user) for each in sorted(there, key=lambda message: message.id))

    def sees_typing(self, place: Place) -> frozenset[str]:
        """Who has begun to type there lately, by username: clients show it for some ten seconds."""
        channel = _channel(place)
        speaking.may_see(self._world, self.user, channel)
        since = self._world.clock.now() - TYPING_SHOWN
        typings = self._world.typings
        return frozenset(
            self._world.users[user].username for where, user, at in typings if where == channel.id and at > since
        )

    def looks_at(self, message: Thing) -> Seen:
        """One message as it is now."""
        found = self._message(message)
        speaking.still_there(self._world, self.user, found)
        return seen(self._world, found, self.user)

    def dm_with(self, somebody: Somebody) -> Channel:
        """The DM with a bot or person, opened when there is none: they have to share a server."""
        other = _user(somebody)
        shares = any({self.user.id, other.id} <= guild.members.keys() for guild in self._world.guilds.values())
        existing = _dm(self._world, self.user.id, other.id)
        if existing is None and not shares:
            raise ImpossibleAct(f"{self.user.username} and {other.username} share no server.")
        return existing or channel_changes.dm_between(self._world, self.user.id, other.id)

    # --- inside ---

    @property
    def _world(self) -> "World":
        return self.discord.world

    @property
    def _person(self) -> Person:
        return Person(self.user, self.is_adult, self.allows_age_restricted_in_dms)

    def _goes_to(self, place: Place | None) -> Channel:
        if place is not None:
            self._place = _channel(place)
        if self._place is None:
            self._place = self._first_channel()
        return self._place

    def _first_channel(self) -> Channel:
        for channel in self._world.channels.values():
            is_readable = channel.guild_id is not None and channel.type in WITH_MESSAGES
            if is_readable and self._world.may(self.user.id, Permission.VIEW_CHANNEL, channel):
                return channel
        raise ImpossibleAct(f"{self.user.username} is in no channel.")

    def _message(self, thing: Thing) -> Message:
        if isinstance(thing, Answer):
            found = thing.message
            if found is None:
                raise ImpossibleAct("The answer has no message.")
            return found
        if isinstance(thing, Message):
            return thing
        if thing.id not in self._world.messages:
            raise ImpossibleAct("That message has been deleted.")
        return self._world.messages[thing.id]

    async def _answered(self, interaction: Interaction) -> Answer:
        """Wait for the first answer, or until it would come too late."""

        def is_over() -> bool:
            return interaction.answered_with is not None or interaction.is_too_late(self._world.clock.now())

        await self.discord.until(is_over)
        if interaction.type == InteractionType.MESSAGE_COMPONENT and interaction.message_id is not None:
            self._place = self._world.channels.get(interaction.channel_id, self._place)
        return Answer(self, interaction)


def _channel(place: Place) -> Channel:
    return place if isinstance(place, Channel) else place.state


def _user(somebody: Somebody) -> User:
    return somebody if isinstance(somebody, User) else somebody.user


def _value(value: Any) -> Any:
    if isinstance(value, Actor | Application):
        return value.user
    if isinstance(value, Choice):
        return value.value
    return getattr(value, "state", value)


def _dm(world: "World", one: int, other: int) -> Channel | None:
    dms = (channel for channel in world.channels.values() if channel.type == ChannelType.DM)
    return next((channel for channel in dms if set(channel.recipients) == {one, other}), None)
