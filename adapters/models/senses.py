"""Images in words and recordings in writing, by any OpenAI-compatible server that offers it.

What a model says of them is no instruction to anybody: it goes into a message as what was to be seen or heard.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from adapters.models import failures
from adapters.models.plain_exchange import PlainExchange
from adapters.models.quirks import quirks_of
from engine.ports import LARGEST_IMAGE_BYTES, LARGEST_RECORDING_BYTES, ModelFailure, ModelRefused

DESCRIBING_LIMIT_S = 90.0
TRANSCRIBING_LIMIT_S = 180.0

IMAGE_KINDS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
ENDINGS: Mapping[str, str] = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/flac": "flac",
    "audio/webm": "webm",
}
TEMPERATURE = 0.3
LONGEST_DESCRIPTION_TOKENS = 400
WANTED = (
    "Describe this image in one short paragraph for somebody who cannot see it: who and what is there, what happens, "
    "and any writing word for word. Begin with what is shown, without an introduction, and give no opinion."
)


class OpenAICompatibleDescriber:
    """Implements the port Describer with a model that sees."""

    def __init__(
        self, *, base_url: str, model: str, api_key: SecretStr | None = None, limit_s: float = DESCRIBING_LIMIT_S
    ) -> None:
        self._model = model
        self._exchange = PlainExchange(base_url=base_url, api_key=api_key, limit_s=limit_s)

    @property
    def model(self) -> str:
        return self._model

    async def describe(self, image: bytes, *, kind: str) -> str:
        kind = _bare(kind)
        if kind not in IMAGE_KINDS:
            raise _not_taken("A picture of that kind cannot be described: send it as PNG, JPEG, GIF or WebP.")
        if len(image) > LARGEST_IMAGE_BYTES:
            raise _not_taken("That picture is too large to be described: send one below 10 MB.")
        answer = await self._exchange.post("/chat/completions", json=self._body(image, kind))
        return _said(_content(answer))

    async def close(self) -> None:
        await self._exchange.close()

    def _body(self, image: bytes, kind: str) -> dict[str, Any]:
        shown = {"url": f"data:{kind};base64,{b64encode(image).decode()}"}
        content = [{"type": "text", "text": WANTED}, {"type": "image_url", "image_url": shown}]
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "temperature": TEMPERATURE,
            quirks_of(self._exchange.host).limit_parameter: LONGEST_DESCRIPTION_TOKENS,
        }


class OpenAICompatibleTranscriber:
    """Implements the port Transcriber with a model that listens."""

    def __init__(
        self, *, base_url: str, model: str, api_key: SecretStr | None = None, limit_s: float = TRANSCRIBING_LIMIT_S
    ) -> None:
        self._model = model
        self._exchange = PlainExchange(base_url=base_url, api_key=api_key, limit_s=limit_s)

    @property
    def model(self) -> str:
        return self._model

    async def transcribe(self, recording: bytes, *, kind: str) -> str:
        kind = _bare(kind)
        if kind not in ENDINGS:
            raise _not_taken("A recording of that kind cannot be written down: send it as OGG, MP3, WAV or FLAC.")
        if len(recording) > LARGEST_RECORDING_BYTES:
            raise _not_taken("That recording is too long to be written down: send one below 25 MB.")
        answer = await self._exchange.post(
            "/audio/transcriptions",
            data={"model": self._model, "response_format": "json"},
            files={"file": (f"recording.{ENDINGS[kind]}", recording, kind)},
        )
        return _said(answer.get("text"))

    async def close(self) -> None:
        await self._exchange.close()


def _bare(kind: str) -> str:
    """The media type without its parameters ("audio/ogg; codecs=opus")."""
    return kind.partition(";")[0].strip().lower()


def _content(answer: Mapping[str, Any]) -> object:
    match answer.get("choices"):
        case [{"message": {"content": content}}, *_]:
            return content
    raise failures.not_a_model(200)


def _said(text: object) -> str:
    said = text.strip() if isinstance(text, str) else ""
    if not said:
        raise failures.empty("stop")
    return said


def _not_taken(message: str) -> ModelRefused:
    return failures.failed(ModelFailure.BAD_REQUEST, message, is_permanent=True)
