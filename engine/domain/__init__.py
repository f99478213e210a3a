"""The domain: what can happen, and what follows from it. Pure: no clock, no ids of its own, no I/O.

Importing the package registers every kind of aggregate and every event.
"""

from engine.domain.avatar import Avatar
from engine.domain.because import Because
from engine.domain.character import Character
from engine.domain.claim import Claim
from engine.domain.erasure import Erasure
from engine.domain.event import ERASED, Aggregate, Erased, Event
from engine.domain.history import History
from engine.domain.memory import Memory
from engine.domain.message import Message
from engine.domain.person import Choice, Person, Persona
from engine.domain.place import Place
from engine.domain.preset import Preset
from engine.domain.quote import Quote
from engine.domain.reply import Reply

__all__ = [
    "ERASED",
    "Aggregate",
    "Avatar",
    "Because",
    "Character",
    "Choice",
    "Claim",
    "Erased",
    "Erasure",
    "Event",
    "History",
    "Memory",
    "Message",
    "Person",
    "Persona",
    "Place",
    "Preset",
    "Quote",
    "Reply",
]
