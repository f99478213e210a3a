"""An engine in a process of its own that dies in the middle of posting, as often as it is told to.

    posting_process.py DIRECTORY MESSAGES

The platform is the folder DIRECTORY/platform, which outlives the engine: each post is a file there, and has an id of
its own. DIRECTORY/deaths holds a line for each death that is to come: "before N" or "after N" the N-th post from now.
When every reply is delivered, DIRECTORY/report.json tells which posts the log names.
"""

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from engine.commands.messages import Hear
from engine.domain import Reply
from engine.domain.ids import message_id, place_id, reply_id
from engine.domain.reply import ReplyState
from engine.ports import Posting
from engine.settings import Settings
from tzurot import Root

PLACES = 3
CHUNK_CHARS = 8
LOOK_AGAIN_S = 0.05


@dataclass
class FolderPostman:
    """Implements the port Postman: recognises nothing by itself, and dies when it is time."""

    directory: Path
    platform: str = "terminal"
    tells_failures: bool = False
    posted: int = 0
    deaths: Path = field(init=False)

    def __post_init__(self) -> None:
        self.deaths = self.directory / "deaths"
        self.folder = self.directory / "platform"
        self.folder.mkdir(exist_ok=True)

    def split(self, text: str) -> tuple[str, ...]:
        return tuple(text[start : start + CHUNK_CHARS] for start in range(0, len(text), CHUNK_CHARS))

    async def find(self, posting: Posting) -> tuple[str, ...]:
        wanted = described(posting)
        return tuple(path.name for path in sorted(self.folder.iterdir()) if json.loads(path.read_text()) == wanted)

    async def post(self, posting: Posting) -> str:
        self.posted += 1
        self.die_if_due("before")
        post = f"{len(list(self.folder.iterdir())):05}"
        (self.folder / post).write_text(json.dumps(described(posting)))
        self.die_if_due("after")
        return post

    async def withdraw(self, place: str, post: str) -> None:
        (self.folder / post).unlink(missing_ok=True)

    def die_if_due(self, when: str) -> None:
        deaths = self.deaths.read_text().splitlines()
        if deaths and deaths[0] == f"{when} {self.posted}":
            self.deaths.write_text("\n".join(deaths[1:]))
            os.kill(os.getpid(), signal.SIGKILL)


def described(posting: Posting) -> dict[str, object]:
    """What can be seen of a post: nothing that names the reply."""
    return {"place": posting.place, "character": posting.character, "text": posting.text}


async def work(directory: Path, messages: int) -> str:
    postman = FolderPostman(directory)
    with patch("tzurot.TerminalPostman", lambda: postman):
        async with Root(Settings.from_environment()).opened() as opened:
            engine = opened.engine
            said = [
                Hear(
                    message=message_id(place_id("terminal", f"place-{number % PLACES}"), str(number)),
                    person=engine.person("terminal", "ann"),
                    text=f"This is number {number}.",
                    addresses=("bramble",),
                    is_private=False,
                    at=engine.clock(),
                )
                for number in range(messages)
            ]
            for one in said:
                await engine.messages.hear(one)
            posts: dict[str, tuple[str, ...]] = {}
            while len(posts) < messages:
                for one in said:
                    reply = await engine.log.find(Reply, reply_id(one.message, "bramble"))
                    if reply is not None and reply.state is ReplyState.DELIVERED:
                        posts[reply.id] = reply.posts
                await asyncio.sleep(LOOK_AGAIN_S)
    return json.dumps(posts)


def main(directory: Path, messages: int) -> None:
    (directory / "report.json").write_text(asyncio.run(work(directory, messages)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
