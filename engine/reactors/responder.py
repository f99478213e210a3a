"""The responder: a message that asks a character becomes that character's reply.

    MessageHeard ─► wait for the projections ─► read ─► ReplyStarted ─► model ─► decide again ─► ReplyComposed

Where it is configured, what came with the message is described first (engine/reactors/describing.py).

ReplyStarted stands before the model is called, so that every call is accounted for. After the slow step everything is
looked at again (engine/domain/crossing.py): what was deleted meanwhile is not answered. However often an event is
delivered, a reply is composed once, because its state on the log says so. The same words again within seconds are
answered once, too.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from engine.commands.erasing import Erasing
from engine.domain import Message, Person, Reply
from engine.domain.because import Because
from engine.domain.crossing import Compose, NoReply, Withdraw, after_generation, before_start, is_repeat
from engine.domain.event import JSON
from engine.domain.ids import person_id, reply_id
from engine.domain.message import MessageDeleted, MessageEdited
from engine.domain.reply import ReplyState
from engine.envelope.key_ring import KeyRing
from engine.event_log import EventLog, LoggedEvent
from engine.ports import Completion, Model, ModelRefused, TokenCounter
from engine.prompt.composing import Asked, ComposedRequest, compose_request
from engine.prompt.effective import effective, whole_number
from engine.prompt.rendering import canonical_bytes
from engine.reactors.describing import Describing
from engine.reactors.locks import Locks
from engine.reactors.reaction import Attempt, RetryLater
from engine.reactors.turns import NO_SUCH_CHARACTER, Turn, may_answer, said_just_before, turns_of, unbegun
from engine.reading import Context, ContextReader, Projected, Question

PROJECTIONS_TIMEOUT_S = 10.0
USUAL_HISTORY_MESSAGES = 100
"""How many turns are read before the settings are known; where those ask for more, which is rare, it is read again."""

USUAL_MEMORIES = 20
"""As many memories; of those read, the ones that the history holds anyway are left out, so twice as many are read."""

MOST_ATTEMPTS = 3
"""Calls to a model for one reply while it fails for passing reasons."""

MOST_CALLS = 6
"""Calls to a model for one reply whatever happens to them: a crash in every one must not cost without end."""

TOO_MANY_CALLS = "I could not answer: every attempt was cut short on our side."

LONGEST_RETRY_AFTER_S = 60.0
"""A provider that asks for longer is not waited for: the person is told instead."""

INTERNAL_FAILURE = "internal"


class Responder:
    """Answers messages that address a character; many at once, in no order."""

    name = "responder"
    formerly = None
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
        erasing: Erasing,
        clock: Callable[[], datetime],
        describing: Describing | None = None,
    ) -> None:
        self._log = log
        self._describing = describing
        self._erasing = erasing
        self._replies = Locks()
        self._reader = reader
        self._projected = projected
        self._model = model
        self._tokens = tokens
        self._key_ring = key_ring
        self._instance = instance
        self._clock = clock

    async def react(self, logged: LoggedEvent, attempt: Attempt) -> None:
        """Answer a message as every character that it addresses, all at once.

        One that fails does not keep the others from answering; its failure is raised when all are done. What an edit
        or a deletion took back is deleted here, too, in case that whoever asked for it died before it was done.
        """
        event = logged.event
        match event:
            case MessageEdited():
                await self._erasing.delete_superseded(event.subject, event.originator_version)
            case MessageDeleted():
                await self._erasing.erase_message(event.subject, reason="deleted", at=self._clock())
        turns = turns_of(logged)
        results = await asyncio.gather(
            *(self._take_turn(turn, is_last_try=attempt.is_last) for turn in turns), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def give_up(self, logged: LoggedEvent, error: Exception) -> None:
        """Record on every reply that is still open that none will come."""
        message = f"I could not answer: something went wrong on our side ({type(error).__name__})."
        for turn in turns_of(logged):
            await self._end_unbegun(
                turn,
                lambda reply, at: reply.fail(reason=INTERNAL_FAILURE, message=message, is_permanent=True, at=at),
            )

    async def _take_turn(self, turn: Turn, *, is_last_try: bool) -> None:
        """Answer, unless that is done; when the same message is being answered here already, after that has ended."""
        async with self._replies.hold(turn.reply):
            await self._answer(turn, is_last_try=is_last_try)

    async def _answer(self, turn: Turn, *, is_last_try: bool) -> None:
        _, message, earlier = await asyncio.gather(
            self._projected.wait_for(turn.position, timeout_s=PROJECTIONS_TIMEOUT_S),
            self._log.find(Message, turn.message),
            self._log.find(Reply, turn.reply),
        )
        assert message is not None, "it was heard, so it is on the log"
        if isinstance(before_start(message, earlier, is_person_blocked=False), NoReply):
            return
        context = await self._read(turn, message)
        if context.person.fields.get("is_blocked") is True:
            await self._end_unbegun(turn, lambda reply, at: reply.withdraw(reason="person blocked", at=at))
            return
        if not may_answer(context.character, turn.person):
            await self._end_unbegun(turn, _fail_for_want_of_the_character)
            return
        if earlier is None and await self._is_repeat(turn, message, context):
            await self._end_unbegun(turn, lambda reply, at: reply.withdraw(reason="repeat", at=at))
            return
        if self._describing is not None and (described := await self._describing.described(message)) is not message:
            message = described
            if isinstance(before_start(message, earlier, is_person_blocked=False), NoReply):
                return
            context = await self._read(turn, message)
        composed = self._compose(context, turn, message)
        started = await self._start(turn, message, composed)
        if started is None or await self._is_gone_since_read(turn):
            return
        try:
            completion = await self._model.complete(composed.request)
        except ModelRefused as refused:
            await self._fail(turn, refused, attempt=started.attempt, is_last_try=is_last_try)
        else:
            await self._finish(turn, composed, completion)

    async def _is_repeat(self, turn: Turn, message: Message, context: Context) -> bool:
        before = said_just_before(turn, message, context.history)
        if not before:
            return False
        messages, replies = await asyncio.gather(
            asyncio.gather(*(self._log.find(Message, said) for said in before)),
            asyncio.gather(*(self._log.find(Reply, reply_id(said, turn.character)) for said in before)),
        )
        earlier = [(said, reply) for said, reply in zip(messages, replies, strict=True) if said is not None]
        return is_repeat(message, turn.character, earlier)

    async def _is_gone_since_read(self, turn: Turn) -> bool:
        """Whether the message went before its reply stood on the log; then no model sees it.

        From the start on, an erasure finds the reply and withdraws it. One that was faster is seen here.
        """
        now = await self._log.find(Message, turn.message)
        if now is None or not now.is_gone:
            return False
        await self._end_unbegun(turn, lambda reply, at: reply.withdraw(reason="message erased", at=at))
        return True

    async def _read(self, turn: Turn, message: Message) -> Context:
        context = await self._ask(turn, message, USUAL_HISTORY_MESSAGES, USUAL_MEMORIES)
        settings = effective(context, self._instance)
        history, memories = whole_number(settings, "history_messages"), whole_number(settings, "memory_limit")
        if history <= USUAL_HISTORY_MESSAGES and memories <= USUAL_MEMORIES:
            return context
        return await self._ask(turn, message, history, memories)

    async def _ask(self, turn: Turn, message: Message, history_messages: int, memories: int) -> Context:
        question = Question(
            place=turn.place,
            message=turn.message,
            person=turn.person,
            character=turn.character,
            upto=turn.upto,
            text=message.words,
            history_limit=history_messages + 1,  # one more tells whether any were left out
            memory_limit=2 * memories,
        )
        return await self._reader.context(question)

    def _compose(self, context: Context, turn: Turn, message: Message) -> ComposedRequest:
        at = message.heard_at or message.created_on
        asked = Asked(turn.message, message.version, message.words, at, message.is_private)
        return compose_request(context, asked, instance=self._instance, tokens=self._tokens)

    async def _end_unbegun(self, turn: Turn, end: Callable[[Reply, datetime], None]) -> None:
        """End a reply for which no model is called, so that the log says why and nothing waits for it."""
        at = self._clock()

        def begin_and_end() -> Reply:
            reply = unbegun(turn, at)
            end(reply, at)
            return reply

        await self._log.begin(Reply, turn.reply, begin_and_end, lambda reply: end(reply, at))

    async def _start(self, turn: Turn, message: Message, composed: ComposedRequest) -> Reply | None:
        """Put the attempt on the log; None if there is nothing left to do."""
        at, model = self._clock(), composed.request.model
        persona = composed.because.persona.id.rpartition(".")[2]

        def again(reply: Reply) -> None:
            if reply.attempt < MOST_CALLS:
                reply.start_again(persona=persona, message_version=message.version, model=model, at=at)
            else:
                reply.fail(reason=INTERNAL_FAILURE, message=TOO_MANY_CALLS, is_permanent=True, at=at)

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
            again,
        )
        is_started = outcome.happened and outcome.aggregate.state is ReplyState.STARTED
        return outcome.aggregate if is_started else None

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


def _fail_for_want_of_the_character(reply: Reply, at: datetime) -> None:
    reply.fail(
        reason=NO_SUCH_CHARACTER, message="That character is not here for you (any more).", is_permanent=True, at=at
    )
