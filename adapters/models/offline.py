"""The model that answers without a provider: deterministic, labelled, made of nothing but the request.

It understands nothing. It shows that the card, the history and the recalled memories reach the model: what the
question shares words with is quoted back, with where it came from; anything else is answered from the card, with a
word about what was said before.
"""

import asyncio
import hashlib
from collections.abc import Sequence

from pydantic import SecretStr

from adapters.models.likeness import is_question, most_like
from adapters.models.prompt_reading import Prompt, read_prompt
from engine.ports import Completion, ModelRequest, TokenCounter, Usage

LABEL = "(offline)"
QUOTED_CHARS = 240
ECHOED_CHARS = 120

ACKNOWLEDGED = ("Noted: “{said}”.", "I hear you: “{said}”.", "So, “{said}”.", "You say “{said}”. Good.")
UNKNOWN = (
    "Nothing that I remember answers “{said}”.",
    "I remember nothing about “{said}”.",
    "“{said}”? You have not told me.",
)
IN_CHARACTER = (
    "I am {name}, and my card says ({field}): {trait}",
    "{name} speaking, true to my card ({field}: {trait})",
    "This is {name}, {field}: {trait}",
)
BEFORE = ("Before that you said “{earlier}”.", "A moment ago it was “{earlier}”.", "It follows on your “{earlier}”.")
BEGINNING = ("We have only just begun to talk.", "This is the beginning of our conversation.")


class Offline:
    """Implements the port Model. A key that is passed has no use here."""

    name = "offline"

    def __init__(self, tokens: TokenCounter) -> None:
        self._tokens = tokens

    async def complete(self, request: ModelRequest, *, api_key: SecretStr | None = None) -> Completion:  # noqa: ARG002 - the port's
        clock = asyncio.get_running_loop().time
        started_s = clock()
        text = answer(request)
        usage = Usage(
            prompt_tokens=sum(self._tokens.count(message.content) for message in request.messages),
            completion_tokens=self._tokens.count(text),
        )
        taken_s = clock() - started_s
        return Completion(
            text=text, finish_reason="stop", model=self.name, usage=usage, first_token_s=taken_s, total_s=taken_s
        )

    async def close(self) -> None:
        """There is nothing to close."""


def answer(request: ModelRequest) -> str:
    """The whole of the model: the same request always gets the same answer."""
    prompt = read_prompt(request)
    if not prompt.question:
        return f"{LABEL} {prompt.name} is here, and waits for your first word."
    quoted = _quote(prompt)
    return f"{LABEL} {quoted or _reply(prompt)}"


def _quote(prompt: Prompt) -> str | None:
    """What was told before and is asked about now. Of equals the conversation wins, which is nearer."""
    lines = [*prompt.memories, *prompt.said_before]
    index = most_like(prompt.question, [line.text for line in lines])
    if index is None:
        return None
    line = lines[index]
    said = _shortened(line.text, QUOTED_CHARS)
    teller = f"{line.speaker} said" if line.speaker else "You told me"
    if index >= len(prompt.memories):
        return f"{teller}: “{said}” (earlier in this conversation)"
    return f"{teller}: “{said}” (as I remember{f' from {line.day}' if line.day else ''})"


def _reply(prompt: Prompt) -> str:
    seed = hashlib.sha256(prompt.question.encode("utf-8", "surrogatepass")).digest()
    said = _shortened(prompt.question, ECHOED_CHARS)
    sentences = [_pick(UNKNOWN if is_question(prompt.question) else ACKNOWLEDGED, seed[0]).format(said=said)]
    if prompt.card:
        field, trait = prompt.card[seed[1] % len(prompt.card)]
        described = _pick(IN_CHARACTER, seed[2])
        sentences.append(
            _ended(described.format(name=prompt.name, field=field.lower(), trait=_shortened(trait, ECHOED_CHARS)))
        )
    mine = [line.text for line in prompt.said_before if line.speaker is None]
    if mine:
        earlier = _shortened(mine[-1], ECHOED_CHARS)
        sentences.append(_pick(BEFORE, seed[3]).format(earlier=earlier))
    else:
        sentences.append(_pick(BEGINNING, seed[3]))
    return " ".join(sentences)


def _shortened(text: str, most_chars: int) -> str:
    line = " ".join(text.split())
    if len(line) <= most_chars:
        return line
    kept, space, _ = line[:most_chars].rpartition(" ")
    return f"{kept if space and len(kept) > most_chars // 2 else line[:most_chars]}…"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…", ")", "。")) else f"{sentence}."


def _pick(choices: Sequence[str], number: int) -> str:
    return choices[number % len(choices)]
