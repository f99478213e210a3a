import asyncio

import orjson

from adapters.benchmarks.slow_model import answer, number_in, slow_model


def test_a_request_is_about_the_message_that_was_said_last() -> None:
    history = [{"role": "user", "content": "and #7?"}, {"role": "assistant", "content": "Aye. #7"}]
    asked = {"role": "user", "content": "alice: are there #3 lamps? #12"}
    assert number_in(orjson.dumps({"messages": [*history, asked]})) == 12


def test_an_answer_is_a_stream_that_ends_with_the_messages_number() -> None:
    body = answer(12).partition(b"\r\n\r\n")[2]
    events = [event.removeprefix(b"data: ") for event in body.strip().split(b"\n\n")]
    assert events.pop() == b"[DONE]"
    chunks = [orjson.loads(event) for event in events]
    said = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert said.strip().endswith("#12")
    assert chunks[-1]["usage"]["completion_tokens"] > 0


async def test_times_are_those_of_the_first_byte_in_and_the_last_byte_out() -> None:
    clock = iter((1.0, 2.0, 3.0, 4.0))
    body = orjson.dumps({"messages": [{"role": "user", "content": "hello #5"}]})
    request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    async with slow_model(0.0, lambda: next(clock)) as model:
        port = int(model.base_url.removesuffix("/v1").rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(request)
            await reader.readuntil(b"[DONE]\n\n")
        writer.close()
        await writer.wait_closed()
        asked = model.asked[5]
    assert (asked.at_s, asked.answered_s, asked.calls) == (1.0, 4.0, 2)
