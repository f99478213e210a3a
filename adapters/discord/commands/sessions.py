"""What lies between two clicks: the state of a dashboard, a list that is paged, a question that waits for its answer.

It lives in a NATS key-value bucket, so that any process can serve the next click and a restart loses none. A value is
sealed under the key of the person whose session it is, bound to its token and to them: nobody else's click opens it,
and erasing the person erases it. It expires a quarter of an hour after it was last touched.
"""

import contextlib
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.js import JetStreamContext
from nats.js.api import KeyValueConfig
from nats.js.errors import BucketNotFoundError, KeyNotFoundError
from nats.js.kv import KeyValue

from engine.domain.event import JSON
from engine.envelope.key_ring import KeyRing
from engine.errors import NotFound

LIFETIME_S = 15 * 60
"""As long as Discord lets a message that answers a command be changed."""

TOKEN_BYTES = 12
NONCE_BYTES = 12
_TOKEN = re.compile(rf"[0-9a-f]{{{2 * TOKEN_BYTES}}}")
BUCKET = "discord-sessions"
MAX_BUCKET_BYTES = 64 * 1024 * 1024

type State = Mapping[str, JSON]


class SessionExpired(NotFound):
    """That is over, or it was never yours: run the command again."""


class Bucket(Protocol):
    """Where values are kept under their keys; they vanish a while after they were last put."""

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes) -> None: ...

    async def delete(self, key: str) -> None: ...


class NatsBucket:
    """The key-value bucket of a NATS server. Implements Bucket."""

    def __init__(self, jetstream: JetStreamContext) -> None:
        self._jetstream = jetstream

    async def get(self, key: str) -> bytes | None:
        bucket = await self._bucket()
        try:
            return (await bucket.get(key)).value
        except KeyNotFoundError:  # expired, ended, or never there
            return None

    async def put(self, key: str, value: bytes) -> None:
        await (await self._bucket()).put(key, value)

    async def delete(self, key: str) -> None:
        await (await self._bucket()).purge(key)

    async def _bucket(self) -> KeyValue:
        try:
            return await self._jetstream.key_value(BUCKET)
        except BucketNotFoundError:
            return await self._jetstream.create_key_value(
                KeyValueConfig(bucket=BUCKET, ttl=LIFETIME_S, history=1, max_bytes=MAX_BUCKET_BYTES)
            )


class Sessions:
    """Sealed states by token, each of one person."""

    def __init__(self, bucket: Bucket, key_ring: KeyRing, clock: Callable[[], datetime]) -> None:
        self._bucket = bucket
        self._key_ring = key_ring
        self._clock = clock

    async def begin(self, person: str, state: State) -> str:
        """Keep a state and return the token that finds it."""
        token = secrets.token_hex(TOKEN_BYTES)
        await self.keep(token, person, state)
        return token

    async def find(self, token: str, person: str) -> dict[str, JSON]:
        """The state, which lives on from now. Raises SessionExpired, also for somebody else's."""
        value = await self._bucket.get(token) if _TOKEN.fullmatch(token) else None
        if value is None:
            raise SessionExpired
        key_id, nonce, ciphertext = orjson.loads(value)
        secret = self._key_ring.opening_key(key_id)
        if secret is None:
            raise SessionExpired
        try:
            opened = AESGCM(secret).decrypt(b64decode(nonce), b64decode(ciphertext), _bound_to(token, person))
        except InvalidTag:
            raise SessionExpired from None
        await self._bucket.put(token, value)
        state: dict[str, JSON] = orjson.loads(opened)
        return state

    async def keep(self, token: str, person: str, state: State) -> None:
        key = self._key_ring.sealing_key(person, f"{self._clock():%Y-%m}")
        nonce = secrets.token_bytes(NONCE_BYTES)
        ciphertext = AESGCM(key.secret).encrypt(nonce, orjson.dumps(dict(state)), _bound_to(token, person))
        value = [key.id, b64encode(nonce).decode(), b64encode(ciphertext).decode()]
        await self._bucket.put(token, orjson.dumps(value))

    async def end(self, token: str, person: str) -> None:
        """End a session; one that is over, or somebody else's, stays as it is."""
        with contextlib.suppress(SessionExpired):
            await self.find(token, person)
            await self._bucket.delete(token)


def _bound_to(token: str, person: str) -> bytes:
    return f"discord session\n{token}\n{person}".encode()
