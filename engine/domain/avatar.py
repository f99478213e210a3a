"""A character's picture, as it is shown: small, and rid of everything but what is seen.

It is a thing of its own beside the card, because its bytes are a hundred times as large as the rest of the card and
nobody who reads the card needs them. What stood before stays on the log, so that undo can give it back, until the
picture is erased.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self, override

from engine.domain.event import Aggregate, Erased, Event, OpeningEvent, Words
from engine.errors import CannotUndo, Invalid

MAX_PICTURE_BYTES = 200 * 1024
"""Well below what one event on the log may hold, base64 twice over and the seal included."""

type MediaType = Literal["image/webp", "image/png"]


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture."""

    media_type: MediaType
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class AvatarSet(OpeningEvent):
    """The character looks like this from now on. Carries the whole picture."""

    person: str
    """Who set it, and whose key seals it."""
    media_type: MediaType
    """What the picture is encoded as."""
    image: Words
    """The picture's bytes in base64, at most 200 KB of them."""
    sha256: Words
    """The hash of the bytes, in hexadecimal; sealed, because it would tell a known picture after its erasure."""
    undoes: int | None = None
    """The version of the event that this one undoes."""


class AvatarCleared(OpeningEvent):
    """The character has no picture of its own any more."""

    person: str
    """Who cleared it."""
    undoes: int | None = None
    """The version of the event that this one undoes."""


class AvatarErased(OpeningEvent):
    """The tombstone: every picture that the character had until then was erased."""

    receipt: str


class Avatar(Aggregate, kind="avatar"):
    person: str = ""
    media_type: MediaType = "image/webp"
    image: Words | None = None
    """In base64; None where there is none, erased where its key was destroyed."""
    sha256: Words | None = None
    receipt: str | None = None

    @classmethod
    def first(cls, avatar: str, picture: Picture, *, person: str, at: datetime) -> Self:
        return cls.open(AvatarSet, id=avatar, at=at, person=person, **_said(picture))

    @property
    def picture(self) -> Picture | None:
        """The picture; None where there is none, or none that can still be read."""
        if self.image is None or isinstance(self.image, Erased):
            return None
        return Picture(self.media_type, base64.b64decode(self.image))

    def show(self, picture: Picture, *, person: str, at: datetime, undoes: int | None = None) -> None:
        """Look like this, in place of any other picture."""
        if self.sha256 != picture.sha256:
            self.happen(AvatarSet, at=at, person=person, undoes=undoes, **_said(picture))

    def clear(self, *, person: str, at: datetime, undoes: int | None = None) -> None:
        if self.image is not None:
            self.happen(AvatarCleared, at=at, person=person, undoes=undoes)

    def erase(self, *, receipt: str, at: datetime) -> None:
        """Erase this picture and all before it; a character that gets another one can be erased again."""
        if self.receipt is None:
            self.happen(AvatarErased, at=at, receipt=receipt)

    def undo(self, event: Event, *, before: "Avatar | None", person: str, at: datetime) -> None:
        """Undo just what `event` did; `before` is the picture as it was then, None if there was none."""
        if not isinstance(event, AvatarSet | AvatarCleared):
            raise CannotUndo
        version = event.originator_version
        if before is None or before.image is None:
            self.clear(person=person, at=at, undoes=version)
        elif before.picture is None:
            raise CannotUndo("The picture that stood before was erased.")
        else:
            self.show(before.picture, person=person, at=at, undoes=version)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case AvatarSet():
                self.person, self.media_type, self.receipt = event.person, event.media_type, None
                self.image, self.sha256 = event.image, event.sha256
            case AvatarCleared():
                self.person, self.image, self.sha256 = event.person, None, None
            case AvatarErased():
                self.person, self.image, self.sha256, self.receipt = "", None, None, event.receipt


def _said(picture: Picture) -> dict[str, str]:
    if len(picture.content) > MAX_PICTURE_BYTES:
        raise Invalid(f"A picture may have at most {MAX_PICTURE_BYTES // 1024} KB: this has {len(picture.content)}.")
    return {
        "media_type": picture.media_type,
        "image": base64.b64encode(picture.content).decode(),
        "sha256": picture.sha256,
    }
