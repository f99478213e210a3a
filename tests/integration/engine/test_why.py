"""Why, on a real log: what can be rebuilt matches whatever changed since, and what can not says what was lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.commands.messages import Hear
from engine.domain import Aggregate, Character, Memory, Message, Persona, Preset, Reply
from engine.domain.event import JSON
from engine.domain.ids import character_id, choice_id, memory_id, message_id, person_id, persona_id, reply_id
from engine.domain.person import Person
from engine.domain.settable import Settable
from engine.envelope.key_ring import KeyRing
from engine.errors import NotFound
from engine.prompt.composing import Asked, compose_request
from engine.prompt.rendering import canonical_bytes
from engine.reading import Context, FieldsAt, Recalled, Turn
from engine.why import KEY_DESTROYED, SUPERSEDED, Explanation
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
    """A conversation on the log, and prompts composed from it as the responder composes them."""

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

    async def hear(self, text: str, *, person: str = ANN, at: datetime | None = None) -> str:
        self.heard += 1
        message = message_id(self.place, str(self.heard))
        await self.commands.messages.hear(
            Hear(message, person, text, (LYRA, BRAMBLE), is_private=self.is_private, at=at or self.commands.clock())
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

    async def holds(self, *subjects: str) -> None:
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
                    text=found.text,
                    tokens=2,
                    at=found.created_on,
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
                said=str(said.text),
                answered=str(answered.text),
                edited=str(memory.text) if memory and memory.text is not None else None,
                tokens=4,
                position=1,
                at=answered.modified_on,
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

    async def asks(self, text: str = "What is my boat called?", **at: datetime) -> str:
        """A reply to a new message, from what the history holds and what is recalled; returns its id."""
        message = await self.hear(text, at=at.get("at"))
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
        )
        asked = Asked(message, heard.version, str(heard.text), heard.heard_at, self.is_private)
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


@pytest.fixture
async def story(commands: Commands, key_ring: KeyRing) -> Story:
    story = Story(commands, key_ring)
    await story.begin()
    return story


async def with_a_past(story: Story) -> tuple[str, str, str]:
    """A history of one exchange and a memory of another; returns the history's message and reply, and the memory."""
    recalled = await story.exchange("My boat is called Kittiwake.", "Noted.")
    memory = await story.recalls(*recalled)
    message, reply = await story.exchange("Good morning.", "It is evening.")
    await story.holds(message, reply)
    return message, reply, memory


async def edit_character(story: Story, memory: str) -> None:
    changes: dict[str, JSON] = {"name": "Selene", "tone": None, "goals": "none"}
    await story.commands.settables.edit(
        Character, character_id(LYRA), person=OWNER, changes=changes, at=story.commands.clock()
    )


async def delete_character(story: Story, memory: str) -> None:
    await story.commands.settables.delete(Character, character_id(LYRA), person=OWNER, at=story.commands.clock())


async def edit_preset(story: Story, memory: str) -> None:
    changes: dict[str, JSON] = {"temperature": 0.3, "seed": None, "model": "other"}
    await story.commands.settables.edit(Preset, story.preset, person=OWNER, changes=changes, at=story.commands.clock())


async def delete_preset(story: Story, memory: str) -> None:
    await story.commands.settables.delete(Preset, story.preset, person=OWNER, at=story.commands.clock())


async def rename_persona(story: Story, memory: str) -> None:
    await story.commands.settables.edit(
        Persona, persona_id(ANN), person=ANN, changes={"name": "Captain"}, at=story.commands.clock()
    )


async def move_elsewhere(story: Story, memory: str) -> None:
    await story.commands.settables.edit(
        Person, person_id(ANN), person=ANN, changes={"timezone": "Asia/Tokyo"}, at=story.commands.clock()
    )


async def edit_memory(story: Story, memory: str) -> None:
    await story.commands.memories.edit(memory, person=ANN, text="Her name is Tern.", at=story.commands.clock())


async def forget_memory(story: Story, memory: str) -> None:
    await story.commands.memories.forget(memory, person=ANN, at=story.commands.clock())


CHANGES = (
    edit_character,
    delete_character,
    edit_preset,
    delete_preset,
    rename_persona,
    move_elsewhere,
    edit_memory,
    forget_memory,
)


