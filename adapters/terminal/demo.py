"""`demo`: the whole story in a minute, in a data directory of its own, every step checked.

It always uses the offline model, so that it costs nothing and tells the same story everywhere.
"""

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal import histories
from adapters.terminal.host import ALL_ROLES, Host
from adapters.terminal.messages import erase
from adapters.terminal.replaying import RebuiltResult
from adapters.terminal.screen import Result, Screen, words
from adapters.terminal.session import NOTHING_RUNS, HostOf, HostRequest, Session, default_character
from adapters.terminal.tables import pairs, table
from adapters.terminal.talking import Said, Saying, say
from engine.errors import TzurotError
from engine.replaying import ProjectionState
from engine.settings import Settings

VISITOR = "Robin"

SECRET_WORDS = (
    "amaranth", "basalt", "bergamot", "calliope", "cinnabar", "damask", "ember", "filigree", "gossamer", "hazel",
    "indigo", "juniper", "kestrel", "lapis", "marigold", "nutmeg", "obsidian", "periwinkle", "quartz", "rosemary",
    "saffron", "tamarind", "umber", "vermilion", "willow", "yarrow", "zephyr",
)  # fmt: skip
TOWNS = ("Aldermoor", "Brackwater", "Corrigan", "Dunmarrow", "Eskdale", "Fennimore", "Gallowick", "Hartlepuddle")

TOLD = "The password of my sea chest is {word}."
ASKED = "What is the password of my sea chest?"
ASKED_ONCE_MORE = "Once more, what is the password of my sea chest?"
"""In other words: the same ones again within seconds would be a repeat, which is answered once."""
CONFIDED = "My cousin hides in the town of {town}."
PRIED = "In which town does my cousin hide?"

WHOLE_LOG_EVENTS = 10_000
"""More than the story makes."""


@dataclass(frozen=True)
class Ended(Result):
    """The story was told, and all of it held."""

    @override
    def as_json(self) -> dict[str, Any]:
        return {"ok": True}

    @override
    def __rich__(self) -> RenderableType:
        return Group(
            words("\nAll of it held. What you saw was in a directory of its own, which is gone now.", "bold green"),
            words("\nNext:"),
            pairs(
                {
                    "  make chat": "talk to a character yourself (or .venv/bin/tzurot chat)",
                    "  tzurot --help": "everything else",
                    "  docs/tutorial": "your first conversation, step by step",
                    "  OPENAI_API_KEY=… OPENAI_MODEL=… make chat": "the same with a real model",
                }
            ),
        )


@dataclass(slots=True)
class Story:
    """What is told, and the secrets in it."""

    screen: Screen
    host: Host
    word: str
    town: str
    steps: int = 0

    def step(self, title: str) -> None:
        self.steps += 1
        self.screen.note(words(f"\n{self.steps}. {title}", "bold"))

    def remark(self, text: str) -> None:
        self.screen.note(words(f"   {text}", "dim"))

    async def exchange(self, text: str, session: Session) -> Said:
        said = await say(Saying(text), session)
        expect(said.text is not None, f"a reply to “{text}” ({said.problem})")
        self.screen.note(words(f"   {VISITOR}: {text}"))
        self.screen.note(words(f"   {said.character_name}: {said.text}", "cyan"))
        return said

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Session]:
        async with self.host.opened(ALL_ROLES) as opened:
            session = Session(opened, self.screen, VISITOR, default_character())
            await session.caught_up()
            yield session


