import asyncio
from typing import Any

from adapters.terminal.postman import TerminalPostman
from adapters.terminal.waiting import Arrivals, wait_for_reply
from engine.ports import Posting
from tests.builders import AT

MESSAGE = "message.terminal-a.1"
REPLY = "reply.terminal-a.1.lyra.1"


def posting(reply: str) -> Posting:
    return Posting(
        place="terminal-a",
        in_reply_to=MESSAGE,
        character="lyra",
        character_name="Lyra",
        reply=reply,
        text="Aye.",
        chunk=0,
        chunks=1,
        nonce="n-1",
        since=AT,
    )


async def test_a_reply_that_is_handed_over_here_is_seen_at_once(engine: Any, a_reply: Any) -> None:
    arrivals = Arrivals()
    postman = TerminalPostman(arrivals)
    asked_often = asyncio.Event()

    def notice() -> None:
        if engine.log.looks >= 12:  # by now it looks only four times a second
            asked_often.set()

    engine.log.on_look = notice
    waiting = asyncio.create_task(wait_for_reply(engine.log, REPLY, timeout_s=60, arrivals=arrivals))
    await asked_often.wait()
    looks = engine.log.looks
    engine.log.aggregates[REPLY] = a_reply(MESSAGE)
    assert await postman.post(posting(REPLY)) == "n-1"
    found = await waiting
    assert found is engine.log.aggregates[REPLY]
    assert engine.log.looks == looks + 1


async def test_a_reply_that_another_process_delivers_is_found_on_the_log(engine: Any, a_reply: Any) -> None:
    def arrive() -> None:
        if engine.log.looks == 3:
            engine.log.aggregates[REPLY] = a_reply(MESSAGE)

    engine.log.on_look = arrive
    assert await wait_for_reply(engine.log, REPLY, timeout_s=60, arrivals=Arrivals()) is not None


async def test_a_composed_reply_is_waited_for_until_it_is_delivered(engine: Any, a_reply: Any) -> None:
    delivered = a_reply(MESSAGE)
    composed = a_reply(MESSAGE, text=None)
    composed.state = composed.state.COMPOSED
    engine.log.aggregates[REPLY] = composed

    def arrive() -> None:
        if engine.log.looks == 4:
            engine.log.aggregates[REPLY] = delivered

    engine.log.on_look = arrive
    assert await wait_for_reply(engine.log, REPLY, timeout_s=60, arrivals=Arrivals()) is delivered


async def test_nobody_waits_for_ever(engine: Any, a_reply: Any) -> None:
    begun = a_reply(MESSAGE, text=None)
    engine.log.aggregates[REPLY] = begun
    assert await wait_for_reply(engine.log, REPLY, timeout_s=0.02, arrivals=Arrivals()) is begun


async def test_a_post_for_which_nobody_waits_is_no_error() -> None:
    postman = TerminalPostman(Arrivals())
    assert await postman.post(posting(REPLY)) == await postman.post(posting(REPLY))
    await postman.withdraw("terminal-a", "n-1")
    assert postman.split("a\nb") == ("a\nb",)
