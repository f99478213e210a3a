"""The responder: a message that asks a character becomes that character's reply.

    MessageHeard ─► wait for the projections ─► read ─► ReplyStarted ─► model ─► decide again ─► ReplyComposed

ReplyStarted stands before the model is called, so that every call is accounted for. After the slow step everything is
looked at again (engine/domain/crossing.py): what was deleted meanwhile is not answered. However often an event is
delivered, a reply is composed once, because its state on the log says so.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.domain import Message, Person, Reply
from engine.domain.because import Because
from engine.domain.crossing import Compose, NoReply, Withdraw, after_generation, before_start
from engine.domain.event import JSON
from engine.domain.ids import person_id, place_of, reply_id
from engine.domain.message import MessageHeard
from engine.domain.reply import ReplyState
from engine.envelope.key_ring import KeyRing
from engine.event_log import EventLog, LoggedEvent
from engine.ports import Completion, Model, ModelRefused, TokenCounter
from engine.prompt.composing import Asked, ComposedRequest, compose_request
from engine.prompt.effective import effective, whole_number
from engine.prompt.rendering import canonical_bytes
from engine.reactors.subscription import RetryLater
from engine.reading import Context, ContextReader, FieldsAt, Projected, Question

PROJECTIONS_TIMEOUT_S = 10.0
USUAL_HISTORY_MESSAGES = 100
"""How many turns are read before the settings are known; where those ask for more, which is rare, it is read again."""

MEMORY_READ_LIMIT = 40
"""More than are used, since those that the history holds anyway are left out after reading."""

MOST_ATTEMPTS = 3
"""Calls to a model for one reply while it fails for passing reasons."""

LONGEST_RETRY_AFTER_S = 60.0
"""A provider that asks for longer is not waited for: the person is told instead."""

INTERNAL_FAILURE = "internal"


@dataclass(frozen=True, slots=True)
class Turn:
    """One character's turn to answer one message."""

    message: str
    character: str
    reply: str
    position: int
    person: str
    place: str


