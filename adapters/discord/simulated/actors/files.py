"""Files that people send."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.discord.simulated.actors.impossible import ImpossibleAct
from adapters.discord.simulated.rest.forms.attachments import LARGEST_FILE_BYTES, MOST_FILES, SPOILER, size_of
from adapters.discord.simulated.world.messages import Attachment
from adapters.discord.simulated.world.world import StoredFile, World


@dataclass(frozen=True, slots=True)
class File:
    """`duration_s` makes it a voice message's sound."""

    name: str
    data: bytes = b"\0"
    content_type: str | None = None
    duration_s: float | None = None

    @property
    def kind(self) -> str:
        return self.content_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def refuse_files(files: Sequence[File]) -> None:
    if len(files) > MOST_FILES:
        raise ImpossibleAct(f"A message takes {MOST_FILES} files, not {len(files)}.")
    for file in files:
        if len(file.data) > LARGEST_FILE_BYTES:
            raise ImpossibleAct(f"{file.name} is larger than the {LARGEST_FILE_BYTES} bytes that can be sent.")


def uploaded(world: World, channel_id: int, file: File, *, is_ephemeral: bool = False) -> Attachment:
    file_id = world.next_id()
    path = f"attachments/{channel_id}/{file_id}/{file.name}"
    world.files[path] = StoredFile(file.data, file.kind)
    width, height = size_of(file.data)
    return Attachment(
        id=file_id,
        filename=file.name,
        size=len(file.data),
        path=path,
        content_type=file.kind,
        width=width,
        height=height,
        duration_s=file.duration_s,
        waveform=None if file.duration_s is None else "AAAA",
        is_ephemeral=is_ephemeral,
        is_spoiler=file.name.startswith(SPOILER),
    )
