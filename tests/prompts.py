"""What prompts are made from, built for tests that state only what matters to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from engine.domain.event import JSON
from engine.prompt.composing import Asked
from engine.prompt.selection import Costs
from engine.reading import Context, FieldsAt, Recalled, Turn

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLACE = "terminal-1"
NO_NAMES = Costs(names={}, memory_line=24)


class CountsWords:
    name = "words"

    def count(self, text: str) -> int:
        return len(text.split())


def a_turn(number: int, *, tokens: int = 6, place: str = PLACE, text: str = "words") -> Turn:
    """Messages have even numbers, and an odd one replies to the message before it."""
    message = f"message.{place}.{number - number % 2}"
    is_reply = number % 2 == 1
    return Turn(
        id=f"reply.{message.removeprefix('message.')}.lyra.1" if is_reply else message,
        version=2 if is_reply else 1,
        position=number,
        kind="reply" if is_reply else "message",
        author="lyra" if is_reply else "p",
        speaker=None if is_reply else FieldsAt("persona.p.default", 1, {"name": "Ann"}, "p"),
        text=text,
        tokens=tokens,
        at=AT + timedelta(seconds=number),
    )


def turns(count: int, *, tokens: int = 6, place: str = PLACE) -> tuple[Turn, ...]:
    return tuple(a_turn(number, tokens=tokens, place=place) for number in range(count))


def a_memory(
    number: int, *, tokens: int = 10, edited: str | None = None, said: str = "words", answered: str = "words"
) -> Recalled:
    """The memory of the reply that `a_turn` makes of the same odd number."""
    message = f"message.{PLACE}.{number - number % 2}"
    return Recalled(
        reply=f"reply.{message.removeprefix('message.')}.lyra.1",
        reply_version=2,
        message=message,
        message_version=1,
        persona=FieldsAt("persona.p.default", 1, {"name": "Ann"}, "p"),
        memory_version=0 if edited is None else 1,
        said=said,
        answered=answered,
        edited=edited,
        tokens=tokens,
        position=number,
        at=AT + timedelta(seconds=number),
        is_locked=False,
        scores={"score": 1 / (number + 1)},
    )


def a_context(
    *,
    character: Mapping[str, JSON] | None = None,
    person: Mapping[str, JSON] | None = None,
    persona: Mapping[str, JSON] | None = None,
    choice: Mapping[str, JSON] | None = None,
    presets: Sequence[FieldsAt] = (),
    history: Sequence[Turn] = (),
    memories: Sequence[Recalled] = (),
) -> Context:
    return Context(
        position=1,
        character=FieldsAt("character.lyra", 1, {"name": "Lyra"} if character is None else character, "p"),
        person=FieldsAt("person.p", 1, person or {}, "p"),
        choice=FieldsAt("choice.p.lyra", 1 if choice else 0, choice or {}, "p"),
        persona=FieldsAt("persona.p.default", 1, {"name": "Ann"} if persona is None else persona, "p"),
        presets={preset.id: preset for preset in presets},
        history=tuple(history),
        memories=tuple(memories),
    )


def asked(text: str = "What is my boat called?", *, is_private: bool = True, at: datetime = AT) -> Asked:
    return Asked(id=f"message.{PLACE}.9999", version=1, text=text, at=at, is_private=is_private)
