"""What messages bring along: words of other messages, recorded before the message that refers to them."""

from dataclasses import dataclass
from datetime import datetime

from engine.commands.erasing import Erasing
from engine.commands.recording import Recording
from engine.domain import Message, Quote
from engine.domain.attachment import Attachment, with_attachments
from engine.domain.ids import quote_id
from engine.errors import NotRecorded
from engine.event_log import EventLog
from engine.ports import TokenCounter

MAX_QUOTE_CHARS = 8_000
"""Twice what the longest message of any platform has; the rest of a longer one is left out."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words to be quoted.

    `message` is the id of the message that they are of, `person` its author. Where a forward does not say whose words
    it holds, `is_forward` is True, `message` is the one that forwards them, and `person` who did so.
    """

    message: str
    person: str
    text: str
    at: datetime
    author: str | None = None
    """The author's name where it was said."""
    attachments: tuple[Attachment, ...] = ()
    said_at: datetime | None = None
    is_forward: bool = False


class Quotes:
    def __init__(self, log: EventLog, tokens: TokenCounter, erasing: Erasing, recording: Recording) -> None:
        self._log = log
        self._tokens = tokens
        self._erasing = erasing
        self._recording = recording

    async def bring(self, quoted: Quoted) -> str | None:
        """Record a quote once, and return the id that a message refers to it by.

        A message that is on the log itself is referred to, and nothing is recorded. None where nothing may be quoted:
        it was erased, or its author asked not to be recorded.
        """
        if not quoted.is_forward and (heard := await self._log.find(Message, quoted.message)) is not None:
            return None if heard.is_gone else heard.id
        try:
            outcome = await self._log.begin(Quote, quote_id(quoted.message), lambda: self._begin(quoted))
        except NotRecorded:
            return None
        quote = outcome.aggregate
        if not quote.is_gone and await self._was_erased(quoted.message):
            await self._erasing.erase_message(quoted.message, reason="deleted", at=quoted.at)
            return None
        return None if quote.is_gone else quote.id

    async def _was_erased(self, message: str) -> bool:
        """Whether a message went while it was being quoted: whoever erased it may have found no quote yet."""
        said = await self._log.find(Message, message)
        return said is not None and said.is_gone

    def _begin(self, quoted: Quoted) -> Quote:
        self._recording.check(quoted.person)
        text = quoted.text[:MAX_QUOTE_CHARS]
        return Quote.bring(
            quote_id(quoted.message),
            person=quoted.person,
            author=quoted.author,
            text=text,
            attachments=quoted.attachments,
            tokens=self._tokens.count(with_attachments(text, quoted.attachments)),
            said_at=quoted.said_at,
            is_forward=quoted.is_forward,
            at=quoted.at,
        )
