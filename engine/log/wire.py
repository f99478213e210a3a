"""The NATS wire format, pure: frames out, headers in. Bytes all the way, since a replay parses every event here.

A header block is the raw text as the server sends it. Fields are found by searching for CR LF and the name: a value
can hold neither CR nor LF, so it can not pretend to be a field.
"""

from collections.abc import Mapping
from typing import NamedTuple

import orjson

HEADER_START = b"NATS/1.0\r\n"
STATUS_AT = len(b"NATS/1.0 ")
STATUS_DIGITS = 3
NO_RESPONDERS = 503
END_OF_BATCH = 204
NOT_FOUND = 404
IDLE_OR_FLOW_CONTROL = 100


class Message(NamedTuple):
    """One message from the server; `header` is empty where it has none."""

    subject: bytes
    reply: bytes
    header: bytes
    body: bytes

    @property
    def status(self) -> int | None:
        """The status of a message that is an answer of the server itself, else None."""
        header = self.header
        if header[STATUS_AT - 1 : STATUS_AT] != b" ":
            return None
        return int(header[STATUS_AT : STATUS_AT + STATUS_DIGITS])


def header_field(header: bytes, name: bytes) -> bytes | None:
    """The value of a header field, None when it is absent."""
    label = b"\r\n" + name + b": "
    start = header.find(label)
    if start < 0:
        return None
    start += len(label)
    return header[start : header.index(b"\r\n", start)]


def publication(subject: bytes, reply: bytes, header: bytes, body: bytes) -> bytes:
    """The frame that publishes a message; an empty reply asks for no answer."""
    target = subject + b" " + reply if reply else subject
    if not header:
        return b"PUB %b %d\r\n%b\r\n" % (target, len(body), body)
    return b"HPUB %b %d %d\r\n%b%b\r\n" % (target, len(header), len(header) + len(body), header, body)


def sign_in(credentials: Mapping[str, str], inbox: bytes) -> bytes:
    """The frames that begin a connection, which listens to what goes to its inbox; a PONG says that it stands."""
    options = {
        "verbose": False,
        "pedantic": False,
        "headers": True,
        "no_responders": True,
        "echo": False,
        "protocol": 1,
        "lang": "python",
        "version": "1",
        "name": "tzurot-log",
        **credentials,
    }
    return b"CONNECT " + orjson.dumps(options) + b"\r\nSUB " + inbox + b"* 1\r\nPING\r\n"
