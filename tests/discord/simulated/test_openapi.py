"""Discord's own description of its API finds what is wrong; the fixture `discord` holds every exchange against it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.discord.simulated.journal import Exchange
from tests.discord import openapi


@pytest.fixture
def description() -> openapi.Description:
    path = openapi.found()
    if path is None:
        pytest.skip(openapi.ABSENT)
    return openapi.Description(path)


def exchange(method: str, path: str, **changed: Any) -> Exchange:
    return Exchange(method, path, path, datetime.now(UTC), **({"status": 200} | changed))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (exchange("GET", "/nowhere"), "no such operation"),
        (exchange("GET", "/users/@me", answer={"id": "1"}), "'username' is a required property"),
        (exchange("POST", "/channels/1/messages", body={"content": 5}, answer=None), "5 is not of type"),
        (exchange("GET", "/users/@me", status=302, answer={}), "status 302 is not described"),
        (exchange("GET", "/users/@me", status=404, answer={"code": "x"}), "is a required property"),
    ],
)
def test_a_contradiction_is_found(description: openapi.Description, wrong: Exchange, words: str) -> None:
    [problem] = description.problems(wrong)

    assert words in problem


@pytest.mark.parametrize(
    "fine",
    [
        exchange("POST", "/users/@me/channels", body={"recipient_id": 1 << 60}, answer=None),
        exchange("PUT", "/channels/1/permissions/2", body={"type": 1, "allow": "1024", "deny": "0"}, status=204),
        exchange("POST", "/channels/1/messages", body={"content": 5}, status=400),
        exchange("GET", "/users/@me", status=None),
    ],
)
def test_what_clients_may_write_either_way_is_none(description: openapi.Description, fine: Exchange) -> None:
    assert list(description.problems(fine)) == []
