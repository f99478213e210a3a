"""One run: a place and people of its own, what they say, and what happens to the telling of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.discord.hearing.recording import message_of, place_of_channel
from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.simulated.pluralkit.proxying import Deletes
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.messages import Message as Posted
from adapters.discord.simulated.world.permissions import Permission
from engine.domain import Message, Reply
from engine.domain.ids import reply_id
from engine.domain.reply import ReplyState
from tests.discord.once.model import Behaviour
from tests.discord.once.plan import TOKENS, Ask, Gateway, Plan
from tests.discord.once.scene import Scene
from tests.discord.once.striking import Spot, SpotFault, rest_fault

PATIENCE_S = 120.0
LOOK_AGAIN_S = 0.5
MEMBER_TAG = "L: "


@dataclass(slots=True)
class Said:
    """A message that was said: through PluralKit, `message` is the copy that counts."""

    ask: Ask
    author: Actor
    message: Posted
    original: Posted | None = None

    @property
    def id(self) -> str:
        return message_of(str(self.message.channel_id), str(self.message.id))

    @property
    def replies(self) -> list[str]:
        return [reply_id(self.id, TOKENS[character]) for character in self.ask.characters]


@dataclass(slots=True)
class Run:
    scene: Scene
    plan: Plan
    said: list[Said] = field(default_factory=list)
    spot: Spot = field(init=False)
    place: BuiltChannel | Channel | None = field(init=False, default=None)
    """None for a forum post that is not written yet."""
    people: list[Actor] = field(default_factory=list)
    _owned: BuiltChannel | None = None
    _rules: list[SpotFault] = field(default_factory=list)

    # --- before ---

    async def prepare(self) -> None:
        scene, plan = self.scene, self.plan
        guild = scene.lodge if plan.where == "PluralKit" else scene.harbour
        self.people = [guild.member(f"{plan.name}_{index}_{scene.number()}") for index in range(len(plan.asks))]
        if plan.where == "DM":
            self.place = self.people[0].dm_with(scene.bot)
            self.spot = Spot(scene.discord, {self.place.id})
        else:
            self._lay_out()
        await self._activate()
        scene.model.behaviours[plan.name] = Behaviour(plan.answer, plan.model)
        self._rules = [rest_fault(self.spot, planned) for planned in plan.rest if planned.kind != "well"]
        scene.discord.faults.rules.extend(self._rules)

    def _lay_out(self) -> None:
        scene, where = self.scene, self.plan.where
        guild = scene.lodge if where == "PluralKit" else scene.harbour
        name = self.plan.name.replace(".", "-")
        if where == "forum post":
            self._owned = guild.forum(name)
            self.spot = Spot(scene.discord, {self._owned.id})
            return
        self._owned = guild.text_channel(name)
        self.place = self._owned.thread("corner") if where == "thread" else self._owned
        if where == "no webhook":
            self._owned.deny(scene.bot.user, Permission.MANAGE_WEBHOOKS)
        self.spot = Spot(scene.discord, {self._owned.id, self.place.id})

    async def _activate(self) -> None:
        first = self.plan.asks[0]
        if not first.is_activation or self._owned is None:
            return
        engine = self.scene.engine
        activated = await engine.places.activate(
            place_of_channel(str(self._owned.id)),
            character=TOKENS[first.characters[0]],
            person="instance",
            server=str(self._owned.state.guild_id),
            may_manage=True,
            at=engine.clock(),
        )
        await engine.read.wait_for(activated.position, timeout_s=30)

    # --- saying ---

    async def say_all(self) -> None:
        """Everybody says theirs; returns when it stands on Discord and the gateway's faults are over."""
        if self.plan.where == "PluralKit":
            await self._say_through_pluralkit()
            return
        for index, ask in enumerate(self.plan.asks):
            await self._say(ask, self.people[index], index, self.plan.gateway if index == 0 else ())

    async def _say(self, ask: Ask, author: Actor, index: int, faults: Sequence[Gateway]) -> None:
        line = self.scene.line
        if "cut before" in faults:
            await line.disturbed_by("cut", lambda: self._speak(ask, author, index, faults))
        else:
            await line.until_session()
            await self._speak(ask, author, index, faults)
        for fault in faults:
            await self._afterwards(fault, self.said[index].message)

    async def _speak(self, ask: Ask, author: Actor, index: int, faults: Sequence[Gateway]) -> None:
        """Nothing else happens on Discord between setting the gateway's rules and the message."""
        gateway = self.scene.discord.gateway
        setting = [("late", gateway.drop), ("twice", gateway.duplicate)]
        rules = [set_rule("MESSAGE_CREATE") for fault, set_rule in setting if fault in faults]
        try:
            message = await self._write(ask, author, index)
        finally:
            for rule in rules:
                gateway.rules.remove(rule)
        self.said.append(Said(ask, author, message))

    async def _write(self, ask: Ask, author: Actor, index: int) -> Posted:
        text = words(ask, self.plan.name, index)
        if self.place is None:
            assert self._owned is not None
            message = await author.post(self._owned, f"Post of {self.plan.name}", text)
            self.place = self.scene.discord.world.channels[message.channel_id]
            self.spot.channels.add(message.channel_id)
            return message
        if self.plan.where == "PluralKit":
            text = f"{MEMBER_TAG}{text}"
        return await author.say(self.place, text)

    async def _afterwards(self, fault: Gateway, message: Posted) -> None:
        line = self.scene.line
        match fault:
            case "late" | "again later":
                await asyncio.sleep(self.plan.delay_s)
                await line.tell_again(message.id)
            case "resume":
                await line.disturbed_by("reconnect")
            case "replay":
                await line.disturbed_by("reconnect")
                await line.replay(message.id)
            case "cut after":
                await line.disturbed_by("cut")
            case "closed":
                await line.disturbed_by("close")
            case "re-identify":
                await line.disturbed_by("re-identify")
                await line.tell_again(message.id)
            case _:
                pass

    async def _say_through_pluralkit(self) -> None:
        scene, kit, author = self.scene, self.scene.pluralkit, self.people[0]
        async with scene.line.pluralkit_turn:
            kit.deletes, kit.is_down = Deletes(self.plan.deletes), self.plan.is_pluralkit_down
            kit.member(author, "Lily", MEMBER_TAG)
            await self._say(self.plan.asks[0], author, 0, self.plan.gateway)
            said = self.said[0]
            said.original, said.message = said.message, await kit.copy_of(said.message)
            await kit.settled()
            if "again later" in self.plan.gateway:
                await scene.line.tell_again(said.message.id)

    # --- afterwards ---

    async def until_ended(self) -> None:
        """Return when every reply has come to its end. Raises AssertionError, with how far it is, after long."""
        nudged = asyncio.Event()
        places = {place_of_channel(str(said.message.channel_id)) for said in self.said}

        def nudge(_: str, subject: str) -> None:
            if any(f".{place}." in subject for place in places):
                nudged.set()

        self.scene.watch.listeners.add(nudge)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await self._has_ended():
                    try:
                        async with asyncio.timeout(LOOK_AGAIN_S):
                            await nudged.wait()
                    except TimeoutError:
                        pass  # what was seen is only a hint
                    nudged.clear()
        except TimeoutError:
            raise AssertionError(f"not at its end within {PATIENCE_S:.0f} s: {await self._how_far()}") from None
        finally:
            self.scene.watch.listeners.discard(nudge)

    async def _has_ended(self) -> bool:
        replies = await asyncio.gather(
            *(self.scene.engine.log.find(Reply, reply) for said in self.said for reply in said.replies)
        )
        return all(reply is not None and is_over(reply) for reply in replies)

    async def _how_far(self) -> str:
        log = self.scene.engine.log
        found = []
        for said in self.said:
            message = await log.find(Message, said.id)
            replies = [await log.find(Reply, reply) for reply in said.replies]
            states = [f"{it.state} after {it.attempt}, {len(it.posts)} posts" if it else "none" for it in replies]
            found.append(f"{said.id} {'heard' if message else 'not heard'}: {states}")
        return "; ".join(found)

    def tear_down(self) -> None:
        """Make room: nobody looks at it any more."""
        discord = self.scene.discord
        for rule in self._rules:
            discord.faults.rules.remove(rule)
        self._rules.clear()
        if self._owned is not None:
            for webhook in self.spot.webhooks():
                discord.world.webhooks.pop(webhook.id)
            self._owned.delete()
        for said in self.said:
            for message in filter(None, (said.message, said.original)):
                self.scene.line.told.pop(message.id, None)
        self.scene.model.behaviours.pop(self.plan.name, None)


def is_over(reply: Reply) -> bool:
    is_told = reply.has_failed_for_good and bool(reply.posts)
    ended = (ReplyState.DELIVERED, ReplyState.UNDELIVERABLE, ReplyState.WITHDRAWN, ReplyState.ERASED)
    return is_told or reply.state in ended


def words(ask: Ask, run: str, index: int) -> str:
    named = ask.characters[1:] if ask.is_activation else ask.characters
    called = " ".join(f"@{name}," for name in named)
    return f"{called} this is run {run} ask {index}, what do you see?".strip()
