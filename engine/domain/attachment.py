"""What came with a message besides its text: a picture, a voice, a file. Its bytes stay where they are."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.domain.text import recordable

_NO_BRACKETS = str.maketrans("[]", "()")
"""So that no name can end the line that it stands in."""

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
    """What is to be seen or heard, in words: a description or a transcript, where there is one."""

    @property
    def words(self) -> str:
        """The attachment as a line of text. Prompts are made of it, and made again from the log: it never changes."""
        said = " ".join(self.description.split()) if self.description else ""
        what = f"{self.kind}: {' '.join(self.name.split())}" + (f": {said}" if said else "")
        return f"[{what.translate(_NO_BRACKETS)}]"

    def recordable(self) -> "Attachment":
        return self.model_copy(
            update={
                "id": recordable(self.id),
                "name": recordable(self.name),
                "url": recordable(self.url),
                "description": None if self.description is None else recordable(self.description),
            }
        )


def recordable_attachments(attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    return tuple(attachment.recordable() for attachment in attachments)


def with_attachments(text: str, attachments: tuple[Attachment, ...]) -> str:
    """The text with a line for each attachment: what is counted, and what is read where only text can be."""
    return "\n".join(part for part in (text, *(attachment.words for attachment in attachments)) if part)
