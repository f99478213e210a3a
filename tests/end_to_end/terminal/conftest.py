"""One data directory for all tests of a module."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.terminal.installed import PATIENCE_S, Installed


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def tzurot(data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Installed:
    monkeypatch.setenv("TZUROT_DATA_DIR", str(data_dir))
    return Installed(data_dir, capsys)


@pytest.fixture
def running(tzurot: Installed) -> Iterator[subprocess.Popen[str]]:
    """`tzurot up`, which is up."""
    process = tzurot.process("up")
    assert process.stdout is not None
    try:
        assert "Tzurot is up" in process.stdout.readline()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE_S)
