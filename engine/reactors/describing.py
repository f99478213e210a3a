"""What is to be seen and heard in what came with a message, put into words by models before it is answered.

    AttachmentsShown ─► fetch ─► model ─► AttachmentsDescribed

AttachmentsShown stands before the models are called, so that every call is accounted for. Each attachment is described
once, however many characters are asked: what is known already is on the log, and one that nobody could describe is
known to be so. Only a bounded part of what comes with a message is looked at; the rest stays as it was sent.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.commands.recording import Recording
from engine.domain import Erased, Message
from engine.domain.attachment import Attachment, with_attachments, with_perceived
from engine.errors import NotFetched
from engine.event_log import EventLog
from engine.ports import LARGEST_IMAGE_BYTES, LARGEST_RECORDING_BYTES, ModelRefused, Senses, TokenCounter
from engine.reactors.locks import Locks

MOST_IMAGES = 4
MOST_VOICES = 1
"""As much of one message is described."""

LONGEST_VOICE_S = 900.0
TRY_S = 90.0
"""How long one attachment may take, fetching it and waiting for its turn included."""

MOST_TRIES = 3
PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
"""A provider that asks for longer is not asked again: the person waits for an answer."""

MOST_AT_ONCE = 8
"""Attachments in memory at once, each several times over while it is sent."""


@dataclass(frozen=True, slots=True)
class _NotYet:
    """Nothing is known so far; asking again may help, after a pause."""

    pause_s: float


class Describing:
    """Describes what comes with messages; one for a process."""

    def __init__(
        self,
        senses: Senses,
        *,
        log: EventLog,
        tokens: TokenCounter,
        recording: Recording,
        clock: Callable[[], datetime],
    ) -> None:
        self._senses = senses
        self._log = log
        self._tokens = tokens
        self._recording = recording
        self._clock = clock
        self._messages = Locks()
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def described(self, message: Message) -> Message:
        """The message as it stands once everything in it is described that is going to be."""
        if not undescribed(message, self._senses):
            return message
        async with self._messages.hold(message.id):
            found = await self._log.find(Message, message.id)
            assert found is not None, "it was heard, so it is on the log"
            while (wanted := undescribed(found, self._senses)) and await self._may_record(found):
                found = await self._try(found, wanted)
            return found

    async def _may_record(self, message: Message) -> bool:
        """Whether its author has not asked since that nothing more be recorded of them."""
        return not await asyncio.to_thread(self._recording.is_refused, message.person)

    async def _try(self, message: Message, wanted: tuple[Attachment, ...]) -> Message:
        """Show the wanted attachments to the models, and record what is known of them then."""
        if message.times_shown >= MOST_TRIES:
            return await self._record(message, dict.fromkeys((it.id for it in wanted), ""), ())
        asked = [self._model_for(attachment) for attachment in wanted]
        at = self._clock()
        outcome = await self._log.change(Message, message.id, lambda it: it.show(calls=Counter(asked), at=at))
        if outcome.aggregate.is_gone:
            return outcome.aggregate
        results = await asyncio.gather(*map(self._perceive, wanted))
        known = {it.id: words for it, words in zip(wanted, results, strict=True) if isinstance(words, str)}
        found = outcome.aggregate
        if known:
            found = await self._record(found, known, tuple(asked))
        pauses = [result.pause_s for result in results if isinstance(result, _NotYet)]
        if pauses and found.times_shown < MOST_TRIES:
            await asyncio.sleep(max(pauses))
        return found

    async def _record(self, message: Message, perceived: Mapping[str, str], models: tuple[str, ...]) -> Message:
        at = self._clock()

        def describe(found: Message) -> None:
            if isinstance(found.text, Erased) or isinstance(found.attachments, Erased):
                return
            if not self._recording.is_refused(found.person):
                words = with_attachments(found.text, with_perceived(found.attachments, perceived))
                found.describe(perceived, models=models, tokens=self._tokens.count(words), at=at)

        return (await self._log.change(Message, message.id, describe)).aggregate

    def _model_for(self, attachment: Attachment) -> str:
        asked = self._senses.describer if attachment.kind == "image" else self._senses.transcriber
        return asked.model if asked is not None else ""

    async def _perceive(self, attachment: Attachment) -> str | _NotYet:
        """What is to be seen or heard; empty if that cannot be said, now or ever."""
        try:
            async with asyncio.timeout(TRY_S), self._turns:
                return await self._ask(attachment)
        except NotFetched as error:
            return "" if error.is_permanent else _NotYet(PAUSE_S)
        except ModelRefused as refused:
            pause_s = refused.retry_after_s or PAUSE_S
            return "" if refused.is_permanent or pause_s > LONGEST_PAUSE_S else _NotYet(pause_s)
        except TimeoutError:
            return _NotYet(PAUSE_S)  # tried again as long as there are tries left

    async def _ask(self, attachment: Attachment) -> str:
        describer, transcriber = self._senses.describer, self._senses.transcriber
        if attachment.kind == "image" and describer is not None:
            image = await self._senses.fetch.fetch(attachment.url, limit_bytes=LARGEST_IMAGE_BYTES)
            return await describer.describe(image.content, kind=image.kind)
        if transcriber is not None:
            voice = await self._senses.fetch.fetch(attachment.url, limit_bytes=LARGEST_RECORDING_BYTES)
            return await transcriber.transcribe(voice.content, kind=voice.kind)
        return ""


def undescribed(message: Message, senses: Senses) -> tuple[Attachment, ...]:
    """What of a message is still to be described: the first few that can be, unless that was done or tried, and
    nothing for which who sent it has words of their own.
    """
    if message.is_gone or isinstance(message.attachments, Erased):
        return ()
    images = [it for it in message.attachments if senses.describer is not None and _is_image(it)]
    voices = [it for it in message.attachments if senses.transcriber is not None and _is_voice(it)]
    return tuple(it for it in (*images[:MOST_IMAGES], *voices[:MOST_VOICES]) if it.perceived is None)


def _is_image(attachment: Attachment) -> bool:
    return attachment.kind == "image" and attachment.size_bytes <= LARGEST_IMAGE_BYTES and not attachment.description


def _is_voice(attachment: Attachment) -> bool:
    is_short = (attachment.duration_s or 0) <= LONGEST_VOICE_S and attachment.size_bytes <= LARGEST_RECORDING_BYTES
    return attachment.kind == "voice" and is_short and not attachment.description
