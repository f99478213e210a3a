"""What the engine needs from outside, as Protocols of at most five methods, each named for the need.

Every port has its real implementation in `adapters/` or `projections/` and a fake in `tests/fakes/` that passes the
same contract suite. The readers' ports stand in `engine/reading.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from pydantic import SecretStr

from engine.errors import ModelError, PostError


class ModelFailure(StrEnum):
    """Why a model did not answer; recorded on ReplyFailed as its reason."""

    AUTHENTICATION = "authentication"  # 401, 403 without moderation details: the key is wrong
    PAYMENT = "payment"  # 402, exhausted quota: the account has no credit
    MODERATION = "moderation"  # the provider refused the content
    BAD_REQUEST = "bad_request"  # 400, 404, 422: the model or a parameter is unknown there
    TOO_LONG = "too_long"  # the prompt exceeds the model's context window
    RATE_LIMIT = "rate_limit"  # 429
    SERVER = "server"  # 5xx, an error in mid-stream
    TIMEOUT = "timeout"  # no first token, a stall, or too long in all
    NETWORK = "network"  # no connection, or it was cut
    NOT_A_MODEL = "not_a_model"  # the answer is no chat completion (an HTML page, a JSON error with status 200)
    TRUNCATED = "truncated"  # the stream ended without a finish reason
    EMPTY = "empty"  # finished without saying anything


class ModelRefused(ModelError):
    """The model did not answer.

    `message` is for the person: plain words, no key, no URL, nothing of the prompt. `partial` is the text that arrived
    before the failure. `retry_after_s` is the provider's own wish, None when it stated none.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: ModelFailure,
        is_permanent: bool,
        status: int | None = None,
        retry_after_s: float | None = None,
        partial: str = "",
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.is_permanent = is_permanent
        self.status = status
        self.retry_after_s = retry_after_s
        self.partial = partial


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a chat completion request."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What is sent to a model: exactly this, in canonical form, is what the prompt hash covers.

    `parameters` are Chat Completions parameters by their wire names (`temperature`, `max_tokens`, ...); a parameter
    that is not set is absent, never null.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished answer: `finish_reason` was seen and is not "error". Times are in seconds from the request."""

    text: str
    finish_reason: str
    model: str
    usage: Usage | None
    first_token_s: float
    total_s: float
    reasoning: str = ""


class Model(Protocol):
    """Something that answers a chat."""

    @property
    def name(self) -> str:
        """What `doctor` and `why` call it: "offline", or the host it talks to."""
        ...

    async def complete(self, request: ModelRequest, *, api_key: SecretStr | None = None) -> Completion:
        """Answer the request; `api_key` replaces the operator's for this one request.

        Raises ModelRefused.
        """
        ...

    async def close(self) -> None: ...


class TokenCounter(Protocol):
    """Counts tokens of a text; an estimate never counts too few."""

    @property
    def name(self) -> str:
        """The encoding's name, or "estimate"."""
        ...

    def count(self, text: str) -> int: ...


class PostRefusal(StrEnum):
    """Why a platform will never take a post; recorded on ReplyUndeliverable as its reason."""

    NO_PERMISSION = "no permission"  # we may not post there
    PLACE_GONE = "place gone"  # the channel, thread or server is not there any more, or we are not in it
    CONTENT_REFUSED = "content refused"  # the platform's own rules keep this text from being posted


class PostRefused(PostError):
    """The platform will not take this post, however often it is tried.

    `message` is for the operator: what was refused and what can be done about it, nothing of the text.
    """

    def __init__(self, message: str, *, reason: PostRefusal) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands in small print below the last chunk. It is no part of the reply, and never stored as such."""

    model: str | None = None
    """Who answered, as the provider names it."""
    is_automatic: bool = False
    """Nobody asked this character by name: it is active in the place."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One chunk of a reply on its way to a place. `nonce` is the same for every attempt at the same chunk."""

    place: str
    in_reply_to: str
    """The aggregate id of the message."""
    character: str
    character_name: str
    """Empty where a failure is told of a character that is not there, or not for this person."""
    reply: str
    text: str
    chunk: int
    """Counted from 0."""
    chunks: int
    nonce: str
    since: datetime
    """When the reply was composed, or had failed: none of its posts is older."""
    may_stand_already: bool = False
    """An earlier attempt may have posted this chunk; none that stands there was found."""
    avatar_url: str | None = None
    footer: Footer = field(default_factory=Footer)
    """Of the whole reply: it goes below the last chunk only."""
    is_failure: bool = False
    """The text says why no answer came."""


class Postman(Protocol):
    """Puts replies where people read them."""

    @property
    def platform(self) -> str:
        """The first part of the places it serves: "terminal", "discord"."""
        ...

    @property
    def tells_failures(self) -> bool:
        """Whether a reply that failed for good is posted, too, as a notice that says why."""
        ...

    def split(self, text: str) -> tuple[str, ...]:
        """Cut a reply into what the platform takes at once."""
        ...

    async def find(self, posting: Posting) -> tuple[str, ...]:
        """Posts of ours that look like this chunk and are no older than `since`, oldest first.

        Asked for before posting again when an earlier attempt may have come through. Raises PostUncertain.
        """
        ...

    async def post(self, posting: Posting) -> str:
        """Post one chunk and return the platform's id of it.

        Raises PostRefused if that is so for good, PostUncertain if it may work later or its outcome is not known.
        """
        ...

    async def withdraw(self, place: str, post: str) -> None:
        """Take a post back; one that is gone already is no error. Raises PostRefused and PostUncertain."""
        ...


LARGEST_IMAGE_BYTES = 10_000_000
LARGEST_RECORDING_BYTES = 25_000_000
"""The most that the format's inventor takes."""


class Describer(Protocol):
    """Says in words what an image shows."""

    @property
    def model(self) -> str:
        """Who is asked, as the provider names it."""
        ...

    async def describe(self, image: bytes, *, kind: str) -> str:
        """One short paragraph on an image; `kind` is its media type ("image/png"). Raises ModelRefused."""
        ...


class Transcriber(Protocol):
    """Writes down what is said in a recording."""

    @property
    def model(self) -> str:
        """Who is asked, as the provider names it."""
        ...

    async def transcribe(self, recording: bytes, *, kind: str) -> str:
        """The words of a recording; `kind` is its media type ("audio/ogg"). Raises ModelRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file, whole; `kind` is its media type, empty where that is not known."""

    content: bytes
    kind: str


class Fetch(Protocol):
    """Has files from where the platform keeps what people send, and from nowhere else."""

    async def fetch(self, url: str, *, limit_bytes: int) -> Fetched:
        """The file at an address that came with a message. Raises NotFetched, also for one that is larger."""
        ...


@dataclass(frozen=True, slots=True)
class Senses:
    """What attachments are had and perceived with; None where nothing of that kind is configured."""

    fetch: Fetch
    describer: Describer | None = None
    transcriber: Transcriber | None = None
