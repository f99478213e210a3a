"""Why a reply said what it said, rebuilt from nothing but the log and the key ring.

What the reply recorded (`because`) names every part of its prompt by id and version. Each is read back as it was,
the same renderer writes the same messages, and the hash of their bytes is compared with the recorded one. What was
erased since is named with its receipt, and the hash then honestly does not match.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain import Erased, Memory, Message, Quote, Reply
from engine.domain.because import Because, Used, UsedMemory, UsedReference, UsedTurn
from engine.domain.event import JSON
from engine.domain.settable import Settable
from engine.envelope.key_ring import KeyRing
from engine.errors import NotFound
from engine.event_log import EventLog
from engine.ports import ChatMessage, ModelRequest
from engine.prompt.composing import DEFAULT_TIMEZONE, history_line, memory_line, reference_line
from engine.prompt.rendering import Prompt, canonical_bytes, render
from engine.reading import FieldsAt, Recalled, Reference, Turn

KINDS: Mapping[str, type[Message | Reply | Quote]] = {"message": Message, "reply": Reply, "quote": Quote}

KEY_DESTROYED = "key destroyed"
SUPERSEDED = "superseded by an edit"
"""Why something cannot be read back where no receipt says it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that made a reply.

    `match` says whether the rebuilt request is the one that was sent; None where no request was answered.
    A memory's `said` and `answered` are None where the prompt used its person's own words instead.
    """

    reply: str
    state: str
    text: str
    settings: Mapping[str, JSON]
    history: tuple[Mapping[str, JSON], ...]
    memories: tuple[Mapping[str, JSON], ...]
    tokens: Mapping[str, int]
    usage: Mapping[str, int]
    model: str
    answered_by: str
    prompt: tuple[ChatMessage, ...]
    prompt_hash: str
    rebuilt_hash: str
    match: bool | None
    erased: tuple[str, ...]
    """Receipts of what was erased since, or why else something cannot be read."""
    because: Because | None


class Why:
    def __init__(self, log: EventLog, key_ring: KeyRing) -> None:
        self._log = log
        self._key_ring = key_ring

    async def explain(self, reply: str) -> Explanation:
        """Raises NotFound for a reply that was never begun."""
        found = await self._log.find(Reply, reply)
        if found is None:
            raise NotFound(f"There is no reply {reply}.")
        if found.because is None:
            return _without_prompt(reply, found)
        return await _Rebuilding(self._log, self._key_ring, found.because).explain(reply, found)


class _Rebuilding:
    """One explanation under way; collects what could not be read back."""

    def __init__(self, log: EventLog, key_ring: KeyRing, because: Because) -> None:
        self._log = log
        self._key_ring = key_ring
        self._because = because
        self._erased: list[str] = []
        self._read: dict[Used, FieldsAt] = {}

    async def explain(self, reply: str, found: Reply) -> Explanation:
        because = self._because
        prompt = await self._prompt()
        request = ModelRequest(because.model, render(prompt, because.renderer), because.parameters)
        rebuilt_hash = self._key_ring.keyed_hash("prompt", canonical_bytes(request).decode())
        settings = {} if isinstance(found.settings, Erased) else found.settings
        return Explanation(
            reply=reply,
            state=found.state,
            text=str(found.text),
            settings=settings,
            history=tuple(
                {"id": turn.id, "version": turn.version, "kind": turn.kind, "name": line.name, "text": line.text}
                for turn, line in zip(because.history, prompt.history, strict=True)
            ),
            memories=tuple(
                {
                    "id": used.memory.id,
                    "reply": used.reply.id,
                    "said": line.said if line.edited is None else None,
                    "answered": line.answered if line.edited is None else None,
                    "edited": line.edited,
                    "scores": dict(used.scores),
                }
                for used, line in zip(because.memories, prompt.memories, strict=True)
            ),
            tokens=because.tokens,
            usage=because.usage,
            model=because.model,
            answered_by=because.answered_by,
            prompt=request.messages,
            prompt_hash=because.prompt_hash,
            rebuilt_hash=rebuilt_hash,
            match=rebuilt_hash == because.prompt_hash,
            erased=tuple(dict.fromkeys(self._erased)),
            because=because,
        )

    async def _prompt(self) -> Prompt:
        because = self._because
        character = await self._fields(because.character)
        persona = await self._fields(because.persona)
        history = [await self._turn(turn) for turn in because.history]
        memories = [await self._memory(memory) for memory in because.memories]
        return Prompt(
            character=character.fields,
            persona=persona.fields,
            timezone=because.timezone or DEFAULT_TIMEZONE,
            at=datetime.fromisoformat(because.at),
            is_private=because.is_private,
            history=tuple(history_line(turn, character, is_private=because.is_private) for turn in history),
            memories=tuple(memory_line(memory) for memory in memories),
            text=await self._text(Message, because.message),
            references=tuple([reference_line(await self._reference(it), character) for it in because.references]),
        )

    async def _fields(self, used: Used) -> FieldsAt:
        if used not in self._read:
            self._read[used] = await self._read_fields(used)
        return self._read[used]

    async def _read_fields(self, used: Used) -> FieldsAt:
        if used.version == 0:
            return FieldsAt(used.id, 0)
        thing: Any = None
        for logged in await self._log.events_of(used.id):
            event = logged.event
            if event.originator_version > used.version:
                break
            if any(isinstance(getattr(event, name), Erased) for name in event.sealed_fields):
                self._erased.append(KEY_DESTROYED)
            thing = event.mutate(thing)
        if not isinstance(thing, Settable):
            self._erased.append(KEY_DESTROYED)
            return FieldsAt(used.id, used.version)
        return FieldsAt(used.id, used.version, dict(thing.fields), thing.person, thing.is_deleted)

    async def _turn(self, turn: UsedTurn) -> Turn:
        kind: type[Message | Reply] = Message if turn.kind == "message" else Reply
        speaker = await self._fields(turn.speaker) if turn.speaker else None
        at = datetime.fromisoformat(self._because.at)
        text = await self._text(kind, Used(id=turn.id, version=turn.version))
        references = tuple([await self._reference(it) for it in turn.references])
        return Turn(turn.id, turn.version, 0, turn.kind, _author(turn), speaker, text, 0, at, references)

    async def _reference(self, used: UsedReference) -> Reference:
        kind = KINDS[used.kind]
        text = await self._text(kind, Used(id=used.id, version=used.version))
        quote = await self._log.find(Quote, used.id, version=used.version) if kind is Quote else None
        return Reference(
            id=used.id,
            version=used.version,
            kind=used.kind,
            author=_author(used),
            speaker=await self._fields(used.speaker) if used.speaker else None,
            name=str(quote.author) if quote is not None and quote.author is not None else None,
            text=text,
            tokens=0,
            is_direct=used.is_direct,
            is_forward=quote is not None and quote.is_forward,
        )

    async def _memory(self, used: UsedMemory) -> Recalled:
        edited = await self._own_words(used.memory)
        return Recalled(
            reply=used.reply.id,
            reply_version=used.reply.version,
            message=used.message.id,
            message_version=used.message.version,
            persona=await self._fields(used.persona),
            memory_version=used.memory.version,
            said="" if edited is not None else await self._text(Message, used.message),
            answered="" if edited is not None else await self._text(Reply, used.reply),
            edited=edited,
            tokens=0,
            position=0,
            at=await self._heard_at(used.message.id),
            is_locked=False,
            scores=used.scores,
        )

    async def _own_words(self, used: Used) -> str | None:
        """What its person made of a memory, if the prompt said that; then it said nothing of message and reply."""
        memory = await self._log.find(Memory, used.id, version=used.version) if used.version else None
        if memory is None or memory.text is None:
            return None
        if isinstance(memory.text, Erased):
            self._erased.append(KEY_DESTROYED)
        return str(memory.text)

    async def _heard_at(self, message: str) -> datetime:
        """The day that a memory's line states. Of an erased message it is not known, nor are its words."""
        found = await self._log.find(Message, message)
        return found.heard_at if found and found.heard_at else datetime.fromisoformat(self._because.at)

    async def _text(self, kind: type[Message | Reply | Quote], used: Used) -> str:
        """The text as it was at that version; notes the receipt of one that is gone."""
        then: Message | Reply | Quote | None = await self._log.find(kind, used.id, version=used.version)
        if then is not None and isinstance(then.text, str):
            return then.text if isinstance(then, Reply) else then.words
        now: Message | Reply | Quote | None = await self._log.find(kind, used.id)
        if now is not None and now.receipt is not None:
            self._erased.append(now.receipt)
        else:
            self._erased.append(SUPERSEDED if then is None else KEY_DESTROYED)
        return "[erased]"


def _author(used: UsedTurn | UsedReference) -> str:
    """The character of a reply; who else wrote something, its speaker says."""
    return used.id.split(".")[3] if used.kind == "reply" else ""


def _without_prompt(reply: str, found: Reply) -> Explanation:
    """A reply that was erased, or for which no prompt was ever answered."""
    return Explanation(
        reply=reply,
        state=found.state,
        text=str(found.text) if found.text or found.receipt else (found.failure.message if found.failure else ""),
        settings={},
        history=(),
        memories=(),
        tokens={},
        usage={},
        model=found.model,
        answered_by="",
        prompt=(),
        prompt_hash="",
        rebuilt_hash="",
        match=False if found.receipt else None,
        erased=(found.receipt,) if found.receipt else (),
        because=None,
    )
