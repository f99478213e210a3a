"""One builder per event, with sensible defaults, so that a test states only what matters to it.

The builder of `MessageHeard` is `message_heard`. Every builder takes the event's fields by name, and `id`, `version`
and `at` for its envelope.
"""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from engine.domain.attachment import Attachment
from engine.domain.avatar import AvatarCleared, AvatarErased, AvatarSet
from engine.domain.because import Because, Used, UsedMemory, UsedTurn
from engine.domain.character import CharacterCreated, CharacterDeleted, CharacterEdited, CharacterRestored
from engine.domain.claim import Claimed, ClaimReleased
from engine.domain.erasure import ErasureCompleted
from engine.domain.event import Event
from engine.domain.history import HistoryCleared, HistoryClearUndone
from engine.domain.memory import (
    MemoryEdited,
    MemoryErased,
    MemoryForgotten,
    MemoryLocked,
    MemoryRestored,
    MemoryUnlocked,
)
from engine.domain.message import (
    AttachmentsDescribed,
    AttachmentsShown,
    MessageDeleted,
    MessageEdited,
    MessageErased,
    MessageHeard,
)
from engine.domain.person import (
    ChoiceMade,
    PersonaCreated,
    PersonaDeleted,
    PersonaEdited,
    PersonaRestored,
    PersonEdited,
    PersonMet,
)
from engine.domain.place import PlaceActivated, PlaceDeactivated
from engine.domain.preset import PresetCreated, PresetDeleted, PresetEdited, PresetRestored
from engine.domain.quote import MessageQuoted, QuoteErased
from engine.domain.reply import (
    ReplyComposed,
    ReplyDelivered,
    ReplyErased,
    ReplyFailed,
    ReplyPosted,
    ReplyStarted,
    ReplyUndeliverable,
    ReplyWithdrawn,
)

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

PERSON_TOKEN = "p1"
CHARACTER_TOKEN = "lyra"
PLACE = "terminal-1"
MESSAGE = f"message.{PLACE}.1024"
REPLY = f"reply.{PLACE}.1024.{CHARACTER_TOKEN}.1"
MEMORY = f"memory.{PLACE}.1024.{CHARACTER_TOKEN}.1"
HISTORY = f"history.{PERSON_TOKEN}.default.{CHARACTER_TOKEN}"
CHARACTER = f"character.{CHARACTER_TOKEN}"
AVATAR = f"avatar.{CHARACTER_TOKEN}"
PRESET = f"preset.{PERSON_TOKEN}.calm"
PERSON = f"person.{PERSON_TOKEN}"
PERSONA = f"persona.{PERSON_TOKEN}.default"
CHOICE = f"choice.{PERSON_TOKEN}.{CHARACTER_TOKEN}"
PLACE_SUBJECT = f"place.{PLACE}"
QUOTE = f"quote.{PLACE}.900"
CLAIM = "claim.slug.5f1d"
ERASURE = "erasure.r1"


def _event[E: Event](event_class: type[E], subject: str, given: dict[str, Any], **defaults: Any) -> E:
    fields = {"id": subject, "version": 1, "at": AT} | defaults | given
    return event_class(
        originator_id=fields.pop("id"),
        originator_version=fields.pop("version"),
        timestamp=fields.pop("at"),
        **fields,
    )


