"""What the connection's client logs of its own failures."""

import pytest

from adapters.discord.client import GatewayClient, Identifying, Shard


def fail() -> None:
    raise RuntimeError("what somebody said")


async def test_a_handler_that_fails_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    client = GatewayClient(Shard(), lambda event, payload: None, Identifying())
    try:
        fail()
    except RuntimeError:
        await client.on_error("on_ready")
    await client.close()
    assert "on_ready failed: RuntimeError at" in caplog.text
    assert "somebody" not in caplog.text
