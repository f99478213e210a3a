"""Moving the reactors' consumers to the end of a log that the benchmark filled."""

from typing import Any

import nats
import orjson
from nats.aio.client import Client

from engine.errors import LogError

API = "$JS.API"
TIMEOUT_S = 5.0


async def begin_after(nats_url: str, stream: str) -> None:
    """Make every durable consumer anew, as it was but beginning after the log's last event."""
    client = await nats.connect(nats_url)
    try:
        last = int((await _ask(client, f"STREAM.INFO.{stream}"))["state"]["last_seq"])
        for name in (await _ask(client, f"CONSUMER.NAMES.{stream}"))["consumers"] or ():
            config = (await _ask(client, f"CONSUMER.INFO.{stream}.{name}"))["config"]
            config |= {"deliver_policy": "by_start_sequence", "opt_start_seq": last + 1}
            await _ask(client, f"CONSUMER.DELETE.{stream}.{name}")
            await _ask(client, f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": config})
    finally:
        await client.close()


async def _ask(client: Client, operation: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await client.request(f"{API}.{operation}", orjson.dumps(body) if body else b"", timeout=TIMEOUT_S)
    result: dict[str, Any] = orjson.loads(answer.data)
    if error := result.get("error"):
        raise LogError(f"The benchmark's nats-server refused {operation}: {error.get('description', '')}.")
    return result
