"""Files of a message: uploads with what `attachments` says of them. Source: docs, reference, "Uploading Files"."""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.discord.simulated.problems import Problem, at, bad_flag, bad_list, bad_number, bad_text, missing, unknown
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.routes import Upload
from adapters.discord.simulated.world.messages import Attachment
from adapters.discord.simulated.world.world import StoredFile, World

MOST_FILES = 10  # docs, JSON error 30015
LARGEST_FILE_BYTES = 10 * 1024 * 1024  # docs, reference, "Uploading Files": the default limit
LONGEST_NAME_CHARS = 1024
LONGEST_DESCRIPTION_CHARS = 1024
LONGEST_WAVEFORM_CHARS = 400

FIELDS = frozenset(
    {
        *("id", "filename", "description", "duration_secs", "waveform", "title", "is_spoiler", "is_remix"),
        # What an edit sends back of those that stay.
        *("size", "url", "proxy_url", "content_type", "height", "width", "ephemeral", "flags"),
        *("placeholder", "placeholder_version", "original_content_type"),
    }
)
SPOILER = "SPOILER_"
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")


def attachments_problems(path: str, attachments: object, uploads: Sequence[Upload]) -> Iterator[Problem]:
    yield from bad_list(path, attachments, 0, MOST_FILES)
    for position, each in enumerate(attachments if isinstance(attachments, list) else ()):
        where = at(path, position)
        yield from unknown(where, each, FIELDS)
        yield from missing(where, each, "id")
        yield from bad_text(at(where, "filename"), each.get("filename"), 1, LONGEST_NAME_CHARS)
        yield from bad_text(at(where, "description"), each.get("description"), 0, LONGEST_DESCRIPTION_CHARS)
        yield from bad_text(at(where, "waveform"), each.get("waveform"), 0, LONGEST_WAVEFORM_CHARS)
        yield from bad_number(at(where, "duration_secs"), each.get("duration_secs"), 0, 2**31 - 1, whole=False)
        yield from bad_flag(at(where, "is_spoiler"), each.get("is_spoiler"))
    if len(uploads) > MOST_FILES:
        raise Refusal(400, 30015, f"Maximum number of attachments in a message reached ({MOST_FILES})")
    if any(len(upload.data) > LARGEST_FILE_BYTES for upload in uploads):
        raise Refusal(413, 40005, "Request entity too large")


def stored(
    world: World, channel_id: int, uploads: Sequence[Upload], told: Sequence[Mapping[str, Any]] | None
) -> list[Attachment]:
    """Keep the uploaded files for the CDN; `told` has their descriptions, by the number of the file."""
    by_number = {str(each["id"]): each for each in told or ()}
    if (
        told is not None
        and (strangers := [str(upload.number) not in by_number for upload in uploads])
        and any(strangers)
    ):
        raise Refusal(400, 50146, "Uploaded file not found.")
    return [_stored(world, channel_id, upload, by_number.get(str(upload.number), {})) for upload in uploads]


def _stored(world: World, channel_id: int, upload: Upload, told: Mapping[str, Any]) -> Attachment:
    attachment_id = world.next_id()
    original = str(told.get("filename") or upload.filename)
    name = NOT_IN_NAMES.sub("_", original)
    path = f"attachments/{channel_id}/{attachment_id}/{name}"
    world.files[path] = StoredFile(upload.data, upload.content_type)
    width, height = size_of(upload.data)
    return Attachment(
        id=attachment_id,
        filename=name,
        size=len(upload.data),
        path=path,
        content_type=upload.content_type,
        description=told.get("description"),
        title=told.get("title") or (original.rpartition(".")[0] if name != original else None),
        width=width,
        height=height,
        duration_s=told.get("duration_secs"),
        waveform=told.get("waveform"),
        is_spoiler=bool(told.get("is_spoiler")) or name.startswith(SPOILER),
    )


def size_of(data: bytes) -> tuple[int | None, int | None]:
    """Width and height of a PNG or GIF, which is where they stand at a fixed place."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:  # noqa: PLR2004  # the header's length
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith((b"GIF87a", b"GIF89a")):
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return None, None
