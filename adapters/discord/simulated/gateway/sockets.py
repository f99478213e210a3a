"""One client's connection to the gateway: hello, identify or resume, heartbeats, until either side leaves.

Source: docs, events/gateway. What a client does wrong closes the connection with Discord's code.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from adapters.discord.simulated.gateway.frames import ENDING, MOST_BYTES, Close, Closed, Op, Stream, frame
from adapters.discord.simulated.gateway.hub import Hub, Outgoing
from adapters.discord.simulated.gateway.identifying import identified, ready
from adapters.discord.simulated.gateway.members import members_chunks
from adapters.discord.simulated.gateway.sessions import Session
from adapters.discord.simulated.world.world import World

SENDS = 120  # docs, events/gateway, "Rate Limiting"
SENDS_WINDOW_S = 60
LATE_HEARTBEATS = 1.5  # intervals without one after which the connection counts as dead


@dataclass(slots=True, eq=False)
class Socket:
    """Takes frames at once and sends them in order from a task of its own."""

    world: World
    hub: Hub
    session: Session | None = None
    socket: web.WebSocketResponse = field(init=False)
    _request: web.BaseRequest = field(init=False)
    _outgoing: asyncio.Queue[Outgoing] = field(default_factory=asyncio.Queue)
    _sent_at_s: deque[float] = field(default_factory=deque)
    _closed_by_us: bool = False

    # --- an outlet of its session ---

    def send(self, frame: dict[str, Any]) -> None:
        self._outgoing.put_nowait(frame)

    def close(self, code: int) -> None:
        """After what is waiting to be sent."""
        self._outgoing.put_nowait(code)

    def abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    # --- its life ---

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self._request = request
        # Discord compresses by zlib-stream, not by the websocket's own extension.
        self.socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await self.socket.prepare(request)
        stream = Stream(is_compressed=request.query.get("compress") == "zlib-stream")
        self.hub.outgoing.add(self._outgoing)
        sending = asyncio.create_task(self._sending(stream))
        try:
            self._check_address(request)
            self.send(frame(Op.HELLO, {"heartbeat_interval": int(self.hub.heartbeat_interval_s * 1000)}))
            await self._listen()
        except Closed as closed:
            self.close(closed.code)
            await self._outgoing.join()
        finally:
            self.hub.outgoing.discard(self._outgoing)
            self._leave()
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
        return self.socket

    def _check_address(self, request: web.BaseRequest) -> None:
        if request.query.get("v", "10") != "10":
            raise Closed(Close.INVALID_API_VERSION)
        if request.query.get("encoding", "json") != "json":
            raise Closed(Close.DECODE_ERROR)

    def _leave(self) -> None:
        if self.session is None or self.session.outlet is not self:
            return
        self.session.outlet = None
        self.session.left_at = self.world.clock.now()
        if self.socket.close_code in ENDING and not self._closed_by_us:
            self.hub.sessions.pop(self.session.id, None)

    async def _sending(self, stream: Stream) -> None:
        is_open = True
        while True:
            item = await self._outgoing.get()
            try:
                if not is_open:
                    continue  # what comes after the end is nobody's; a resume replays it
                if isinstance(item, int):
                    self._closed_by_us, is_open = True, False
                    await self.socket.close(code=item)
                else:
                    await self._put(stream.encode(item))
            except (ConnectionError, RuntimeError):
                is_open = False  # the client is gone: the session keeps what it has not heard
            finally:
                self._outgoing.task_done()

    async def _put(self, encoded: bytes | str) -> None:
        if isinstance(encoded, str):
            await self.socket.send_str(encoded)
        else:
            await self.socket.send_bytes(encoded)

    async def _listen(self) -> None:
        while True:
            try:
                # Real time, whatever the world's clock says: the client's heartbeats follow the real one.
                message = await self.socket.receive(timeout=self.hub.heartbeat_interval_s * LATE_HEARTBEATS)
            except TimeoutError as error:
                raise Closed(Close.SESSION_TIMED_OUT) from error
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                return
            self._count()
            self._handle(_decoded(message.data))

    def _count(self) -> None:
        now_s = asyncio.get_running_loop().time()
        while self._sent_at_s and self._sent_at_s[0] <= now_s - SENDS_WINDOW_S:
            self._sent_at_s.popleft()
        self._sent_at_s.append(now_s)
        if len(self._sent_at_s) > SENDS:
            raise Closed(Close.RATE_LIMITED)

    # --- what the client says ---

    def _handle(self, told: dict[str, Any]) -> None:
        data = told.get("d")
        match told.get("op"):
            case Op.HEARTBEAT:
                if self.session is not None:
                    self.session.beats_s.append(asyncio.get_running_loop().time())
                if self.session is None or self.session.sends_acks:
                    self.send(frame(Op.HEARTBEAT_ACK))
            case Op.IDENTIFY:
                self._identify(data)
            case Op.RESUME:
                self._resume(data)
            case Op.PRESENCE_UPDATE | Op.VOICE_STATE_UPDATE | Op.REQUEST_SOUNDBOARD_SOUNDS:
                self._needs_session()  # accepted; nobody sees a bot's status here
            case Op.REQUEST_GUILD_MEMBERS:
                session = self._needs_session()
                for chunk in members_chunks(self.world, session, data):
                    session.tell("GUILD_MEMBERS_CHUNK", chunk)
            case _:
                raise Closed(Close.UNKNOWN_OPCODE)

    def _needs_session(self) -> Session:
        if self.session is None:
            raise Closed(Close.NOT_AUTHENTICATED)
        return self.session

    def _identify(self, data: Any) -> None:
        if self.session is not None:
            raise Closed(Close.ALREADY_AUTHENTICATED)
        told = identified(self.world, data)
        if not self.hub.may_identify(told.application):
            self.send(frame(Op.INVALID_SESSION, data=False))
            return
        session = Session(
            id=secrets.token_hex(16),
            application=told.application,
            intents=told.intents,
            shard=told.shard,
            shard_count=told.shard_count,
        )
        self._begin(session)
        self.hub.sessions[session.id] = session
        for name, payload in ready(self.world, session, self.hub.url):
            session.tell(name, payload)

    def _resume(self, data: Any) -> None:
        if self.session is not None:
            raise Closed(Close.ALREADY_AUTHENTICATED)
        if not isinstance(data, dict) or not {"token", "session_id", "seq"} <= data.keys():
            raise Closed(Close.DECODE_ERROR)
        session = self.hub.sessions.get(data["session_id"])
        seq = data["seq"] or 0
        if (
            session is None
            or data["token"] not in (session.application.token, f"Bot {session.application.token}")
            or not session.can_resume_after(seq, self.world.clock.now())
        ):
            self.send(frame(Op.INVALID_SESSION, data=False))
            return
        if seq > session.seq:
            raise Closed(Close.INVALID_SEQ)
        missed = session.missed_after(seq)
        if session.outlet is not None:
            session.outlet.close(Close.UNKNOWN_ERROR)
        self._begin(session)
        for each in missed:
            self.send(each)
        session.tell("RESUMED", {"_trace": []})

    def _begin(self, session: Session) -> None:
        self.session = session
        session.outlet = self
        session.left_at = None
        session.sends_acks = True
        session.beats_s.append(asyncio.get_running_loop().time())


def _decoded(data: str | bytes) -> dict[str, Any]:
    size = len(data.encode()) if isinstance(data, str) else len(data)
    if size > MOST_BYTES:
        raise Closed(Close.DECODE_ERROR)
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Closed(Close.DECODE_ERROR) from error
    if not isinstance(told, dict) or "op" not in told:
        raise Closed(Close.DECODE_ERROR)
    return told
