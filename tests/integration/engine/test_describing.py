"""Attachments described, on a real log: each once, a bounded part, every call on the log, and never without end."""

import asyncio
from collections.abc import Callable

import pytest

from engine.commands.messages import Hear
from engine.domain import Message
from engine.domain.attachment import Attachment
from engine.domain.message import AttachmentsDescribed, AttachmentsShown
from engine.errors import NotFetched
from engine.ports import Fetched, ModelFailure, ModelRefused, Senses
from engine.reactors import describing
from engine.reactors.describing import Describing
from tests.builders import attachment
from tests.fakes.senses import Files, ScriptedSenses
from tests.integration.engine.conftest import Commands

MESSAGE = "message.terminal-a.1"
BUSY = ModelRefused("Busy.", reason=ModelFailure.RATE_LIMIT, is_permanent=False)
UNKNOWN = ModelRefused("Unknown.", reason=ModelFailure.BAD_REQUEST, is_permanent=True)


def image(number: int, **given: object) -> Attachment:
    return attachment(id=f"i{number}", name=f"{number}.png", url=f"https://cdn.example/i{number}", **given)


def voice(number: int, **given: object) -> Attachment:
    return attachment(
        **{
            "id": f"v{number}",
            "name": "v.ogg",
            "kind": "voice",
            "duration_s": 3.0,
            "url": f"https://cdn.example/v{number}",
        }
        | given
    )


