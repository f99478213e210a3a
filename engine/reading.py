"""What the engine reads from the projections, and the ports through which it does.

Everything read here carries the position or version that it was true at, so that a reply can say what it was made
from. Scope (whose, with whom, where) is part of each question and is enforced in the query that answers it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from engine.domain.event import JSON


@dataclass(frozen=True, slots=True)
class FieldsAt:
    """A settable thing (character, preset, person, persona, choice) as it was at a version.

    `id` is its aggregate id. Version 0 with no fields stands for one that has no event yet.
    """

    id: str
    version: int
    fields: Mapping[str, JSON] = field(default_factory=dict)
    owner: str = ""
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """What a message brings along: another message, a reply, or a quote of what is not on the log."""

    id: str
    version: int
    kind: Literal["message", "reply", "quote"]
    author: str
    """The person of a message or quote, the character of a reply."""
    speaker: FieldsAt | None
    """As with turns; None for quotes."""
    name: str | None
    """The author's name where a quote was said, if it is known."""
    text: str
    """Its beginning, at most REFERENCE_CHARS and one more, which tells that there is more."""
    tokens: int
    is_direct: bool
    """Whether the message answers it."""
    is_forward: bool = False


REFERENCE_CHARS = 2_000
"""As much is shown of what a message brings along."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message or delivered reply, as the history holds it."""

    id: str
    """The message's or reply's aggregate id."""
    version: int
    """The version of the aggregate whose text this is."""
    position: int
    """Where on the log it was heard or delivered: the order of the history."""
    kind: Literal["message", "reply"]
    author: str
    """The person of a message, the character of a reply."""
    speaker: FieldsAt | None
    """Who the author of a message is here, or the other character whose reply it is; None if that is not known, and
    for the character's own replies.
    """
    text: str
    """What is read of it: attachments are told of in words."""
    tokens: int
    at: datetime
    references: tuple[Reference, ...] = ()
    """What a message brings along, in its order, as far as it is there and may be seen in the place."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """One memory that matches a question, best first."""

    reply: str
    reply_version: int
    """The version at which the reply's text was composed."""
    message: str
    message_version: int
    persona: FieldsAt
    memory_version: int
    """0 while nobody has edited, locked or forgotten it."""
    said: str
    """The message's text."""
    answered: str
    """The reply's text."""
    edited: str | None
    """Its person's own words for it, if they edited it."""
    tokens: int
    position: int
    at: datetime
    is_locked: bool
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """What a responder asks for before a reply. `upto` is the position of the message: nothing later is read."""

    place: str
    message: str
    person: str
    character: str
    upto: int
    text: str
    """What recall looks for."""
    history_limit: int
    memory_limit: int


@dataclass(frozen=True, slots=True)
class Context:
    """The answer, read in one transaction as of `position`."""

    position: int
    character: FieldsAt
    person: FieldsAt
    choice: FieldsAt
    persona: FieldsAt
    """Whom the person is towards this character: chosen for it, or their default."""
    presets: Mapping[str, FieldsAt]
    """The presets that choice, person and character name, by id; none of somebody who has nothing to do with it."""
    history: tuple[Turn, ...]
    """Oldest first, the asked message left out: the newest `history_limit` after the epoch, the two's in a private
    place, else everyone's that were heard in a shared one.
    """
    memories: tuple[Recalled, ...]
    """Best first, of this person, persona and character only; in a shared place none of a private conversation."""
    references: tuple[Reference, ...] = ()
    """What the asked message brings along."""


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """A memory as its person sees it."""

    id: str
    character: str
    said: str
    answered: str
    edited: str | None
    is_locked: bool
    at: datetime
    score: float | None = None


@dataclass(frozen=True, slots=True)
class HistoryStats:
    """Counts of one person's conversation with one character under one persona."""

    visible_messages: int
    visible_replies: int
    hidden_messages: int
    hidden_replies: int
    oldest: datetime | None
    newest: datetime | None
    clears: int
    """How many clears are in force, so how often undo is possible."""


@dataclass(frozen=True, slots=True)
class Said:
    """How much of one conversation was said between two positions of the log."""

    messages: int = 0
    replies: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    opening: str | None = None
    """The first message's text."""