def builder_of(event_class: type[Event]) -> Callable[..., Event]:
    """The builder of an event, found by its name; a LookupError says what is missing."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", event_class.__name__).lower()
    builder: Callable[..., Event] | None = getattr(sys.modules[__name__], name, None)
    if builder is None:
        raise LookupError(f"tests/builders.py has no {name}() for {event_class.__name__}")
    return builder


def because(**given: Any) -> Because:
    defaults: dict[str, Any] = {
        "renderer": 1,
        "at": AT.isoformat(),
        "timezone": "UTC",
        "is_private": True,
        "character": Used(id=CHARACTER, version=1),
        "person": Used(id=PERSON, version=1),
        "persona": Used(id=PERSONA, version=0),
        "presets": (Used(id=PRESET, version=2),),
        "message": Used(id=MESSAGE, version=1),
        "history": (
            UsedTurn(id=f"message.{PLACE}.1000", version=1, kind="message", speaker=Used(id=PERSONA, version=0)),
        ),
        "memories": (
            UsedMemory(
                reply=Used(id=f"reply.{PLACE}.7.{CHARACTER_TOKEN}.1", version=2),
                message=Used(id=f"message.{PLACE}.7", version=1),
                persona=Used(id=PERSONA, version=0),
                memory=Used(id=f"memory.{PLACE}.7.{CHARACTER_TOKEN}.1", version=0),
                scores={"lexical": 0.5},
            ),
        ),
        "tokens": {"character": 40, "history": 12},
        "token_counter": "o200k_base",
        "model": "offline",
        "parameters": {"temperature": 0.7},
        "answered_by": "offline",
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 52, "completion_tokens": 4},
        "first_token_s": 0.25,
        "total_s": 0.5,
        "prompt_hash": "0" * 32,
    }
    return Because(**defaults | given)


def attachment(**given: Any) -> Attachment:
    defaults: dict[str, Any] = {
        "id": "a1",
        "name": "sunset.png",
        "kind": "image",
        "size_bytes": 12_345,
        "url": "https://cdn.example/a1/sunset.png",
    }
    return Attachment(**defaults | given)


def message_heard(**given: Any) -> MessageHeard:
    return _event(
        MessageHeard,
        MESSAGE,
        given,
        person=PERSON_TOKEN,
        text="Do you remember the lighthouse?",
        tokens=6,
        addresses=(CHARACTER_TOKEN,),
        is_private=True,
    )


def message_edited(**given: Any) -> MessageEdited:
    return _event(
        MessageEdited,
        MESSAGE,
        given,
        person=PERSON_TOKEN,
        text="Do you remember the harbour?",
        tokens=6,
        addresses=(CHARACTER_TOKEN,),
        is_private=True,
        heard_at=AT,
        heard_position=1,
    )


def attachments_shown(**given: Any) -> AttachmentsShown:
    return _event(AttachmentsShown, MESSAGE, given, attempt=1, calls={"sees": 1})


def attachments_described(**given: Any) -> AttachmentsDescribed:
    return _event(
        AttachmentsDescribed,
        MESSAGE,
        given,
        person=PERSON_TOKEN,
        text="Do you remember the lighthouse?",
        attachments=(attachment(perceived="A lighthouse at dusk."),),
        tokens=17,
        models=("sees",),
    )


def message_deleted(**given: Any) -> MessageDeleted:
    return _event(MessageDeleted, MESSAGE, given)


def message_erased(**given: Any) -> MessageErased:
    return _event(MessageErased, MESSAGE, given, receipt="r1", reason="asked")


def message_quoted(**given: Any) -> MessageQuoted:
    return _event(
        MessageQuoted,
        QUOTE,
        given,
        person="p2",
        author="Ben",
        text="The lamp was repaired.",
        attachments=(attachment(id="a2", name="lamp.png"),),
        tokens=5,
        said_at=AT,
        is_forward=False,
    )


def quote_erased(**given: Any) -> QuoteErased:
    return _event(QuoteErased, QUOTE, given, receipt="r1", reason="deleted")


def place_activated(**given: Any) -> PlaceActivated:
    return _event(PlaceActivated, PLACE_SUBJECT, given, character=CHARACTER_TOKEN, person=PERSON_TOKEN, server="s1")


def place_deactivated(**given: Any) -> PlaceDeactivated:
    return _event(PlaceDeactivated, PLACE_SUBJECT, given, person=PERSON_TOKEN, server="s1")


def reply_started(**given: Any) -> ReplyStarted:
    return _event(
        ReplyStarted,
        REPLY,
        given,
        person=PERSON_TOKEN,
        persona="default",
        character=CHARACTER_TOKEN,
        message=MESSAGE,
        message_version=1,
        attempt=1,
        model="offline",
    )


def reply_composed(**given: Any) -> ReplyComposed:
    return _event(
        ReplyComposed,
        REPLY,
        given,
        person=PERSON_TOKEN,
        text="We watched its lamp go out.",
        tokens=7,
        answers_old_text=False,
        because=because(),
        settings={"temperature": {"value": 0.7, "source": "preset"}},
    )


def reply_posted(**given: Any) -> ReplyPosted:
    return _event(ReplyPosted, REPLY, given, chunk=0, chunks=1, post="post-0")


def reply_delivered(**given: Any) -> ReplyDelivered:
    return _event(ReplyDelivered, REPLY, given)


def reply_failed(**given: Any) -> ReplyFailed:
    return _event(
        ReplyFailed,
        REPLY,
        given,
        attempt=1,
        reason="rate_limit",
        message="The model is busy: try again in a minute.",
        is_permanent=False,
    )


def reply_withdrawn(**given: Any) -> ReplyWithdrawn:
    return _event(ReplyWithdrawn, REPLY, given, reason="message deleted")


def reply_undeliverable(**given: Any) -> ReplyUndeliverable:
    return _event(ReplyUndeliverable, REPLY, given, reason="no permission", message="Give it Manage Webhooks.")


def reply_erased(**given: Any) -> ReplyErased:
    return _event(ReplyErased, REPLY, given, receipt="r1", message=MESSAGE)


def history_cleared(**given: Any) -> HistoryCleared:
    return _event(HistoryCleared, HISTORY, given)


def history_clear_undone(**given: Any) -> HistoryClearUndone:
    return _event(HistoryClearUndone, HISTORY, given, undone=1)


def memory_edited(**given: Any) -> MemoryEdited:
    return _event(MemoryEdited, MEMORY, given, person=PERSON_TOKEN, text="The lighthouse was red.")


def memory_locked(**given: Any) -> MemoryLocked:
    return _event(MemoryLocked, MEMORY, given)


def memory_unlocked(**given: Any) -> MemoryUnlocked:
    return _event(MemoryUnlocked, MEMORY, given)


def memory_forgotten(**given: Any) -> MemoryForgotten:
    return _event(MemoryForgotten, MEMORY, given)


def memory_restored(**given: Any) -> MemoryRestored:
    return _event(MemoryRestored, MEMORY, given)


def memory_erased(**given: Any) -> MemoryErased:
    return _event(MemoryErased, MEMORY, given, receipt="r1")


def character_created(**given: Any) -> CharacterCreated:
    fields = {"name": "Lyra", "slug": "lyra", "personality": "Keeps the lighthouse.", "is_public": True}
    return _event(CharacterCreated, CHARACTER, given, person=PERSON_TOKEN, fields=fields)


def character_edited(**given: Any) -> CharacterEdited:
    return _event(CharacterEdited, CHARACTER, given, person=PERSON_TOKEN, changes={"tone": "dry"})


def character_deleted(**given: Any) -> CharacterDeleted:
    return _event(CharacterDeleted, CHARACTER, given)


def character_restored(**given: Any) -> CharacterRestored:
    return _event(CharacterRestored, CHARACTER, given)


def avatar_set(**given: Any) -> AvatarSet:
    return _event(
        AvatarSet,
        AVATAR,
        given,
        person=PERSON_TOKEN,
        media_type="image/webp",
        image="UklGRg==",
        sha256="a40ff3d5900fb7698b8c865041347cb49eccedc8f93945f89629ad104aaecce4",
    )


def avatar_cleared(**given: Any) -> AvatarCleared:
    return _event(AvatarCleared, AVATAR, given, person=PERSON_TOKEN)


def avatar_erased(**given: Any) -> AvatarErased:
    return _event(AvatarErased, AVATAR, given, receipt="r1")


def preset_created(**given: Any) -> PresetCreated:
    fields = {"name": "Calm", "model": "offline", "temperature": 0.4}
    return _event(PresetCreated, PRESET, given, person=PERSON_TOKEN, fields=fields)


def preset_edited(**given: Any) -> PresetEdited:
    return _event(PresetEdited, PRESET, given, person=PERSON_TOKEN, changes={"temperature": 0.9})


def preset_deleted(**given: Any) -> PresetDeleted:
    return _event(PresetDeleted, PRESET, given)


def preset_restored(**given: Any) -> PresetRestored:
    return _event(PresetRestored, PRESET, given)


def person_met(**given: Any) -> PersonMet:
    return _event(PersonMet, PERSON, given, person=PERSON_TOKEN, fields={"name": "Robin"})


def person_edited(**given: Any) -> PersonEdited:
    return _event(PersonEdited, PERSON, given, person=PERSON_TOKEN, changes={"timezone": "Europe/Berlin"})


def persona_created(**given: Any) -> PersonaCreated:
    return _event(PersonaCreated, PERSONA, given, person=PERSON_TOKEN, fields={"name": "Captain Robin"})


def persona_edited(**given: Any) -> PersonaEdited:
    return _event(PersonaEdited, PERSONA, given, person=PERSON_TOKEN, changes={"pronouns": "they/them"})


def persona_deleted(**given: Any) -> PersonaDeleted:
    return _event(PersonaDeleted, PERSONA, given)


def persona_restored(**given: Any) -> PersonaRestored:
    return _event(PersonaRestored, PERSONA, given)


def choice_made(**given: Any) -> ChoiceMade:
    return _event(ChoiceMade, CHOICE, given, person=PERSON_TOKEN, changes={"preset": PRESET})


def claimed(**given: Any) -> Claimed:
    return _event(Claimed, CLAIM, given, by=CHARACTER)


def claim_released(**given: Any) -> ClaimReleased:
    return _event(ClaimReleased, CLAIM, given)


def erasure_completed(**given: Any) -> ErasureCompleted:
    return _event(ErasureCompleted, ERASURE, given, subjects=(MESSAGE, REPLY), positions=(3, 5, 6), remaining=0)
