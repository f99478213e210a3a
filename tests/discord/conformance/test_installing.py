"""Where a library cannot be had, its case is skipped with what the machine lacks."""

from pathlib import Path

import pytest

from tests.discord.conformance import installing

NOWHERE = "http://127.0.0.1:1/simple"
WITHOUT_REGISTRY = {
    "UV_DEFAULT_INDEX": NOWHERE,
    "UV_INDEX": "",
    "UV_NO_CACHE": "1",
    "UV_HTTP_RETRIES": "0",
    "PIP_INDEX_URL": NOWHERE,
    "PIP_NO_CACHE_DIR": "1",
}


def test_without_node_the_reason_is_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(installing.NotToBeHad, match="discordjs runs on node, and this machine has no node and no npm"):
        installing.node_modules_with("discordjs", {})


def test_without_a_registry_the_reason_is_the_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(installing, "CACHE", tmp_path)

    with pytest.raises(installing.NotToBeHad, match="no registry can be reached"):
        installing.python_with("discordpy", WITHOUT_REGISTRY)