async def test_the_request_is_rebuilt_with_all_that_made_it(story: Story) -> None:
    message, reply, memory = await with_a_past(story)
    explanation = await story.why(await story.asks())
    assert explanation.match is True
    assert explanation.rebuilt_hash == explanation.prompt_hash
    assert explanation.erased == ()
    assert [turn["id"] for turn in explanation.history] == [message, reply]
    assert [turn["text"] for turn in explanation.history] == ["Good morning.", "It is evening."]
    assert [(it["id"], it["said"], it["answered"], it["edited"]) for it in explanation.memories] == [
        (memory, "My boat is called Kittiwake.", "Noted.", None)
    ]
    assert explanation.memories[0]["scores"] == {"lexical": 0.25, "rank": 1, "score": 1 / 11}
    assert explanation.prompt[-1].content == "What is my boat called?"
    assert (explanation.state, explanation.text) == ("delivered", "Kittiwake.")


async def test_floats_whole_numbers_and_strings_of_the_parameters_survive_the_log(story: Story) -> None:
    explanation = await story.why(await story.asks())
    assert explanation.match is True
    assert explanation.because is not None
    sent = {name: value for name, value in PRESET.items() if name not in ("name", "model")}
    assert explanation.because.parameters == sent
    assert {name: type(value) for name, value in explanation.because.parameters.items()} == {
        name: type(value) for name, value in sent.items()
    }
    assert explanation.settings["temperature"] == {"value": 1.0, "source": "character"}
    assert explanation.settings["memory_limit"] == {"value": 20, "source": "built-in"}


@pytest.mark.parametrize("change", CHANGES)
async def test_it_still_matches_whatever_is_changed_afterwards(
    story: Story, change: Callable[[Story, str], Awaitable[None]]
) -> None:
    _, _, memory = await with_a_past(story)
    reply = await story.asks()
    await change(story, memory)
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (True, ())


async def test_a_shared_place_matches_after_its_speakers_and_other_characters_are_renamed(story: Story) -> None:
    story.place, story.is_private = "terminal-shared", False
    mine, theirs = await story.hear("Is the lamp lit?"), await story.hear("Who asks?", person=ROBIN)
    own, other = await story.answer(mine, "It is."), await story.answer(theirs, "I ask.", character=BRAMBLE)
    await story.holds(mine, theirs, own, other)
    reply = await story.asks()
    edit, at = story.commands.settables.edit, story.commands.clock
    await edit(Persona, persona_id(ROBIN), person=ROBIN, changes={"name": "Rob"}, at=at())
    await edit(Character, character_id(BRAMBLE), person=OWNER, changes={"name": "Bear"}, at=at())
    explanation = await story.why(reply)
    assert explanation.match is True
    assert [turn["name"] for turn in explanation.history] == ["Ann", "Robin", None, "Bramble"]


async def test_a_person_without_any_event_is_explained(story: Story) -> None:
    story.place, story.is_private = "terminal-shared", False
    await story.holds(await story.hear("Nobody met me.", person="stranger"))
    explanation = await story.why(await story.asks())
    assert explanation.match is True
    assert explanation.history[0]["name"] == "Someone"


async def test_an_erased_message_of_the_history_is_named_with_its_receipt(story: Story) -> None:
    message, _, _ = await with_a_past(story)
    reply = await story.asks()
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (receipt.receipt,))
    assert [turn["text"] for turn in explanation.history] == ["[erased]", "[erased]"]
    assert "Good morning." not in str(explanation)


async def test_an_erased_memory_is_named_with_its_receipt(story: Story) -> None:
    message, reply = await story.exchange("My boat is called Kittiwake.", "Noted.")
    await story.recalls(message, reply)
    asked = await story.asks()
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(asked)
    assert (explanation.match, explanation.erased) == (False, (receipt.receipt,))


async def test_an_edited_message_of_the_history_says_that_it_was_superseded(story: Story) -> None:
    message, _, _ = await with_a_past(story)
    reply = await story.asks()
    await story.commands.messages.edit(message, text="Good evening.", at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (SUPERSEDED,))


async def test_a_message_that_was_edited_before_matches(story: Story) -> None:
    message = await story.hear("Good mornign.")
    await story.commands.messages.edit(message, text="Good morning.", at=story.commands.clock())
    await story.holds(message)
    assert (await story.why(await story.asks())).match is True


async def test_words_whose_key_was_destroyed_are_said_to_be_so(story: Story) -> None:
    story.place, story.is_private = "terminal-shared", False
    await story.holds(await story.hear("I was never here.", person=ROBIN))
    reply = await story.asks()
    story.key_ring.destroy(ROBIN)
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (KEY_DESTROYED,))
    assert explanation.history[0]["text"] == "[erased]"


async def test_a_card_whose_key_was_destroyed_is_said_to_be_so(story: Story) -> None:
    reply = await story.asks()
    story.key_ring.destroy(OWNER)
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (KEY_DESTROYED,))


