"""Where providers differ in what they accept: as few lines as can be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.ports import ModelRequest


@dataclass(frozen=True, slots=True)
class Quirks:
    """What one provider wants otherwise than most."""

    asks_for_usage: bool = True  # send stream_options.include_usage
    limit_parameter: str = "max_tokens"  # what the length limit is called there


USUAL = Quirks()
LIMIT_PARAMETERS = ("max_tokens", "max_completion_tokens")
BY_HOST: Mapping[str, Quirks] = {
    "api.openai.com": Quirks(limit_parameter="max_completion_tokens"),  # reasoning models reject max_tokens
    "openrouter.ai": Quirks(asks_for_usage=False),  # always sends it
    "api.mistral.ai": Quirks(asks_for_usage=False),  # always sends it, refuses unknown fields
}


def quirks_of(host: str) -> Quirks:
    return BY_HOST.get(host, USUAL)


def learned(quirks: Quirks, said: str, body: Mapping[str, Any]) -> Quirks | None:
    """What a refusal in these words (in small letters) teaches about the provider; None when nothing new."""
    if "stream_options" in body and "stream_options" in said:
        return replace(quirks, asks_for_usage=False)
    other = next(name for name in LIMIT_PARAMETERS if name != quirks.limit_parameter)
    if quirks.limit_parameter in body and f"'{quirks.limit_parameter}'" in said and f"'{other}'" in said:
        return replace(quirks, limit_parameter=other)
    return None


def body_of(request: ModelRequest, quirks: Quirks) -> dict[str, Any]:
    """The JSON to send. Parameters come from presets, so they may not stand in for what the engine decides."""
    body: dict[str, Any] = {
        name: value for name, value in request.parameters.items() if value is not None and name not in ("n", "tools")
    }
    for name in LIMIT_PARAMETERS:
        if name != quirks.limit_parameter and name in body:
            body.setdefault(quirks.limit_parameter, body[name])
            del body[name]
    body |= {
        "model": request.model,
        "messages": [{"role": message.role, "content": _sendable(message.content)} for message in request.messages],
        "stream": True,
    }
    body.pop("stream_options", None)
    if quirks.asks_for_usage:
        body["stream_options"] = {"include_usage": True}
    return body


def _sendable(text: str) -> str:
    """The text without halves of characters, which cannot be sent and stop the whole request."""
    return text.encode("utf-8", "replace").decode()
