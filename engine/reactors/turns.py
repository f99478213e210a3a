"""Whose turn a message makes it: one for each character that it asks for an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.domain import Message, Reply
from engine.domain.crossing import REPEATS_WITHIN
from engine.domain.ids import place_of, reply_id
from engine.domain.message import MessageEdited, MessageHeard
from engine.event_log import LoggedEvent
from engine.reading import FieldsAt
from engine.reading import Turn as ReadTurn

NO_SUCH_CHARACTER = "no such character"
"""Why a reply fails whose character is not there, or not for this person."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One character's turn to answer one message.

    `upto` is where the message was heard: the conversation is read as of then. `position` is that of the event that
    makes it the character's turn now, which is later when the message was edited before it was answered.
    """

    message: str
    character: str
    reply: str
    upto: int
    position: int
    person: str
    place: str


def turns_of(logged: LoggedEvent) -> list[Turn]:
    """The turns that an event gives: a message that was heard, or edited, which deletes the event of its hearing."""
    event = logged.event
    match event:
        case MessageHeard():
            upto = logged.position
        case MessageEdited():
            upto = event.heard_position
        case _:
            return []
    message, place = event.subject, place_of(event.subject) or ""
    return [
        Turn(message, character, reply_id(message, character), upto, logged.position, event.person, place)
        for character in event.addresses
    ]


def said_just_before(turn: Turn, message: Message, history: Iterable[ReadTurn]) -> list[str]:
    """The ids of messages by the same person, in the same words, that a message may be a repeat of."""
    heard_at = message.heard_at or message.created_on
    return [
        said.id
        for said in history
        if said.kind == "message"
        and said.author == turn.person
        and said.text == message.words
        and abs(said.at - heard_at) <= REPEATS_WITHIN
    ]


def may_answer(character: FieldsAt, person: str) -> bool:
    """Whether a character is there and may talk to this person: it is public, or theirs."""
    is_there = character.version > 0 and not character.is_deleted
    return is_there and (character.fields.get("is_public") is True or character.owner == person)


def unbegun(turn: Turn, at: datetime) -> Reply:
    """A reply for which no model is called; it is ended in the append that begins it."""
    return Reply.start(
        turn.reply,
        person=turn.person,
        persona="",
        character=turn.character,
        message=turn.message,
        message_version=0,
        model="",
        at=at,
    )
