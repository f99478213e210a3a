"""What came with a message besides its text: a picture, a voice, a file. Its bytes stay where they are."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.domain.text import recordable

_NO_BRACKETS = str.maketrans("[]", "()")
"""So that no name can end the line that it stands in."""

MAX_PERCEIVED_CHARS = 20_000
"""More than a quarter of an hour of talk; the rest of a longer one is left out."""

type AttachmentKind = Literal["image", "voice", "audio", "video", "file"]


class Attachment(BaseModel):
    """One attachment, with what is needed to describe or transcribe it later."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """The platform's id of it."""
    name: str
    kind: AttachmentKind
    size_bytes: int
    url: str
    duration_s: float | None = None
    """How long a voice message, a sound or a film is, where the platform says it."""
    description: str | None = None
    """What is to be seen or heard in the words of who sent it, where there are any."""
    perceived: str | None = None
    """What a model saw or heard in it, in words; nothing where none was asked, empty where none could tell."""

    @property
    def words(self) -> str:
        """The attachment as a line of text. Prompts are made of it, and made again from the log: it never changes."""
        said = " ".join((self.description or self.perceived or "").split())
        what = f"{self.kind}: {' '.join(self.name.split())}" + (f": {said}" if said else "")
        return f"[{what.translate(_NO_BRACKETS)}]"

    def recordable(self) -> "Attachment":
        return self.model_copy(
            update={
                "id": recordable(self.id),
                "name": recordable(self.name),
                "url": recordable(self.url),
                "description": None if self.description is None else recordable(self.description),
                "perceived": None if self.perceived is None else recordable(self.perceived)[:MAX_PERCEIVED_CHARS],
            }
        )


def recordable_attachments(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    return tuple(attachment.recordable() for attachment in attachments)


def with_attachments(text: str, attachments: tuple[Attachment, ...]) -> str:
    """The text with a line for each attachment: what is counted, and what is read where only text can be."""
    return "\n".join(part for part in (text, *(attachment.words for attachment in attachments)) if part)


def with_perceived(attachments: tuple[Attachment, ...], perceived: Mapping[str, str]) -> tuple[Attachment, ...]:
    """The attachments with what was perceived in them, by their ids; what is known of one already stays."""
    return tuple(
        attachment.model_copy(update={"perceived": perceived[attachment.id]}).recordable()
        if attachment.perceived is None and attachment.id in perceived
        else attachment
        for attachment in attachments
    )


def perceived_in(attachments: tuple[Attachment, ...]) -> dict[str, str]:
    """What is known already, by the attachments' ids."""
    return {attachment.id: attachment.perceived for attachment in attachments if attachment.perceived is not None}
