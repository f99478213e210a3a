"""Hears what is said on Discord: each message, edit and deletion that concerns us becomes a command of the engine.

What happens in a channel is dealt with in its order. A message is translated, decided on, and recorded if it is heard,
together with what it brings along; what has to be explained instead is posted. No answer is made here: replies come by
the log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from adapters.discord.hearing.deciding import Notice, Ourselves, Rules, decide, is_persons_speech, names_asked_about
from adapters.discord.hearing.lanes import Lanes
from adapters.discord.hearing.notices import explanation
from adapters.discord.hearing.pacing import Pacing
from adapters.discord.hearing.pluralkit import PluralKit
from adapters.discord.hearing.recording import Brought, Recorder, attachments, message_of, place_of_channel
from adapters.discord.hearing.references import References
from adapters.discord.hearing.said import Said, Where
from adapters.discord.hearing.surroundings import Payload, Surroundings
from adapters.discord.hearing.translating import Unreadable, said, snowflake, time_of
from adapters.discord.hearing.wording import named_ids, wording
from engine.application import Engine
from engine.domain import Message
from engine.errors import NotFound, NotRecorded
from engine.reading import Overheard, Situation

CLOSING_S = 5.0
MOST_ASKING = 16
"""Questions to the projections at the same time: as many channels as may be busy would only wait for connections."""

PROJECTIONS_TIMEOUT_S = 10.0
PAUSES_FOR_A_POST_S = (0.02, 0.05, 0.1, 0.3, 1.0)
FRESH = timedelta(seconds=10)

type Explain = Callable[[Said, str], Awaitable[None]]
"""Posts an explanation as an answer to what was said."""

type ShowTyping = Callable[[str, Sequence[str]], None]
"""Shows that these characters are about to answer a message; returns at once."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ears:
    """What a listener hears with."""

    engine: Engine
    ourselves: Ourselves
    rules: Rules
    surroundings: Surroundings
    pluralkit: PluralKit
    explain: Explain
    show_typing: ShowTyping


