"""Reading a request's body: JSON, or a form with files and `payload_json` (docs: reference, "Uploading Files")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.routes import Upload

FILE_FIELD = re.compile(r"files?\[?(\d*)\]?")


@dataclass(frozen=True, slots=True)
class Sent:
    body: Any = None
    uploads: list[Upload] = field(default_factory=list)


async def read(request: web.BaseRequest) -> Sent:
    if request.content_type.startswith("multipart/"):
        return await _read_form(request)
    data = await request.read()
    if not data:
        return Sent()
    if request.content_type == "application/json":
        return Sent(parsed(data))
    raise errors.Refusal(400, 50109, "The request body contains invalid JSON.")


def parsed(data: bytes | str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise errors.Refusal(400, 50109, "The request body contains invalid JSON.") from error


async def _read_form(request: web.BaseRequest) -> Sent:
    body: Any = None
    plain: dict[str, str] = {}
    uploads: list[Upload] = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader), "no forms within forms"
        data = bytes(await part.read())
        if part.name == "payload_json":
            body = parsed(data)
        elif part.filename is not None:
            uploads.append(_upload(part, data, len(uploads)))
        else:
            plain[part.name or ""] = data.decode()
    return Sent(_with_plain(body, plain), uploads)


def _upload(part: BodyPartReader, data: bytes, position: int) -> Upload:
    match = FILE_FIELD.fullmatch(part.name or "")
    number = int(match[1]) if match is not None and match[1] else position
    kind = part.headers.get("Content-Type", "application/octet-stream")
    return Upload(number, part.filename or "unknown", kind, data)


def _with_plain(body: Any, plain: Mapping[str, str]) -> Any:
    """Plain fields stand beside `payload_json`, or instead of it (`content=…`, or a sticker's name)."""
    return dict(plain) | body if isinstance(body, dict) else (dict(plain) or body)