class Room:
    """A message on a log, and what perceives it."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands
        self.senses = ScriptedSenses()
        self.files = Files()
        self.describing = self.with_senses(Senses(self.files, self.senses, self.senses))

    def with_senses(self, senses: Senses) -> Describing:
        return Describing(
            senses,
            log=self.commands.log,
            tokens=self.commands.tokens,
            recording=self.commands.recording,
            clock=self.commands.clock,
        )

    async def hear(self, *attachments: Attachment) -> Message:
        for it in attachments:
            kind = "audio/ogg" if it.kind == "voice" else "image/png"
            self.files.there.setdefault(it.url, Fetched(it.name.encode(), kind))
        said = Hear(
            MESSAGE, "ann", "Look!", ("lyra",), is_private=True, at=self.commands.clock(), attachments=attachments
        )
        return (await self.commands.messages.hear(said)).aggregate

    async def found(self) -> Message:
        found = await self.commands.log.find(Message, MESSAGE)
        assert found is not None
        return found

    async def events(self) -> list[object]:
        return [logged.event for logged in await self.commands.log.events_of(MESSAGE)]

    async def perceived(self) -> list[str | None]:
        found = await self.found()
        assert isinstance(found.attachments, tuple)
        return [it.perceived for it in found.attachments]


@pytest.fixture
def room(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(describing, "PAUSE_S", 0.0)
    return Room(commands)


async def test_images_and_voices_are_put_into_words_on_the_log(room: Room) -> None:
    described = await room.describing.described(await room.hear(image(1), voice(1)))
    assert described.words == "Look!\n[image: 1.png: A lighthouse at dusk.]\n[voice: v.ogg: Good evening.]"
    assert (await room.found()).words == described.words
    assert described.tokens == len(described.words.split())
    assert room.senses.shown == [(b"1.png", "image/png"), (b"v.ogg", "audio/ogg")]
    _, shown, told = await room.events()
    assert isinstance(shown, AttachmentsShown)
    assert isinstance(told, AttachmentsDescribed)
    assert (shown.attempt, shown.calls, told.models) == (1, {"senses": 2}, ("senses",))


async def test_however_many_ask_each_is_described_once(room: Room) -> None:
    message = await room.hear(image(1), image(2))
    described = await asyncio.gather(*(room.describing.described(message) for _ in range(5)))
    assert await room.describing.described(described[0]) is described[0]
    assert len(room.senses.shown) == 2
    assert len({it.words for it in described}) == 1


async def test_a_bounded_part_of_what_comes_along_is_described(room: Room) -> None:
    await room.describing.described(await room.hear(*map(image, range(6)), *map(voice, range(2))))
    assert await room.perceived() == ["A lighthouse at dusk."] * 4 + [None] * 2 + ["Good evening.", None]
    assert len(room.senses.shown) == 5


@pytest.mark.parametrize(
    "left_alone",
    [
        image(1, size_bytes=10_000_001),
        image(1, description="My boat."),
        voice(1, duration_s=901.0),
        voice(1, size_bytes=25_000_001),
        voice(1, kind="audio"),
        voice(1, kind="file"),
    ],
    ids=["large image", "image in its sender's words", "long voice", "large voice", "song", "file"],
)
async def test_what_is_too_much_or_told_already_is_left_alone(room: Room, left_alone: Attachment) -> None:
    message = await room.hear(left_alone)
    assert await room.describing.described(message) is message
    assert (room.senses.shown, room.files.asked) == ([], [])


async def test_without_a_sense_its_attachments_are_left_alone(room: Room) -> None:
    message = await room.hear(image(1), voice(1))
    assert await room.with_senses(Senses(room.files)).described(message) is message
    await room.with_senses(Senses(room.files, transcriber=room.senses)).described(message)
    assert await room.perceived() == [None, "Good evening."]
    await room.with_senses(Senses(room.files, describer=room.senses)).described(message)
    assert await room.perceived() == ["A lighthouse at dusk.", "Good evening."]


async def test_a_passing_failure_is_tried_again_and_what_was_had_is_not_paid_for_twice(room: Room) -> None:
    room.senses.failures.extend([BUSY, BUSY])
    await room.describing.described(await room.hear(image(1), image(2)))
    assert await room.perceived() == ["A lighthouse at dusk."] * 2
    assert len(room.senses.shown) == 4
    shown = [event for event in await room.events() if isinstance(event, AttachmentsShown)]
    assert [(event.attempt, event.calls) for event in shown] == [(1, {"senses": 2}), (2, {"senses": 2})]


async def test_after_three_tries_it_is_known_that_nothing_could_be_seen(room: Room) -> None:
    room.senses.failures.extend([BUSY] * 9)
    described = await room.describing.described(await room.hear(image(1)))
    assert described.words == "Look!\n[image: 1.png]"
    assert await room.perceived() == [""]
    assert await room.describing.described(described) is described
    assert len(room.senses.shown) == 3


@pytest.mark.parametrize(
    "failure",
    [UNKNOWN, ModelRefused("Wait.", reason=ModelFailure.RATE_LIMIT, is_permanent=False, retry_after_s=60)],
    ids=["for good", "for long"],
)
async def test_what_will_not_help_is_not_tried_again(room: Room, failure: Exception) -> None:
    room.senses.failures.append(failure)
    await room.describing.described(await room.hear(image(1)))
    assert await room.perceived() == [""]
    assert len(room.senses.shown) == 1


async def test_what_is_not_there_any_more_is_shown_to_nobody(room: Room) -> None:
    message = await room.hear(image(1))
    room.files.there.clear()
    await room.describing.described(message)
    assert await room.perceived() == [""]
    assert (room.senses.shown, room.files.asked) == ([], ["https://cdn.example/i1"])


async def test_what_cannot_be_fetched_just_now_is_tried_again(room: Room) -> None:
    room.senses.failures.append(NotFetched())
    await room.describing.described(await room.hear(image(1)))
    assert await room.perceived() == ["A lighthouse at dusk."]


async def test_who_never_answers_is_waited_for_three_times(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describing, "TRY_S", 0.01)
    asked: list[bytes] = []

    async def never(image: bytes, *, kind: str) -> str:
        asked.append(image)
        await asyncio.Event().wait()
        return kind

    monkeypatch.setattr(room.senses, "describe", never)
    await room.describing.described(await room.hear(image(1)))
    assert (await room.perceived(), len(asked)) == ([""], 3)


async def test_calls_that_were_cut_short_count_too(room: Room) -> None:
    message = await room.hear(image(1))
    for _ in range(3):
        await room.commands.log.change(
            Message, MESSAGE, lambda it: it.show(calls={"senses": 1}, at=room.commands.clock())
        )
    await room.describing.described(message)
    assert (await room.perceived(), room.senses.shown) == ([""], [])


def meanwhile(room: Room, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    async def describe(image: bytes, *, kind: str) -> str:
        await happens()  # type: ignore[misc]
        return "A lighthouse."

    monkeypatch.setattr(room.senses, "describe", describe)


async def test_of_a_message_that_goes_meanwhile_nothing_is_kept(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    message = await room.hear(image(1))
    meanwhile(room, monkeypatch, lambda: room.commands.messages.delete(MESSAGE, at=room.commands.clock()))
    described = await room.describing.described(message)
    assert described.is_gone
    assert [type(event).__name__ for event in await room.events()] == ["MessageErased"]


async def test_who_asks_meanwhile_not_to_be_recorded_is_not(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    message = await room.hear(image(1))
    meanwhile(room, monkeypatch, lambda: room.commands.recording.stop("ann", at=room.commands.clock()))
    described = await room.describing.described(message)
    assert described.words == "Look!\n[image: 1.png]"
    before = await room.events()
    assert await room.describing.described(message) == described
    assert await room.events() == before
    assert [type(event).__name__ for event in before] == ["MessageHeard", "AttachmentsShown"]


async def test_an_edit_meanwhile_keeps_its_text_and_gets_the_words_for_what_it_kept(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await room.hear(image(1), image(2))
    edited = image(2)

    async def edit() -> None:
        await room.commands.messages.edit(MESSAGE, text="Other.", at=room.commands.clock(), attachments=(edited,))

    meanwhile(room, monkeypatch, edit)
    described = await room.describing.described(message)
    assert described.words == "Other.\n[image: 2.png: A lighthouse.]"


async def test_an_edit_that_is_sent_again_after_the_description_loses_nothing(room: Room) -> None:
    await room.hear(image(1))
    await room.commands.messages.edit(MESSAGE, text="Other.", at=room.commands.clock())
    await room.describing.described(await room.found())
    await room.commands.messages.edit(MESSAGE, text="Other.", at=room.commands.clock(), attachments=(image(1),))
    assert [type(event).__name__ for event in await room.events()] == [
        "MessageEdited",
        "AttachmentsShown",
        "AttachmentsDescribed",
    ]
    assert (await room.found()).words == "Other.\n[image: 1.png: A lighthouse at dusk.]"


async def test_an_edit_takes_the_old_words_off_the_log_and_keeps_what_was_perceived(room: Room) -> None:
    await room.describing.described(await room.hear(image(1)))
    await room.commands.messages.edit(MESSAGE, text="Other.", at=room.commands.clock(), attachments=(image(1),))
    found = await room.found()
    assert found.words == "Other.\n[image: 1.png: A lighthouse at dusk.]"
    assert found.tokens == len(found.words.split())
    assert [type(event).__name__ for event in await room.events()] == ["MessageEdited"]
    assert await room.describing.described(found) is found


async def test_an_erasure_takes_what_was_perceived_along(room: Room) -> None:
    await room.describing.described(await room.hear(image(1)))
    positions = [logged.position for logged in await room.commands.log.events_of(MESSAGE)]
    receipt = await room.commands.messages.erase(MESSAGE, at=room.commands.clock())
    assert receipt.is_complete
    assert receipt.positions == tuple(positions)
    assert [type(event).__name__ for event in await room.events()] == ["MessageErased"]