class Responder:
    """Answers messages that address a character; many at once, in no order."""

    name = "responder"
    kinds = ("message",)

    def __init__(
        self,
        *,
        log: EventLog,
        reader: ContextReader,
        projected: Projected,
        model: Model,
        tokens: TokenCounter,
        key_ring: KeyRing,
        instance: Mapping[str, JSON],
        clock: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._reader = reader
        self._projected = projected
        self._model = model
        self._tokens = tokens
        self._key_ring = key_ring
        self._instance = instance
        self._clock = clock

    async def react(self, logged: LoggedEvent, *, is_last_try: bool) -> None:
        """Answer a message as every character that it addresses, all at once.

        One that fails does not keep the others from answering; its failure is raised when all are done.
        """
        turns = _turns(logged)
        if not turns:
            return
        results = await asyncio.gather(
            *(self._answer(turn, is_last_try=is_last_try) for turn in turns), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def give_up(self, logged: LoggedEvent, error: Exception) -> None:
        """Record on every reply that is still open that none will come."""
        message = f"I could not answer: something went wrong on our side ({type(error).__name__})."
        for turn in _turns(logged):
            await self._end_unbegun(
                turn,
                lambda reply, at: reply.fail(reason=INTERNAL_FAILURE, message=message, is_permanent=True, at=at),
            )

    async def _answer(self, turn: Turn, *, is_last_try: bool) -> None:
        _, message, person = await asyncio.gather(
            self._projected.wait_for(turn.position, timeout_s=PROJECTIONS_TIMEOUT_S),
            self._log.find(Message, turn.message),
            self._log.find(Person, person_id(turn.person)),
        )
        is_blocked = person is not None and person.fields.get("is_blocked") is True
        assert message is not None, "it was heard, so it is on the log"
        match before_start(message, is_person_blocked=is_blocked):
            case NoReply(reason="person blocked"):
                await self._end_unbegun(turn, lambda reply, at: reply.withdraw(reason="person blocked", at=at))
                return
            case NoReply():
                return
        context = await self._read(turn, message)
        if not may_answer(context.character, turn.person):
            await self._end_unbegun(turn, _fail_for_want_of_the_character)
            return
        composed = self._compose(context, turn, message)
        started = await self._start(turn, message, composed)
        if started is None:
            return
        try:
            completion = await self._model.complete(composed.request)
        except ModelRefused as refused:
            await self._fail(turn, refused, attempt=started.attempt, is_last_try=is_last_try)
        else:
            await self._finish(turn, composed, completion)

    async def _read(self, turn: Turn, message: Message) -> Context:
        context = await self._ask(turn, message, USUAL_HISTORY_MESSAGES)
        wanted = whole_number(effective(context, self._instance), "history_messages")
        return context if wanted <= USUAL_HISTORY_MESSAGES else await self._ask(turn, message, wanted)

    async def _ask(self, turn: Turn, message: Message, history_messages: int) -> Context:
        question = Question(
            place=turn.place,
            message=turn.message,
            person=turn.person,
            character=turn.character,
            upto=turn.position,
            text=str(message.text),
            history_limit=history_messages + 1,  # one more tells whether any were left out
            memory_limit=MEMORY_READ_LIMIT,
        )
        return await self._reader.context(question)

    def _compose(self, context: Context, turn: Turn, message: Message) -> ComposedRequest:
        at = message.heard_at or message.created_on
        asked = Asked(turn.message, message.version, str(message.text), at, message.is_private)
        return compose_request(context, asked, instance=self._instance, tokens=self._tokens)

    async def _end_unbegun(self, turn: Turn, end: Callable[[Reply, datetime], None]) -> None:
        """End a reply for which no model is called, so that the log says why and nothing waits for it."""
        at = self._clock()

        def begin_and_end() -> Reply:
            reply = _unbegun(turn, at)
            end(reply, at)
            return reply

        await self._log.begin(Reply, turn.reply, begin_and_end, lambda reply: end(reply, at))

    async def _start(self, turn: Turn, message: Message, composed: ComposedRequest) -> Reply | None:
        """Put the attempt on the log; None if there is nothing left to do."""
        at, model = self._clock(), composed.request.model
        persona = composed.because.persona.id.rpartition(".")[2]
        outcome = await self._log.begin(
            Reply,
            turn.reply,
            lambda: Reply.start(
                turn.reply,
                person=turn.person,
                persona=persona,
                character=turn.character,
                message=turn.message,
                message_version=message.version,
                model=model,
                at=at,
            ),
            lambda reply: reply.start_again(persona=persona, message_version=message.version, model=model, at=at),
        )
        return outcome.aggregate if outcome.happened else None

    async def _finish(self, turn: Turn, composed: ComposedRequest, completion: Completion) -> None:
        message, person = await asyncio.gather(
            self._log.find(Message, turn.message), self._log.find(Person, person_id(turn.person))
        )
        assert message is not None
        is_blocked = person is not None and person.fields.get("is_blocked") is True
        at = self._clock()
        because = self._because(composed, completion)
        settings: dict[str, JSON] = {
            name: {"value": setting.value, "source": setting.source} for name, setting in composed.settings.items()
        }
        tokens = self._tokens.count(completion.text)

        def decide(reply: Reply) -> None:
            match after_generation(message, reply, is_person_blocked=is_blocked):
                case Compose(answers_old_text=answers_old_text):
                    reply.compose(
                        text=completion.text,
                        tokens=tokens,
                        because=because,
                        settings=settings,
                        answers_old_text=answers_old_text,
                        at=at,
                    )
                case Withdraw(reason=reason):
                    reply.withdraw(reason=reason, at=at)
                case _:
                    pass

        await self._log.change(Reply, turn.reply, decide)

    def _because(self, composed: ComposedRequest, completion: Completion) -> Because:
        usage = completion.usage
        return composed.because.model_copy(
            update={
                "prompt_hash": self._key_ring.keyed_hash("prompt", canonical_bytes(composed.request).decode()),
                "answered_by": completion.model,
                "finish_reason": completion.finish_reason,
                "first_token_s": completion.first_token_s,
                "total_s": completion.total_s,
                "usage": {
                    "prompt_tokens": usage.prompt_tokens,
                    "completion_tokens": usage.completion_tokens,
                    "cached_tokens": usage.cached_tokens,
                    "reasoning_tokens": usage.reasoning_tokens,
                }
                if usage
                else {},
            }
        )

    async def _fail(self, turn: Turn, refused: ModelRefused, *, attempt: int, is_last_try: bool) -> None:
        """Record the failure; a passing one is tried again, until there were enough."""
        waits_too_long = (refused.retry_after_s or 0) > LONGEST_RETRY_AFTER_S
        is_final = refused.is_permanent or waits_too_long or attempt >= MOST_ATTEMPTS or is_last_try
        at = self._clock()
        outcome = await self._log.change(
            Reply,
            turn.reply,
            lambda reply: reply.fail(
                reason=refused.reason,
                message=refused.message,
                is_permanent=is_final,
                retry_after_s=refused.retry_after_s,
                at=at,
            ),
        )
        if not is_final and outcome.aggregate.state is ReplyState.FAILED:
            raise RetryLater(refused.reason, delay_s=refused.retry_after_s)


def _turns(logged: LoggedEvent) -> list[Turn]:
    event = logged.event
    if not isinstance(event, MessageHeard):
        return []
    place = place_of(event.subject) or ""
    return [
        Turn(event.subject, character, reply_id(event.subject, character), logged.position, event.person, place)
        for character in event.addresses
    ]


def may_answer(character: FieldsAt, person: str) -> bool:
    """Whether a character is there and may talk to this person: it is public, or theirs."""
    is_there = character.version > 0 and not character.is_deleted
    return is_there and (character.fields.get("is_public") is True or character.owner == person)


def _fail_for_want_of_the_character(reply: Reply, at: datetime) -> None:
    reply.fail(
        reason="no such character", message="That character is not here for you (any more).", is_permanent=True, at=at
    )


def _unbegun(turn: Turn, at: datetime) -> Reply:
    return Reply.start(
        turn.reply,
        person=turn.person,
        persona="",
        character=turn.character,
        message=turn.message,
        message_version=0,
        model="",
        at=at,
    )