def expect(fact: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Stop the story where it does not hold."""
    if not fact:
        raise TzurotError(f"The demo does not hold here: expected {what}.")


async def tell(host_of: HostOf, screen: Screen) -> Ended:
    with tempfile.TemporaryDirectory(prefix="tzurot-demo-") as folder:
        story = Story(screen, host_of(_own_settings(Path(folder))), secrets.choice(SECRET_WORDS), secrets.choice(TOWNS))
        screen.note(words("Tzurot, told by itself. No key, no account, no Docker: an offline model answers.", "bold"))
        screen.note(words(f"The word of the day, chosen at random just now: {story.word}", "bold magenta"))
        async with story.opened() as session:
            await _remembers(story, session)
            recalled = await _cleared_and_recalled(story, session)
            await _why(story, session, recalled)
            receipt = await _forgets_for_good(story, session)
            before = await _verified(story, session)
        await _rebuilt(story, before)
        async with story.opened() as session:
            said = await story.exchange(ASKED_ONCE_MORE, session)
            expect(story.word in (said.text or ""), "the word to be recalled after the rebuild")
            await _still_explained(session, str(said.reply))
            await _says_what_is_missing(story, session, recalled, receipt)
    return Ended()


async def _remembers(story: Story, session: Session) -> None:
    story.step("Someone speaks. Each message becomes an event on the log, and the reply follows from it.")
    await story.exchange(TOLD.format(word=story.word), session)
    await story.exchange(CONFIDED.format(town=story.town), session)
    story.step("Asked later, the character has it from the conversation.")
    said = await story.exchange(ASKED, session)
    expect(story.word in (said.text or ""), f"“{story.word}” in the reply")


async def _cleared_and_recalled(story: Story, session: Session) -> str:
    """Clear the history, ask, undo the clear; returns the reply that was made from memory alone."""
    story.step("The history is cleared: the character sees none of it any more.")
    await session.caught_up()
    before = (await histories.stats(None, None, session)).stats
    await histories.clear(None, None, session)
    await session.caught_up()
    cleared = (await histories.stats(None, None, session)).stats
    story.remark(f"visible: {cleared.visible_messages} messages; hidden: {cleared.hidden_messages}; deleted: none")
    expect(cleared.visible_messages == 0, "an empty history after clearing")
    expect(cleared.hidden_messages == before.visible_messages, "what was cleared to be hidden, not gone")
    story.step("Yet it recalls the word, from long-term memory.")
    said = await story.exchange(ASKED, session)
    expect(story.word in (said.text or ""), "the word to be recalled after the history was cleared")
    story.step("The clear is undone: the conversation is back.")
    await histories.undo(None, None, session)
    await session.caught_up()
    undone = (await histories.stats(None, None, session)).stats
    story.remark(f"visible: {undone.visible_messages} messages; hidden: {undone.hidden_messages}")
    expect(undone.hidden_messages == 0 and undone.visible_messages > before.visible_messages, "all of it visible again")
    return str(said.reply)


async def _why(story: Story, session: Session, reply: str) -> None:
    story.step("Why did it answer that? The log knows, for ever.")
    explanation = await session.engine.why.explain(reply)
    expect(explanation.match is True, "the prompt rebuilt from the log to be the one that was sent")
    expect(not explanation.history and bool(explanation.memories), "a reply made from memories alone")
    settings = "; ".join(f"{name} {_setting(value)}" for name, value in sorted(explanation.settings.items()))
    story.screen.note(
        pairs(
            {
                "   reply": reply,
                "   settings": settings,
                "   history": f"{len(explanation.history)} turns",
                "   memories": "; ".join(str(memory["said"]) for memory in explanation.memories),
                "   prompt recorded": explanation.prompt_hash,
                "   prompt rebuilt": explanation.rebuilt_hash,
            }
        )
    )
    story.remark("equal: these are the very bytes that the model was sent")


async def _forgets_for_good(story: Story, session: Session) -> str:
    """Erase one message and ask for what it said; returns the receipt."""
    story.step("One message is erased for good.")
    trusted = await _message_about(story.town, session)
    erased = await erase(trusted, is_agreed=True, session=session)
    expect(erased.is_complete, "nothing of the erased message to be readable, on the log or in a row made of it")
    story.screen.note(
        pairs(
            {
                "   erased": ", ".join(erased.receipt.subjects),
                "   receipt": erased.receipt.receipt,
                "   still readable": erased.receipt.remaining,
                "   rows left": erased.traces,
            }
        )
    )
    events = await session.engine.log.read(after=0, limit=WHOLE_LOG_EVENTS)
    expect(not any(story.town in str(logged.event) for logged in events), "no trace of the erased words on the log")
    await session.caught_up()
    said = await story.exchange(PRIED, session)
    expect(story.town not in (said.text or ""), "the character not to know what was erased")
    return erased.receipt.receipt


async def _message_about(word: str, session: Session) -> str:
    events = await session.engine.log.read(after=0, limit=WHOLE_LOG_EVENTS)
    found = next((it.event.subject for it in events if word in str(getattr(it.event, "text", ""))), None)
    if found is None:
        raise TzurotError(f"The demo does not hold here: expected {word} on the log before it is erased.")
    return found


async def _verified(story: Story, session: Session) -> dict[str, ProjectionState]:
    story.step("Everything but the log is dropped, and rebuilt from it.")
    await session.caught_up()
    verified = await session.opened.replay.verify()
    expect(verified.is_ok, f"the projections to equal a replay ({'; '.join(verified.differences)})")
    return dict(verified.live)


async def _rebuilt(story: Story, before: dict[str, ProjectionState]) -> None:
    async with story.host.opened(NOTHING_RUNS) as opened:
        rebuilt = await opened.replay.rebuild(drop_database=True)
    rows = [
        (f"   {name}", state.rows, before[name].state_hash[:16], state.state_hash[:16])
        for name, state in rebuilt.projections.items()
    ]
    story.screen.note(table(("   projection", "rows", "hash before", "hash rebuilt"), rows))
    story.remark(f"{rebuilt.events} events in {rebuilt.seconds:.2f} s ({RebuiltResult(rebuilt).events_per_s:,.0f}/s)")
    expect(dict(rebuilt.projections) == before, "equal state after the rebuild")


async def _still_explained(session: Session, reply: str) -> None:
    explanation = await session.engine.why.explain(reply)
    expect(explanation.match is True, "a reply made after the rebuild to be explained")


async def _says_what_is_missing(story: Story, session: Session, reply: str, receipt: str) -> None:
    """A reply whose prompt held what was erased since can no longer be rebuilt, and says so; any other can."""
    explanation = await session.engine.why.explain(reply)
    expect(explanation.match == (not explanation.erased), "a prompt to be rebuilt unless something of it was erased")
    if explanation.erased:
        expect(explanation.erased == (receipt,), "the receipt of what was erased")
        story.remark("Asked again why the character recalled the word, the log is honest about the one erased memory:")
        story.remark(f"equal: no longer; erased since: receipt {receipt}")


def _setting(setting: Any) -> str:
    return f"{setting['value']} ({setting['source']})"


def _own_settings(folder: Path) -> Settings:
    """Nothing of the user's: own servers, own key ring, the offline model."""
    nobodys = dict.fromkeys(
        (
            "TZUROT_KEY_RING",
            "NATS_URL",
            "DATABASE_URL",
            "OPENAI_API_KEY",
            "OPENAI_BASE_URL",
            "OPENAI_MODEL",
            "DISCORD_TOKEN",
        )
    )
    return Settings.model_validate({**nobodys, "TZUROT_DATA_DIR": folder, "TZUROT_LOG_NAME": "Tzurot"})


def register(app: typer.Typer) -> None:
    @app.command("demo")
    def demo_command() -> HostRequest:
        """Tell the whole story in a minute, in a data directory of its own; every step is checked."""
        return HostRequest(tell)
