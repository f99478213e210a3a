"""A conversation on a real log, and prompts composed from it as the responder composes them, without a projection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.commands.messages import Hear
from engine.domain import Aggregate, Memory, Message, Reply
from engine.domain.event import JSON
from engine.domain.ids import character_id, choice_id, memory_id, message_id, person_id, persona_id, reply_id
from engine.domain.settable import Settable
from engine.envelope.key_ring import KeyRing
from engine.prompt.composing import Asked, compose_request
from engine.prompt.rendering import canonical_bytes
from engine.reading import Context, FieldsAt, Recalled, Reference, Turn
from engine.why import Explanation
from tests.builders import because
from tests.integration.engine.conftest import Commands, CountsWords

ANN, ROBIN, OWNER = "ann", "robin", "owner"
LYRA, BRAMBLE = "lyra", "bramble"

PRESET: Mapping[str, JSON] = {
    "name": "calm",
    "model": "offline",
    "temperature": 1.0,
    "top_p": 0.1,
    "frequency_penalty": -2.0,
    "presence_penalty": 1e-07,
    "max_tokens": 77,
    "seed": 2**63 - 1,
    "stop": ["\n\n", "Ende “7” 🐙"],
    "reasoning_effort": "none",
}


@dataclass
class Story:
    """What was said so far, and what the next prompt's history and memories are told to hold."""

    commands: Commands
    key_ring: KeyRing
    place: str = "terminal-a"
    is_private: bool = True
    heard: int = 0
    preset: str = ""
    history: list[Turn] = field(default_factory=list)
    memories: list[Recalled] = field(default_factory=list)

    async def begin(self) -> None:
        settables, at = self.commands.settables, self.commands.clock
        for person, name in ((ANN, "Ann"), (ROBIN, "Robin"), (OWNER, "Owner")):
            await settables.meet(person, name=name, at=at())
        self.preset = (await settables.create_preset(owner=OWNER, fields=PRESET, at=at())).thing.id
        for token, name in ((LYRA, "Lyra"), (BRAMBLE, "Bramble")):
            fields: dict[str, JSON] = {"name": name, "slug": token, "tone": "dry", "preset": self.preset}
            await settables.create_character(owner=OWNER, fields=fields, at=at(), token=token)

    async def hear(self, text: str, *, person: str = ANN, at: datetime | None = None, **brought: Any) -> str:
        self.heard += 1
        message = message_id(self.place, str(self.heard))
        await self.commands.messages.hear(
            Hear(
                message,
                person,
                text,
                (LYRA, BRAMBLE),
                is_private=self.is_private,
                at=at or self.commands.clock(),
                **brought,
            )
        )
        return message

    async def start(self, message: str, *, character: str = LYRA) -> str:
        reply, at = reply_id(message, character), self.commands.clock()
        await self.commands.log.begin(
            Reply,
            reply,
            lambda: Reply.start(
                reply,
                person=ANN,
                persona="default",
                character=character,
                message=message,
                message_version=1,
                model="offline",
                at=at,
            ),
        )
        return reply

    async def answer(
        self, message: str, text: str, *, character: str = LYRA, delivered_at: datetime | None = None, **composed: Any
    ) -> str:
        """A reply that is delivered; `composed` says why, where a test is going to ask."""
        reply, at = await self.start(message, character=character), self.commands.clock()
        made: dict[str, Any] = {"because": because(), "settings": {}, **composed}
        await self.commands.log.change(
            Reply, reply, lambda it: it.compose(text=text, tokens=2, answers_old_text=False, at=at, **made)
        )
        await self.commands.log.change(Reply, reply, lambda it: it.deliver(at=delivered_at or at))
        return reply

    async def exchange(self, said: str, answered: str, **times: datetime) -> tuple[str, str]:
        message = await self.hear(said, at=times.get("heard_at"))
        return message, await self.answer(message, answered, delivered_at=times.get("delivered_at"))

    async def brings(self, *subjects: str) -> tuple[Reference, ...]:
        """What refers to these messages, replies and quotes brings along, as the projection would give it."""
        return tuple([await self._reference(subject) for subject in subjects])

    async def _reference(self, subject: str) -> Reference:
        kind: Any = subject.partition(".")[0]
        found: Any = await self.commands.log.find(Aggregate.of(subject), subject)
        speaker = {"message": f"persona.{found.person}.default", "reply": "character." + subject.split(".")[-2]}
        is_named = kind != "quote" and speaker[kind] != character_id(LYRA)
        return Reference(
            id=subject,
            version=2 if kind == "reply" else found.version,
            kind=kind,
            author=found.character if kind == "reply" else found.person,
            speaker=await self.fields(speaker[kind]) if is_named else None,
            name=found.author if kind == "quote" else None,
            text=found.text if kind == "reply" else found.words,
            tokens=found.tokens,
            is_direct=False,
            is_forward=kind == "quote" and found.is_forward,
        )

    async def holds(self, *subjects: str, references: tuple[Reference, ...] = ()) -> None:
        """Let the history hold these messages and replies, as the projection would give them."""
        for subject in subjects:
            kind: type[Message | Reply] = Message if subject.startswith("message.") else Reply
            found: Any = await self.commands.log.find(kind, subject)
            is_message = kind is Message
            author = found.person if is_message else found.character
            speaker = persona_id(author) if is_message else character_id(author)
            self.history.append(
                Turn(
                    id=subject,
                    version=found.version if is_message else 2,
                    position=len(self.history),
                    kind="message" if is_message else "reply",
                    author=author,
                    speaker=None if speaker == character_id(LYRA) else await self.fields(speaker),
                    text=found.words if is_message else found.text,
                    tokens=2,
                    at=found.created_on,
                    references=references if is_message else (),
                )
            )

    async def recalls(self, message: str, reply: str) -> str:
        """Let a memory be recalled, as the projection would give it; returns its id."""
        said, answered = await self.commands.log.find(Message, message), await self.commands.log.find(Reply, reply)
        memory = await self.commands.log.find(Memory, memory_id(reply))
        assert said is not None
        assert answered is not None
        self.memories.append(
            Recalled(
                reply=reply,
                reply_version=2,
                message=message,
                message_version=said.version,
                persona=await self.fields(persona_id(ANN)),
                memory_version=memory.version if memory else 0,
                said=said.words,
                answered=str(answered.text),
                edited=str(memory.text) if memory and memory.text is not None else None,
                tokens=4,
                position=1,
                at=said.heard_at or said.created_on,
                is_locked=False,
                scores={"lexical": 0.25, "rank": 1, "score": 1 / 11},
            )
        )
        return memory_id(reply)

    async def fields(self, id: str) -> FieldsAt:
        found: Any = await self.commands.log.find(Aggregate.of(id), id)
        if found is None:
            return FieldsAt(id, 0)
        assert isinstance(found, Settable)
        return FieldsAt(id, found.version, dict(found.fields), found.person, found.is_deleted)

    async def asks(
        self, text: str = "What is my boat called?", *, references: tuple[Reference, ...] = (), **said: Any
    ) -> str:
        """A reply to a new message, from what the history holds and what is recalled; returns its id."""
        message = await self.hear(text, **said)
        heard = await self.commands.log.find(Message, message)
        assert heard is not None
        assert heard.heard_at is not None
        context = Context(
            position=1,
            character=await self.fields(character_id(LYRA)),
            person=await self.fields(person_id(ANN)),
            choice=await self.fields(choice_id(ANN, LYRA)),
            persona=await self.fields(persona_id(ANN)),
            presets={self.preset: await self.fields(self.preset)},
            history=tuple(self.history),
            memories=tuple(self.memories),
            references=references,
        )
        asked = Asked(message, heard.version, heard.words, heard.heard_at, self.is_private)
        composed = compose_request(context, asked, instance={}, tokens=CountsWords())
        assert len(composed.because.history) == len(self.history)
        assert len(composed.because.memories) == len(self.memories)
        prompt_hash = self.key_ring.keyed_hash("prompt", canonical_bytes(composed.request).decode())
        settings = {name: {"value": it.value, "source": it.source} for name, it in composed.settings.items()}
        return await self.answer(
            message,
            "Kittiwake.",
            because=composed.because.model_copy(update={"prompt_hash": prompt_hash}),
            settings=settings,
        )

    async def why(self, reply: str) -> Explanation:
        return await self.commands.why.explain(reply)
