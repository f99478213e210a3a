"""How ids and names become subjects of the stream, and back. Pure.

    <stream>.ev.<originator id>     an aggregate's events
    <stream>.tr.<application>       how far this application has followed another one
    <stream>.<purpose>.<id>         what an aggregate recorder of another purpose keeps (snapshots)

An id is used as it is, since it is made of tokens that NATS takes; a UUID is written in hex. Names of applications
are free text and escaped reversibly: what is not a letter, digit, underscore or hyphen becomes `=` and two hex
digits for each of its bytes in UTF-8.
"""

import re
from functools import lru_cache
from uuid import UUID

from engine.errors import Invalid

EVENTS = "ev"
TRACKING = "tr"
MAX_ID_CHARS = 1000  # the server refuses a protocol line of more than 4096 bytes
_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
UNNAMED_APPLICATION = "Application"


def stream_name(application_name: str) -> str:
    """The stream that keeps the log of this application."""
    return escape(application_name or UNNAMED_APPLICATION)


def escape(name: str) -> str:
    """One token of a subject, from any text that is not empty."""
    return "".join(chr(byte) if byte in _PLAIN else f"={byte:02X}" for byte in name.encode())


def unescape(token: str) -> str:
    """The text that `escape` made this token from."""
    first, *others = token.split("=")
    return b"".join([first.encode(), *(bytes.fromhex(part[:2]) + part[2:].encode() for part in others)]).decode()


@lru_cache(maxsize=4_096)  # a command asks for its own several times
def id_token(originator_id: UUID | str) -> str:
    """The part of the subject that names an aggregate. Raises Invalid for an id that is no subject."""
    if isinstance(originator_id, UUID):
        return originator_id.hex
    if len(originator_id) > MAX_ID_CHARS or not _ID.fullmatch(originator_id):
        raise Invalid(
            f"{originator_id[:100]!r} cannot be an aggregate's id on the log: an id is made of the characters "
            f"A-Z a-z 0-9 _ - in tokens joined by dots, at most {MAX_ID_CHARS} in all. Escape the others."
        )
    return originator_id
