"""Who is asked by a message, and whether it is heard at all: from what was said and how things stand, purely.

The order in which the asked answer: whose reply it answers, then who is active in the place (in a DM: whom the person
talks to), then whom it names, in the order of the text. In a DM a character that is named or replied to is asked
instead of the one that the person talks to, and who is named last is talked to from then on. A forward is somebody
else's words: it names nobody, and asks only who is active.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from adapters.discord.hearing.code_spans import code_spans
from adapters.discord.hearing.mentions import candidate_names, mentioned
from adapters.discord.hearing.said import Said
from engine.domain.message import AskedBy
from engine.reading import FieldsAt, Situation

MAX_ANSWERS = 5

type Notice = Literal["help", "first contact", "hidden", "not recorded"]
"""What is explained to the author instead of, or beside, an answer: how to begin, how a DM works, that the active
character is not for them, that they asked not to be heard.
"""

_PING = re.compile(r"<@!?(\d{15,20})>")


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who we are on Discord."""

    user: str
    application: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decides."""

    prefix: str = "@"
    max_answers: int = MAX_ANSWERS


@dataclass(frozen=True, slots=True)
class Asked:
    """A character that is asked for an answer, and by what."""

    character: str
    by: AskedBy


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about a message."""

    is_heard: bool
    asked: tuple[Asked, ...] = ()
    notice: Notice | None = None
    talks_to: str | None = None
    """In a DM: the character that the person talks to from now on."""


NOTHING = Decision(is_heard=False)


def is_persons_speech(said: Said, ourselves: Ourselves) -> bool:
    """Whether a person said something: not we, no bot, no webhook, no notice of Discord's, nothing empty."""
    author = said.author
    return not (
        author.is_bot
        or author.webhook is not None
        or author.id == ourselves.user
        or not said.is_speech
        or said.is_empty
        or said.where.kind == "group"
    )


def names_asked_about(said: Said, rules: Rules) -> tuple[str, ...]:
    """The names whose characters have to be known before it can be decided."""
    return () if said.forwards else candidate_names(said.content.text, prefix=rules.prefix)


def decide(said: Said, situation: Situation, ourselves: Ourselves, rules: Rules) -> Decision:
    """What is done about what a person said."""
    named = tuple(_named(said, situation, rules))
    asked = _in_order(said, situation, named)[: rules.max_answers]
    is_pinged = not said.forwards and ourselves.user in _pinged(said.content.text)
    if situation.person.fields.get("is_not_recorded") is True:
        is_expecting = said.where.is_direct or is_pinged or bool(named or situation.replied_to)
        return Decision(is_heard=False, notice="not recorded" if is_expecting else None)
    if asked:
        talked_to = situation.active and token_of(situation.active)
        talks_to = named[-1].character if said.where.is_direct and named else None
        return Decision(
            is_heard=True,
            asked=asked,
            notice="hidden" if situation.is_active_hidden else None,
            talks_to=talks_to if talks_to != talked_to else None,
        )
    if said.where.is_direct:
        return Decision(is_heard=False, notice="first contact")
    if situation.is_active_hidden:
        return Decision(is_heard=True, notice="help" if is_pinged else "hidden")
    return Decision(is_heard=False, notice="help") if is_pinged else NOTHING


def token_of(character: FieldsAt) -> str:
    """The token of a character in other ids."""
    return character.id.removeprefix("character.")


def _named(said: Said, situation: Situation, rules: Rules) -> Iterator[Asked]:
    if not said.forwards:
        tokens = {name: token_of(character) for name, character in situation.named.items()}
        for one in mentioned(said.content.text, tokens, prefix=rules.prefix):
            yield Asked(one.character, "mention")


def _in_order(said: Said, situation: Situation, named: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """Everybody who is asked, each once, by what asks them first."""
    is_direct = said.where.is_direct
    replier = situation.replied_to.character if situation.replied_to else None
    replied = (Asked(token_of(replier), "reply"),) if replier else ()
    active = (Asked(token_of(situation.active), "direct" if is_direct else "activation"),) if situation.active else ()
    if is_direct and (replied or named):
        active = ()
    each: dict[str, Asked] = {}
    for one in (*replied, *active, *named):
        each.setdefault(one.character, one)
    return tuple(each.values())


def _pinged(text: str) -> frozenset[str]:
    spans = code_spans(text)
    return frozenset(
        match[1] for match in _PING.finditer(text) if not any(start <= match.start() < end for start, end in spans)
    )
