"""What was said on Discord as the engine's commands: a message with its files, its quotes and what it refers to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.discord.hearing.deciding import Decision, Ourselves
from adapters.discord.hearing.said import Attached, Content, Said
from adapters.discord.hearing.wording import content_wording, wording
from engine.application import Engine
from engine.commands.messages import MAX_REFERENCES, Hear
from engine.commands.quotes import Quoted
from engine.domain.attachment import Attachment, AttachmentKind
from engine.domain.ids import message_id, place_id
from engine.reading import Overheard

PLATFORM = "discord"


def place_of_channel(channel: str) -> str:
    return place_id(PLATFORM, channel)


def message_of(channel: str, message: str) -> str:
    return message_id(place_of_channel(channel), message)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a message refers to, by the engine's ids, and by which number its text calls which message of Discord."""

    refers_to: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    in_reply_to: str | None = None


class Recorder:
    def __init__(self, engine: Engine, ourselves: Ourselves) -> None:
        self._engine = engine
        self._ourselves = ourselves

    def person(self, account: str) -> str:
        return self._engine.person(PLATFORM, account)

    async def bring(self, said: Said, brought: Iterable[Said], *, at: datetime) -> Brought:
        """Record the quotes among what it brings along; what is on the log is only referred to."""
        references: list[str] = []
        numbers: dict[str, int] = {}
        in_reply_to = None
        for one in (*((said,) if said.forwards else ()), *brought):
            is_forward = one is said
            id_ = await (self._forward(one, at) if is_forward else self._brought(one, at))
            if id_ is None or (id_ not in references and len(references) == MAX_REFERENCES):
                continue
            if id_ not in references:
                references.append(id_)
            numbers[one.id] = references.index(id_) + 1
            if said.reply_to is not None and one.id == said.reply_to.message:
                in_reply_to = id_
        return Brought(tuple(references), numbers, in_reply_to)

    async def hear(self, said: Said, decision: Decision, brought: Brought, *, at: datetime) -> None:
        """Record it, with whom it asks. Its author exists from the first message on."""
        person = self.person(said.author.id)
        await self._engine.messages.hear(
            Hear(
                message=message_of(said.where.channel, said.id),
                person=person,
                text=wording(said, brought.numbers),
                addresses=tuple(asked.character for asked in decision.asked),
                asked_by=tuple(asked.by for asked in decision.asked),
                is_private=said.where.is_direct,
                at=at,
                in_reply_to=brought.in_reply_to,
                attachments=attachments(said.content),
                refers_to=brought.refers_to,
            )
        )

    async def _forward(self, said: Said, at: datetime) -> str | None:
        """The quote of what a message forwards, in the forwarder's keeping: Discord does not say whose words it was."""
        contents = [forward.content for forward in said.forwards]
        return await self._engine.quotes.bring(
            Quoted(
                message=message_of(said.where.channel, said.id),
                person=self.person(said.author.id),
                text="\n\n".join(content_wording(content, said.names) for content in contents),
                at=at,
                attachments=tuple(file for content in contents for file in attachments(content)),
                said_at=said.forwards[0].at,
                is_forward=True,
            )
        )

    async def _brought(self, one: Said, at: datetime) -> str | None:
        """What the message refers to another one by: a reply of ours, a message on the log, or a quote."""
        author = one.author
        if author.id == self._ourselves.user or author.application == self._ourselves.application:
            question = Overheard(place_of_channel(one.where.channel), None, self.person(author.id), post=one.id)
            answered = (await self._engine.read.situation(question)).replied_to
            return answered.reply if answered else None
        return await self._engine.quotes.bring(
            Quoted(
                message=message_of(one.where.channel, one.id),
                person=self.person(author.id),
                text=wording(one),
                at=at,
                author=author.name,
                attachments=attachments(one.content),
                said_at=one.at,
            )
        )


def attachments(content: Content) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            id=file.id,
            name=file.name,
            kind=_kind(file),
            size_bytes=file.size,
            url=file.url,
            duration_s=file.duration_s,
            description=file.description or None,
        )
        for file in content.attachments
    )


def _kind(file: Attached) -> AttachmentKind:
    """Only a voice message has a duration on Discord."""
    match file.kind.partition("/")[0]:
        case "image":
            return "image"
        case "audio":
            return "audio" if file.duration_s is None else "voice"
        case "video":
            return "video"
    return "file"