@dataclass(frozen=True, slots=True)
class Overheard:
    """What is asked before it is known whether a message asks anybody.

    `place` and `parent` (what a thread is part of) are tokens as `place_id` makes them, `person` is opaque. `names` are
    what may be characters' names in it, at most MAX_NAMES, folded by `engine.domain.text.folded`. `post` is the
    platform's id of the post that it replies to.
    """

    place: str
    parent: str | None
    person: str
    names: tuple[str, ...] = ()
    post: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply that a post is part of, and its character; None where this person may not talk to that one."""

    reply: str
    character: FieldsAt | None


@dataclass(frozen=True, slots=True)
class Situation:
    """The answer, read in one transaction. Nothing in it tells of a character that the person may not talk to."""

    place: FieldsAt
    """Its fields: `character` (a token), `server`, `is_off` (no character answers, whatever holds in the parent)."""
    parent: FieldsAt | None
    person: FieldsAt
    named: Mapping[str, FieldsAt]
    """The character that this person means by a name: what they call one themselves, then names, slugs, aliases; of
    those their own before public ones, and the oldest of several. A name that means nobody is left out.
    """
    active: FieldsAt | None
    """The character that is active in the place, or else in its parent, if this person may talk to it."""
    is_active_hidden: bool
    """Whether one is active that this person may not talk to."""
    replied_to: Answered | None
    """What the post is part of, if it is one of ours."""


MAX_NAMES = 64
"""As many names as one question may hold."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the trail: what happened where, to what, naming whom; nothing of what was said."""

    position: int
    type: str
    subject: str
    version: int
    at: datetime
    place: str | None
    character: str | None
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """Filters of the trail; None asks for all. Newest `limit` entries after `after`, oldest first."""

    person: str | None = None
    place: str | None = None
    character: str | None = None
    type: str | None = None
    after: int = 0
    limit: int = 100


class ContextReader(Protocol):
    """What a reply is made from."""

    async def context(self, question: Question) -> Context: ...


class Conversations(Protocol):
    """What people look up about their own conversations."""

    async def history_stats(self, *, person: str, persona: str, character: str) -> HistoryStats: ...

    async def said_between(self, first: int, before: int, *, person: str, persona: str, character: str) -> Said:
        """Messages from the position `first` on and before another, and the replies to them."""
        ...

    async def memories(
        self, *, person: str, persona: str, character: str | None, limit: int, before: int | None = None
    ) -> tuple[MemoryRow, ...]:
        """Newest first; `before` is the position to page on from."""
        ...

    async def search_memories(
        self, *, person: str, persona: str, character: str | None, query: str, limit: int
    ) -> tuple[MemoryRow, ...]: ...


class Catalogue(Protocol):
    """Characters and presets by their names, people by their ids."""

    async def characters(self, *, person: str) -> tuple[FieldsAt, ...]:
        """Those the person may talk to: their own and public ones, undeleted, by slug."""
        ...

    async def character_by_slug(self, slug: str, *, person: str) -> FieldsAt | None:
        """The person's own of that slug before a public one."""
        ...

    async def presets(self, *, person: str) -> tuple[FieldsAt, ...]:
        """The person's own and the instance's, undeleted, by name."""
        ...

    async def fields(self, *ids: str) -> Mapping[str, FieldsAt]:
        """Any settable things by aggregate id; those that have no event are left out."""
        ...

    async def persona_towards(self, *, person: str, character: str) -> str:
        """The token of whom the person is towards a character: chosen for it, else for all, else the default one.

        A persona that is deleted, or somebody else's, counts as not chosen.
        """
        ...


class Situations(Protocol):
    """Who is asked where, for platforms that hear more than what is said to a character."""

    async def situation(self, question: Overheard) -> Situation: ...

    async def active_places(self, *, server: str | None = None) -> tuple[FieldsAt, ...]:
        """The places in which a character is active, of one server or of all."""
        ...


class Posts(Protocol):
    """What stands on the platform."""

    async def claimed(self, place: str, *posts: str) -> frozenset[str]:
        """Which of these posts are known to be part of a reply."""
        ...

    async def replies_of(self, place: str, *posts: str) -> Mapping[str, str]:
        """The same, each with the id of its reply."""
        ...


@dataclass(frozen=True, slots=True)
class ModelUse:
    """How much one model was used; tokens as its provider counted them."""

    model: str
    replies: int
    calls: int
    """At least one for each reply: those that failed and were tried again count, too."""
    people: int
    prompt_tokens: int
    completion_tokens: int


class Usage(Protocol):
    """What models were asked for."""

    async def usage(self, since: datetime) -> tuple[ModelUse, ...]:
        """By model, the most used first; of what was erased nothing is counted."""
        ...


class Trail(Protocol):
    """The audit trail."""

    async def entries(self, question: AuditQuestion) -> tuple[AuditEntry, ...]: ...


class Traces(Protocol):
    """What is left of what was erased."""

    async def traces_of(self, *subjects: str) -> int:
        """How many rows still hold words of these messages, replies and memories, in whatever build of a projection.

        Once the projections include the tombstones, only builds on their way out hold any, for moments, and a rebuild
        that has not come to the tombstones yet: ask again until there are none.
        """
        ...


class Projected(Protocol):
    """How far the projections are."""

    async def wait_for(self, position: int, *, timeout_s: float) -> None:
        """Return once every live projection includes `position`. Raises ProjectionsBehind."""
        ...


class Awaited(Protocol):
    """Which replies a place still waits for, in the order in which they were asked for."""

    async def until_first(
        self, reply: str, *, patience_s: float, limit_s: float, failures_are_told: bool = False
    ) -> bool:
        """Whether no earlier reply of the same place is still open; waits as long as `patience_s` for that.

        One that was asked for longer ago than `limit_s` is stuck and no longer waited for. One that failed is over, or
        where failures are told, once that is done.
        """
        ...
