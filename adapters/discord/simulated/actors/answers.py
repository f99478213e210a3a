"""What a person sees of a bot's answer: it is looked at anew each time, so later edits and follow-ups show."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.discord.simulated.actors.drawing import as_text
from adapters.discord.simulated.actors.modals import Modal, modal
from adapters.discord.simulated.actors.seen import Seen, SeenComponent, SeenEmbed, SeenFile, seen
from adapters.discord.simulated.interactions.kinds import InteractionType
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message

if TYPE_CHECKING:
    from adapters.discord.simulated.actors.actor import Actor

# What the client says when nobody answered in time.
FAILURES = {
    InteractionType.APPLICATION_COMMAND: "The application did not respond",
    InteractionType.MESSAGE_COMPONENT: "This interaction failed",
    InteractionType.MODAL_SUBMIT: "Something went wrong. Try again.",
    InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE: "Loading options failed",
}


class NothingSuggested(Exception):
    """The application did not say in time what could stand in an option; the message is what the client shows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One suggestion of an autocomplete."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """To a command, a component or a modal. Texts are empty while nothing is there to read."""

    actor: "Actor"
    interaction: Interaction

    @property
    def failure(self) -> str | None:
        """What the client says instead of an answer; None when there is one."""
        has_expired = self.interaction.has_expired(self.actor.discord.world.clock.now())
        if self.interaction.answered_with is not None and not (self.is_thinking and has_expired):
            return None
        return FAILURES[InteractionType(self.interaction.type)]

    @property
    def message(self) -> Message | None:
        """The answer's message; for an update, that of the component. None when it is gone, or was a modal."""
        return self.actor.discord.world.messages.get(self.interaction.original_id or 0)

    @property
    def seen(self) -> Seen | None:
        message = self.message
        return None if message is None else seen(self.actor.discord.world, message, self.actor.user)

    @property
    def modal(self) -> Modal | None:
        return modal(self.interaction)

    @property
    def followups(self) -> tuple[Seen, ...]:
        world = self.actor.discord.world
        there = (world.messages[each] for each in self.interaction.followup_ids if each in world.messages)
        return tuple(seen(world, message, self.actor.user) for message in there)

    @property
    def content(self) -> str:
        shown = self.seen
        return "" if shown is None else shown.content

    @property
    def embeds(self) -> tuple[SeenEmbed, ...]:
        shown = self.seen
        return () if shown is None else shown.embeds

    @property
    def components(self) -> tuple[SeenComponent, ...]:
        shown = self.seen
        return () if shown is None else shown.components

    @property
    def files(self) -> tuple[SeenFile, ...]:
        shown = self.seen
        return () if shown is None else shown.files

    @property
    def is_ephemeral(self) -> bool:
        shown = self.seen
        return shown is not None and shown.is_ephemeral

    @property
    def is_thinking(self) -> bool:
        shown = self.seen
        return shown is not None and shown.is_thinking

    @property
    def is_edited(self) -> bool:
        shown = self.seen
        return shown is not None and shown.is_edited

    async def finished(self, *, timeout_s: float = 10) -> "Answer":
        """Wait until the bot no longer thinks."""
        await self.actor.discord.until(lambda: not self.is_thinking, timeout_s=timeout_s)
        return self

    def as_text(self) -> str:
        """Everything of it that can be seen, drawn."""
        if self.failure is not None:
            return f"  ⚠ {self.failure}"
        parts = [part for part in (self.seen, self.modal) if part is not None]
        return "\n\n".join(as_text(part) for part in (*parts, *self.followups))
