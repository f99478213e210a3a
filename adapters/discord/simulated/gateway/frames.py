"""Frames of the gateway: operations, close codes, and how they travel (docs, topics/opcodes-and-status-codes)."""

import zlib
from enum import IntEnum
from typing import Any

import orjson

MOST_BYTES = 4096  # of a client's frame; docs, events/gateway, "Sending Events"


class Op(IntEnum):
    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11
    REQUEST_SOUNDBOARD_SOUNDS = 31


class Close(IntEnum):
    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Closed(Exception):
    """The server ends the connection with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


# Closing with these ends a session that could have been resumed (docs, events/gateway, "Initiating a Disconnect").
ENDING = frozenset({1000, 1001})


def frame(op: Op, data: Any = None, *, seq: int | None = None, name: str | None = None) -> dict[str, Any]:
    return {"op": int(op), "d": data, "s": seq, "t": name}


class Stream:
    """One connection's outgoing bytes: zlib-stream keeps one compressor for all of it and flushes after each frame."""

    def __init__(self, *, is_compressed: bool) -> None:
        self._compressor = zlib.compressobj() if is_compressed else None

    def encode(self, frame: dict[str, Any]) -> bytes | str:
        data = orjson.dumps(frame)
        if self._compressor is None:
            return data.decode()
        return self._compressor.compress(data) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
