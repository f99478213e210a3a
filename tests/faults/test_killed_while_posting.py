"""An engine that is killed right before or right after a post leaves each chunk of each reply standing once.

The seed is printed; set FAULT_SEED to have the same moments again.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.embedded import processes
from adapters.embedded.logins import read_login
from tests.scripted_model_server import REPLY, Server, scripted_model_server

PROGRAM = Path(__file__).with_name("posting_process.py")
PROJECT = PROGRAM.parents[2]
MESSAGES, DEATHS = 12, 3
PATIENCE_S = 150.0
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture
async def model(tmp_path: Path) -> AsyncIterator[Server]:
    async with scripted_model_server() as model:
        yield model
    for name in ("nats", "postgres"):
        login = read_login(tmp_path / "data" / name)
        for pid in processes.find(login.instance) if login else ():
            os.kill(pid, signal.SIGKILL)


async def run(directory: Path, model: Server) -> int:
    with (directory / "stderr").open("ab") as errors:
        engine = await asyncio.create_subprocess_exec(
            *(sys.executable, str(PROGRAM), str(directory), str(MESSAGES)),
            cwd=PROJECT,
            stderr=errors,
            env={
                **os.environ,
                "PYTHONPATH": str(PROJECT),
                "TZUROT_DATA_DIR": str(directory / "data"),
                "OPENAI_BASE_URL": model.base_url,
                "OPENAI_MODEL": "plain",
            },
        )
    try:
        return await engine.wait()
    finally:
        if engine.returncode is None:
            engine.kill()
            await engine.wait()


async def test_an_engine_that_is_killed_while_it_posts_leaves_each_chunk_standing_once(
    tmp_path: Path, model: Server
) -> None:
    sys.stdout.write(f"FAULT_SEED={SEED}\n")
    choose = random.Random(SEED)
    deaths = [f"{choose.choice(('before', 'after'))} {choose.randint(1, 6)}" for _ in range(DEATHS - 1)]
    (tmp_path / "deaths").write_text("\n".join([*deaths, f"after {choose.randint(1, 6)}"]))
    sys.stdout.write(f"{deaths}\n")

    async with asyncio.timeout(PATIENCE_S):
        ends = [await run(tmp_path, model) for _ in range(DEATHS + 1)]

    errors = (tmp_path / "stderr").read_text()[-4_000:]
    assert ends == [-signal.SIGKILL] * DEATHS + [0], errors
    posts = json.loads((tmp_path / "report.json").read_text())
    standing = {path.name: json.loads(path.read_text()) for path in (tmp_path / "platform").iterdir()}
    named = [post for chunks in posts.values() for post in chunks]
    assert sorted(named) == sorted(standing), "every post is named once, and every one that is named stands"
    assert len(posts) == MESSAGES
    assert {"".join(standing[post]["text"] for post in chunks) for chunks in posts.values()} == {REPLY}
