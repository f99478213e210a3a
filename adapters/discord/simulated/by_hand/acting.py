"""What the forms of the page do, as the person whom one is, and what is shown afterwards."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.discord.simulated.actors import Actor, Answer, ImpossibleAct, Modal
from adapters.discord.simulated.by_hand.page import View, address, page
from adapters.discord.simulated.world.channels import WITH_MESSAGES, Channel
from adapters.discord.simulated.world.permissions import Permission

if TYPE_CHECKING:
    from adapters.discord.simulated.simulated import SimulatedDiscord

OPTION = re.compile(r"(\w[\w-]*)=(.*)", re.DOTALL)
SHOWN_MESSAGES = 50


@dataclass(slots=True)
class ByHand:
    discord: "SimulatedDiscord"
    # By person: the modal that is open before them, and what their client said last.
    _modals: dict[str, Modal] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)

    async def answer(self, request: web.BaseRequest, _path: str) -> web.StreamResponse:
        if request.method == "POST":
            form = {name: str(value) for name, value in (await request.post()).items()}
            await self._act(form)
            return web.Response(status=303, headers={"Location": address(form["as"], int(form["in"]))})
        me = request.query.get("as") or next(iter(self.discord.people))
        return web.Response(text=page(self._view(me, request.query.get("in"))), content_type="text/html")

    async def _act(self, form: Mapping[str, str]) -> None:
        me = form["as"]
        actor, here = self.discord.people[me], self.discord.world.channels[int(form["in"])]
        self._told.pop(me, None)
        modal = self._modals.pop(me, None)
        try:
            answer = await _acted(actor, here, form, modal)
        except ImpossibleAct as impossible:
            self._told[me] = str(impossible)
            return
        if answer is None:
            return
        if answer.failure is not None:
            self._told[me] = answer.failure
        if answer.modal is not None:
            self._modals[me] = answer.modal

    def _view(self, me: str, asked_for: str | None) -> View:
        actor = self.discord.people[me]
        places = tuple(self._places(actor))
        here = int(asked_for) if asked_for and int(asked_for) in {each for each, _ in places} else places[0][0]
        channel = self.discord.world.channels[here]
        return View(
            people=tuple(self.discord.people),
            me=me,
            places=places,
            here=here,
            messages=actor.sees(channel)[-SHOWN_MESSAGES:],
            commands=actor.commands(channel),
            modal=self._modals.get(me),
            told=self._told.get(me),
        )

    def _places(self, actor: Actor) -> list[tuple[int, str]]:
        world = self.discord.world
        for application in world.applications.values():
            if any({actor.id, application.user.id} <= guild.members.keys() for guild in world.guilds.values()):
                actor.dm_with(application)
        return [
            (channel.id, self._name(actor, channel))
            for channel in world.channels.values()
            if channel.type in WITH_MESSAGES and world.may(actor.id, Permission.VIEW_CHANNEL, channel)
        ]

    def _name(self, actor: Actor, channel: Channel) -> str:
        if channel.is_private:
            others = [self.discord.world.users[each].shown_name for each in channel.recipients if each != actor.id]
            return f"@{', '.join(others)}"
        return f"{'  ↳ ' if channel.is_thread else '#'}{channel.name}"


async def _acted(actor: Actor, here: Channel, form: Mapping[str, str], modal: Modal | None) -> Answer | None:
    match form["act"]:
        case "say":
            await actor.say(here, form["text"])
            return None
        case "slash":
            command, options = command_line(form["text"])
            return await actor.slash(command, here, **options)
        case "click":
            return await actor.click(actor.discord.world.messages[int(form["message"])], form["custom_id"])
        case "select":
            message = actor.discord.world.messages[int(form["message"])]
            return await actor.select(message, form["custom_id"], form["choice"])
        case _:
            if modal is None:
                raise ImpossibleAct("There is no modal.")
            prefix = "field."
            filled = {name.removeprefix(prefix): each for name, each in form.items() if name.startswith(prefix)}
            return await actor.submit(modal, filled)


def command_line(text: str) -> tuple[str, dict[str, str]]:
    """`/character view name="The Lamp"` → its name and options."""
    try:
        words = shlex.split(text.strip().removeprefix("/"))
    except ValueError as error:
        raise ImpossibleAct(f"That cannot be read: {error}.") from error
    options = {match[1]: match[2] for word in words if (match := OPTION.fullmatch(word))}
    return " ".join(word for word in words if not OPTION.fullmatch(word)), options