class Listener:
    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._engine = ears.engine
        self._surroundings = ears.surroundings
        self._pluralkit = ears.pluralkit
        self._recorder = Recorder(ears.engine, ears.ourselves)
        self._references = References(ears.surroundings)
        self._pacing = Pacing()
        self._lanes = Lanes()
        self._asking = asyncio.Semaphore(MOST_ASKING)

    async def close(self) -> None:
        """Let what was already said be heard."""
        await self._lanes.close(patience_s=CLOSING_S)

    def on_dispatch(self, event: str, payload: dict[str, Any]) -> None:
        """Take what the gateway dispatches; returns at once."""
        channel = snowflake(payload.get("channel_id"))
        if channel is None:
            return
        match event:
            case "MESSAGE_CREATE":
                self._lanes.put(channel, lambda: self._created(channel, payload))
            case "MESSAGE_UPDATE":
                self._lanes.put(channel, lambda: self._updated(channel, payload))
            case "MESSAGE_DELETE":
                self._deleted(channel, snowflake(payload.get("id")))
            case "MESSAGE_DELETE_BULK":
                for message in payload.get("ids") or ():
                    self._deleted(channel, snowflake(message))

    async def _created(self, channel: str, payload: Payload) -> None:
        it = await self._read(channel, payload)
        if it is None:
            return
        if self._pluralkit.is_copy(it):
            self._lanes.start(lambda: self._hear_copy(it))
        elif is_persons_speech(it, self._ears.ourselves):
            may_be_copied = self._surroundings.has_pluralkit(it.where.server)
            if self._pluralkit.holds(it, may_be_copied=may_be_copied):
                self._lanes.start(lambda: self._hear_held(it, payload))
            else:
                await self._hear(it, payload)

    async def _hear_held(self, it: Said, payload: Payload) -> None:
        if (kept := await self._pluralkit.original(it)) is not None:
            self._lanes.put(it.where.channel, lambda: self._hear(kept, payload))

    async def _hear_copy(self, copy: Said) -> None:
        it = await self._pluralkit.copy(copy)
        if it is not None and is_persons_speech(it, self._ears.ourselves):
            self._lanes.put(it.where.channel, lambda: self._hear(it, {}))

    async def _hear(self, it: Said, payload: Payload) -> None:
        """Hear what a person said, if it is to be heard."""
        person = self._recorder.person(it.author.id)
        situation = await self._situation(it, person, payload)
        decision = decide(it, situation, self._ears.ourselves, self._ears.rules)
        if decision.notice is not None:
            await self._explain(decision.notice, it, person)
        if not decision.is_heard:
            return
        try:
            if not situation.person.fields.get("name"):
                await self._engine.settables.meet(person, name=it.author.name, at=self._engine.clock())
            if decision.talks_to is not None:
                await self._talk_to(decision.talks_to, it, person)
            brought = await self._bring(it, payload)
            await self._recorder.hear(it, decision, brought, at=it.at)
        except NotRecorded:
            return  # they asked for that meanwhile: nothing of it is kept
        asked = [asked.character for asked in decision.asked]
        self._ears.show_typing(message_of(it.where.channel, it.id), asked)

    async def _bring(self, it: Said, payload: Payload) -> Brought:
        """Look up and record what it brings along."""
        replied_to = payload.get("referenced_message")
        found = await self._references.of(it, replied_to if isinstance(replied_to, dict) else None)
        return await self._recorder.bring(it, found, at=self._engine.clock())

    async def _situation(self, it: Said, person: str, payload: Payload) -> Situation:
        where = it.where
        question = Overheard(
            place=place_of_channel(where.channel),
            parent=place_of_channel(where.parent) if where.parent else None,
            person=person,
            names=names_asked_about(it, self._ears.rules),
            post=it.reply_to.message if it.reply_to else None,
        )
        situation = await self._ask(question)
        for pause_s in PAUSES_FOR_A_POST_S if self._answers_a_fresh_post(it, payload) else ():
            if situation.replied_to is not None:
                break
            await asyncio.sleep(pause_s)
            situation = await self._ask(question)
        return situation

    async def _ask(self, question: Overheard) -> Situation:
        async with self._asking:
            return await self._engine.read.situation(question)

    def _answers_a_fresh_post(self, it: Said, payload: Payload) -> bool:
        """Whether it replies to a post of ours that may not be on the log yet: people see it a moment before."""
        post = payload.get("referenced_message")
        if it.reply_to is None or not isinstance(post, dict):
            return False
        author = post.get("author")
        is_ours = snowflake(post.get("application_id")) == self._ears.ourselves.application or (
            isinstance(author, dict) and snowflake(author.get("id")) == self._ears.ourselves.user
        )
        return is_ours and it.at - time_of(it.reply_to.message) < FRESH

    async def _talk_to(self, character: str, it: Said, person: str) -> None:
        """From now on the person talks to this character in this DM."""
        activated = await self._engine.places.activate(
            place_of_channel(it.where.channel),
            character=character,
            person=person,
            server=None,
            may_manage=True,
            at=self._engine.clock(),
        )
        await self._engine.read.wait_for(activated.position, timeout_s=PROJECTIONS_TIMEOUT_S)

    async def _explain(self, notice: Notice, it: Said, person: str) -> None:
        place = place_of_channel(it.where.channel)
        if self._pacing.is_due(notice, person=person, place=place, at=self._engine.clock()):
            characters = await self._engine.read.characters(person=person)
            await self._ears.explain(it, explanation(notice, characters, self._ears.rules))

    async def _updated(self, channel: str, payload: Payload) -> None:
        """Hear an edit of what was heard. Discord also tells of cards that it adds by itself: those are no edits."""
        if payload.get("edited_timestamp") is None or "content" not in payload:
            return
        it = await self._read(channel, payload)
        if it is None:
            return
        if self._pluralkit.is_copy(it):
            it = replace(it, author=replace(it.author, member=it.author.name))
        elif not is_persons_speech(it, self._ears.ourselves):
            return
        self._pluralkit.edited(it)
        message = message_of(channel, it.id)
        heard = await self._engine.log.find(Message, message)
        brought = await self._bring(it, payload) if heard is not None and not heard.is_gone else None
        try:
            await self._engine.messages.edit(
                message,
                text=wording(it, brought.numbers if brought else {}),
                at=it.edited_at or self._engine.clock(),
                attachments=attachments(it.content),
                refers_to=brought.refers_to if brought else None,
            )
        except (NotFound, NotRecorded):
            return  # it was never heard, or its author is not to be recorded any more

    def _deleted(self, channel: str, message: str | None) -> None:
        if message is not None:
            self._pluralkit.deleted(message)
            self._lanes.put(channel, lambda: self._forget(channel, message))

    async def _forget(self, channel: str, message: str) -> None:
        try:
            await self._engine.messages.delete(message_of(channel, message), at=self._engine.clock())
        except NotFound:
            return  # it was never heard

    async def _read(self, channel: str, payload: Payload) -> Said | None:
        """The message of a payload, None for what is none or stands where we cannot look."""
        server = snowflake(payload.get("guild_id"))
        where = await self._surroundings.where(channel, server) if server else Where(channel, "dm")
        if where is None:
            _log.info("Something was said in a channel that Discord does not show: it is not heard")
            return None
        try:
            it = said(payload, where)
        except Unreadable:
            _log.warning("Discord sent a message that cannot be read: it is not heard")
            return None
        return replace(it, names=self._surroundings.names(server, named_ids(it.content)))
