"""An engine in a process of its own, which a test can kill: hears what it is told to, answers, and reports the log.

    engine_process.py DIRECTORY SEED MESSAGES

Every message that the log acknowledged is noted in DIRECTORY/acknowledged; those that stand there are not sent again,
all others are, with the same ids. When every message has come to its end, DIRECTORY/report.json tells what is on the
log, and whether the projections equal a replay.
"""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from adapters.terminal.host import Opened
from engine.application import Engine
from engine.commands.messages import Hear
from engine.domain.ids import message_id, place_id, reply_id
from engine.errors import LogError
from engine.event_log import LoggedEvent
from engine.settings import Settings
from tzurot import Root

AT_ONCE = 64
PLACES, PEOPLE = 60, 40
PAGE_EVENTS = 1_000
LOOK_AGAIN_S = 0.05
CAUGHT_UP_TIMEOUT_S = 60.0

ENDED = ("ReplyDelivered", "ReplyFailed", "ReplyWithdrawn", "ReplyErased")


def told(engine: Engine, seed: int, messages: int) -> list[Hear]:
    """What is said: the same for the same seed, in whichever process."""
    choose = random.Random(seed)
    people = [engine.person("terminal", f"person {number}") for number in range(PEOPLE)]
    return [
        Hear(
            message=message_id(place_id("terminal", f"place-{choose.randrange(PLACES)}"), str(number)),
            person=choose.choice(people),
            text=f"This is number {number}, said to be remembered.",
            addresses=(choose.choice(("bramble", "thessaly")),),
            is_private=False,
            at=engine.clock(),
        )
        for number in range(messages)
    ]


def noted(acknowledged: Path) -> set[str]:
    return set(acknowledged.read_text().split()) if acknowledged.exists() else set()


async def hear_all(engine: Engine, said: list[Hear], acknowledged: Path) -> None:
    known = noted(acknowledged)
    places_at_once = asyncio.Semaphore(AT_ONCE)
    with acknowledged.open("a", buffering=1) as notes:

        async def hear(one: Hear) -> None:
            async with places_at_once:
                while True:
                    try:
                        await engine.messages.hear(one)
                    except LogError as error:  # the outcome is unknown or none: the same id is sent again
                        sys.stderr.write(f"{one.message} again: {error.message}\n")
                        await asyncio.sleep(LOOK_AGAIN_S)
                    else:
                        notes.write(f"{one.message}\n")
                        return

        async with asyncio.TaskGroup() as tasks:
            for one in said:
                if one.message not in known:
                    tasks.create_task(hear(one))


async def follow(engine: Engine) -> AsyncIterator[LoggedEvent]:
    """The log from its beginning, for as long as somebody listens."""
    after = 0
    while True:
        try:
            found = await engine.log.read(after=after, limit=PAGE_EVENTS)
        except LogError:  # its server is being started again
            found = []
        for logged in found:
            yield logged
            after = logged.position
        if not found:
            await asyncio.sleep(LOOK_AGAIN_S)


async def until_all_ended(engine: Engine, said: list[Hear]) -> list[dict[str, Any]]:
    open_replies = {reply_id(one.message, one.addresses[0]) for one in said}
    events: list[dict[str, Any]] = []
    async for logged in follow(engine):
        kind, subject = type(logged.event).__name__, logged.event.subject
        if subject.startswith(("message.", "reply.")):
            events.append({"position": logged.position, "type": kind, "subject": subject})
        if kind in ENDED and getattr(logged.event, "is_permanent", True):
            open_replies.discard(subject)
        if not open_replies:
            break
    return events


async def report(opened: Opened, said: list[Hear]) -> str:
    events = await until_all_ended(opened.engine, said)
    await opened.engine.read.wait_for(await opened.engine.log.last_position(), timeout_s=CAUGHT_UP_TIMEOUT_S)
    verified = await opened.replay.verify()
    return json.dumps({"events": events, "differences": verified.differences})


async def work(directory: Path, seed: int, messages: int) -> str:
    async with Root(Settings.from_environment()).opened() as opened:
        said = told(opened.engine, seed, messages)
        await hear_all(opened.engine, said, directory / "acknowledged")
        return await report(opened, said)


def main(directory: Path, seed: int, messages: int) -> None:
    (directory / "report.json").write_text(asyncio.run(work(directory, seed, messages)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
