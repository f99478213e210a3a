"""What discord.js declares finds what is wrong with an event."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.discord.conformance import declared
from tests.discord.conformance.installing import NotToBeHad, node_modules_with

DELETED = {"id": "1", "channel_id": "2", "guild_id": "3"}


def frame(data: Any, name: str = "MESSAGE_DELETE") -> declared.Frame:
    return {"op": 0, "t": name, "s": 1, "d": data}


async def test_a_field_that_is_missing_wrong_or_unknown_is_found(proxies: Mapping[str, str], tmp_path: Path) -> None:
    try:
        modules = await asyncio.to_thread(node_modules_with, "types", proxies)
    except NotToBeHad as lack:
        pytest.skip(str(lack))
    frames = [
        frame(DELETED),
        frame({"id": "1"}),
        frame(DELETED | {"id": 1}),
        frame(DELETED | {"weight": 1}),
        frame(DELETED, "MESSAGE_EATEN"),
    ]

    found = declared.contradictions(frames, modules, tmp_path)

    assert [each.split(":", 1)[0] for each in found] == [*3 * ["MESSAGE_DELETE"], "MESSAGE_EATEN"]
    missing, wrong, unknown, _ = found
    assert "'channel_id' is missing" in missing
    assert "'number' is not assignable to type 'string'" in wrong
    assert "'\"weight\"' does not exist" in unknown
