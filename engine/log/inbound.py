"""What comes from a NATS server, cut into messages and lines of control. Pure: it is fed bytes and reads no socket."""

from engine.log.wire import Message

FIELDS_OF_HMSG = 6  # with a reply; one less without
FIELDS_OF_MSG = 5


class Inbound:
    """The bytes of one connection that were received and not taken yet."""

    def __init__(self) -> None:
        self._buffer = b""
        self._offset = 0

    def feed(self, chunk: bytes) -> None:
        self._buffer = self._buffer[self._offset :] + chunk
        self._offset = 0

    def take(self) -> Message | bytes | None:
        """The next message, or line of control without its line break; None where more has to come first."""
        buffer = self._buffer
        start = self._offset
        end = buffer.find(b"\r\n", start)
        if end < 0:
            return None
        kind = buffer[start : start + 2]
        if kind not in {b"HM", b"MS"}:
            self._offset = end + 2
            return buffer[start:end]
        words = buffer[start:end].split()
        body_at = end + 2
        after = body_at + int(words[-1])
        if len(buffer) < after + 2:
            return None
        self._offset = after + 2
        has_header = kind == b"HM"
        header_end = body_at + int(words[-2]) if has_header else body_at
        reply = words[3] if len(words) == (FIELDS_OF_HMSG if has_header else FIELDS_OF_MSG) else b""
        return Message(words[1], reply, buffer[body_at:header_end], buffer[header_end:after])
