"""The engine is killed at a moment of a run, and another one goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from adapters.discord.hearing.recording import place_of_channel
from adapters.discord.simulated.faults import Cut
from adapters.discord.simulated.world.dispatches import Dispatch
from engine.domain import Message
from tests.discord.once.plan import Kill, Moment
from tests.discord.once.running import Run
from tests.discord.once.scene import Apart, Scene
from tests.discord.once.striking import SpotFault

ON_THE_LOG: dict[Moment, str] = {
    "heard": "MessageHeard",
    "started": "ReplyStarted",
    "composed": "ReplyComposed",
    "posted": "ReplyPosted",
    "delivered": "ReplyDelivered",
}
POSTING = ("post arrives, lost", "post arrives, taken")
STANDING = ("post stands", "post answered")
ANSWERED_S = 0.004
"""How long an answer takes, at least, until it can have been acted on."""


@dataclass(slots=True)
class Trigger:
    """Kills the engine when its moment comes; `struck` is set then. Use it as a context."""

    apart: Apart
    run: Run
    kill: Kill
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    _counted: int = 0
    _undo: list[Callable[[], None]] = field(default_factory=list)
    _gate: SpotFault | None = None
    is_coming: bool = False
    """The moment has come, if not the kill."""

    def __enter__(self) -> Self:
        scene, moment = self.run.scene, self.kill.moment
        if moment in ON_THE_LOG:
            scene.watch.listeners.add(self._on_event)
            self._undo.append(lambda: scene.watch.listeners.discard(self._on_event))
        elif moment == "model asked":
            scene.model.on_asked = self._on_call
            self._undo.append(lambda: setattr(scene.model, "on_asked", None))
        elif moment == "model answered":
            scene.model.on_answered = self._on_call
            self._undo.append(lambda: setattr(scene.model, "on_answered", None))
        elif moment in POSTING:
            self._hold_the_post(scene)
        elif moment in STANDING:
            scene.discord.world.listeners.append(self._on_dispatch)
            self._undo.append(lambda: scene.discord.world.listeners.remove(self._on_dispatch))
        return self

    def __exit__(self, *_: object) -> None:
        for undo in self._undo:
            undo()
        self.let_go()

    def told(self) -> None:
        """The messages stand on Discord (again)."""
        if self.kill.moment in ("told", "any time"):
            self._comes()

    def let_go(self) -> None:
        """What was held when the engine died happens now, or never."""
        if self._gate is not None and self._gate.gate is not None:
            self._gate.gate.set()

    def _hold_the_post(self, scene: Scene) -> None:
        is_lost = self.kill.moment == "post arrives, lost"
        self._gate = gate = SpotFault(
            ".*",
            ".*",
            spot=self.run.spot,
            strikes=frozenset({self.kill.nth}),
            cut=Cut.BEFORE if is_lost else None,
            gate=asyncio.Event(),
            on_strike=self._strike,
        )
        scene.discord.faults.rules.insert(0, gate)
        self._undo.append(lambda: scene.discord.faults.rules.remove(gate))

    def _on_event(self, kind: str, subject: str) -> None:
        places = (place_of_channel(str(channel)) for channel in self.run.spot.channels)
        if kind == ON_THE_LOG[self.kill.moment] and any(f".{place}." in subject for place in places):
            self._counts()

    def _on_call(self, run: str) -> None:
        if run == self.run.plan.name:
            self._counts()

    def _on_dispatch(self, dispatch: Dispatch) -> None:
        bot = self.run.scene.bot
        data = dispatch.data
        if dispatch.name == "MESSAGE_CREATE" and int(data["channel_id"]) in self.run.spot.channels:
            author = int((data.get("author") or {}).get("id") or 0)
            if bot.id in (int(data.get("application_id") or 0), author):
                self._counts()

    def _counts(self) -> None:
        self._counted += 1
        if self._counted == self.kill.nth + 1:
            self._comes()

    def _comes(self) -> None:
        delay_s = self.kill.delay_s
        if self.kill.moment == "post answered":
            delay_s = max(delay_s, ANSWERED_S)
        self.is_coming = True
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self._strike)
        else:
            self._strike()

    def _strike(self) -> None:
        if not self.struck.is_set():
            self.apart.kill()
            self.struck.set()


async def strike(trigger: Trigger, ended: "asyncio.Future[None]") -> bool:
    """Wait for the kill; False if all came to its end before its moment. Then another engine is there."""
    striking = asyncio.ensure_future(trigger.struck.wait())
    try:
        await asyncio.wait((striking, ended), return_when=asyncio.FIRST_COMPLETED)
    finally:
        striking.cancel()
    if trigger.is_coming:
        await trigger.struck.wait()
    if not trigger.struck.is_set():
        return False
    await trigger.apart.until_dead()
    trigger.let_go()
    await trigger.apart.start()
    return True


async def tell_again(run: Run, *, also_what_was_heard: bool) -> None:
    """The gateway tells the new engine what the dead one was told; Discord itself would only do so when it resumes."""
    for said in run.said:
        message = await run.scene.engine.log.find(Message, said.id)
        if message is None or also_what_was_heard:
            await run.scene.line.tell_again(said.message.id)