async def with_an_edited_memory(story: Story) -> tuple[str, str, str]:
    message, reply = await story.exchange("My boat is called Tern.", "Noted.")
    memory = memory_id(reply)
    await story.commands.memories.edit(memory, person=ANN, text="She is called Kittiwake.", at=story.commands.clock())
    await story.recalls(message, reply)
    return message, memory, await story.asks()


async def test_words_that_the_prompt_did_not_use_are_not_missed(story: Story) -> None:
    message, _, reply = await with_an_edited_memory(story)
    before = await story.why(reply)
    await story.commands.messages.edit(message, text="My boat has a name.", at=story.commands.clock())
    after = await story.why(reply)
    assert (before.match, before.erased) == (after.match, after.erased) == (True, ())
    assert after.memories == before.memories
    assert after.memories[0]["edited"] == "She is called Kittiwake."
    assert (after.memories[0]["said"], after.memories[0]["answered"]) == (None, None)


async def test_a_memory_that_was_edited_again_is_explained_by_the_words_of_then(story: Story) -> None:
    _, memory, reply = await with_an_edited_memory(story)
    await story.commands.memories.edit(memory, person=ANN, text=None, at=story.commands.clock())
    assert (await story.why(reply)).match is True


async def test_a_persons_own_words_go_with_the_message_that_they_stood_for(story: Story) -> None:
    message, _, reply = await with_an_edited_memory(story)
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.match, explanation.erased) == (False, (receipt.receipt,))
    assert "Kittiwake" not in str(explanation.memories)


async def test_a_memory_is_of_the_day_on_which_it_was_delivered(story: Story) -> None:
    message, reply = await story.exchange(
        "My boat is called Kittiwake.",
        "Noted.",
        heard_at=datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC),
        delivered_at=datetime(2026, 11, 2, 0, 0, 4, tzinfo=UTC),
    )
    await story.recalls(message, reply)
    explanation = await story.why(await story.asks(at=datetime(2026, 11, 3, 12, tzinfo=UTC)))
    assert "- 2026-11-02: Ann: My boat" in explanation.prompt[-2].content
    assert explanation.match is True


async def test_the_time_zone_of_then_is_used_across_a_day_boundary(story: Story) -> None:
    await move_elsewhere(story, "")
    message, reply = await story.exchange(
        "It is late.",
        "Sleep.",
        heard_at=datetime(2026, 11, 1, 14, 59, 59, tzinfo=UTC),
        delivered_at=datetime(2026, 11, 1, 15, 0, 1, tzinfo=UTC),
    )
    await story.recalls(message, reply)
    asked = await story.asks(at=datetime(2026, 11, 1, 15, 30, 0, 123_456, tzinfo=UTC))
    await story.commands.settables.edit(
        Person, person_id(ANN), person=ANN, changes={"timezone": None}, at=story.commands.clock()
    )
    explanation = await story.why(asked)
    assert "- 2026-11-02: " in explanation.prompt[-2].content
    assert explanation.match is True


async def test_a_reply_that_was_erased_with_its_message_names_the_receipt(story: Story) -> None:
    reply = await story.asks()
    message = f"message.{story.place}.{story.heard}"
    receipt = await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.state, explanation.match, explanation.erased) == ("erased", False, (receipt.receipt,))
    assert (explanation.text, explanation.because, explanation.prompt) == ("[erased]", None, ())


async def test_a_reply_that_failed_says_what_its_person_was_told_and_is_no_mismatch(story: Story) -> None:
    reply, at = await story.start(await story.hear("Hello?")), story.commands.clock()
    await story.commands.log.change(
        Reply, reply, lambda it: it.fail(reason="timeout", message="Too slow: try again.", is_permanent=True, at=at)
    )
    explanation = await story.why(reply)
    assert (explanation.state, explanation.text, explanation.match) == ("failed", "Too slow: try again.", None)
    assert explanation.erased == ()


async def test_a_reply_that_was_only_begun_has_no_request_to_compare(story: Story) -> None:
    explanation = await story.why(await story.start(await story.hear("Hello?")))
    assert (explanation.state, explanation.match, explanation.erased) == ("started", None, ())


async def test_a_reply_that_was_withdrawn_before_it_was_made_has_no_request_to_compare(story: Story) -> None:
    message = await story.hear("Hello?")
    reply = await story.start(message)
    await story.commands.messages.erase(message, at=story.commands.clock())
    explanation = await story.why(reply)
    assert (explanation.state, explanation.match) == ("withdrawn", None)


async def test_a_reply_that_was_never_begun_is_not_found(story: Story) -> None:
    with pytest.raises(NotFound):
        await story.why(f"reply.{story.place}.404.lyra.1")
