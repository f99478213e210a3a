from typing import Any

import pytest

from adapters.models.accumulator import MOST_TOKENS, Accumulator
from engine.ports import Usage


def chunk(finish: str | None = None, index: int | None = 0, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def heard(*chunks: object) -> Accumulator:
    said = Accumulator()
    for each in chunks:
        said.take(each)
    return said


def test_pieces_add_up() -> None:
    said = heard(chunk(role="assistant", content=""), chunk(content="Hel"), chunk(content="lo"), chunk("stop"))

    assert (said.text, said.finish_reason, said.chunks) == ("Hello", "stop", 4)


def test_only_text_and_reasoning_are_tokens() -> None:
    said = Accumulator()

    assert said.take(chunk(content="a"))
    assert said.take(chunk(reasoning="b"))
    usage: dict[str, Any] = {"choices": [], "usage": {}}
    silents: list[object] = [chunk(content=""), chunk(role="assistant"), chunk("stop"), usage, {}, 7, None]
    for silent in silents:
        assert not said.take(silent)


def test_reasoning_that_is_sent_twice_counts_once() -> None:
    said = heard(chunk(reasoning="hm", reasoning_content="hm", reasoning_details=[{"text": "hm"}]))

    assert said.reasoning == "hm"


def test_a_summary_is_reasoning_and_encrypted_reasoning_is_none() -> None:
    details = [{"type": "reasoning.summary", "summary": "in short"}, {"type": "reasoning.encrypted", "data": "x"}]

    assert heard(chunk(reasoning_details=details)).reasoning == "in short"


def test_other_choices_do_not_count() -> None:
    said = heard(chunk(content="first", index=None), chunk("stop", index=1, content="second"))

    assert (said.text, said.finish_reason) == ("first", None)


def test_content_may_come_in_parts() -> None:
    parts = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hel"}, {"text": "lo"}]

    assert heard(chunk(content=parts)).text == "Hello"


def test_an_unfinished_thought_is_not_said() -> None:
    said = heard(chunk(content="<think>should I"))

    assert (said.text, said.reasoning) == ("", "should I")


def test_a_thought_that_is_spoken_of_later_is_said() -> None:
    assert heard(chunk(content="Write <think>.")).text == "Write <think>."


def test_an_error_is_kept_wherever_it_stands() -> None:
    assert heard({"error": {"code": 1}}).error == {"code": 1}
    assert heard({"error": "broken"}).error == {"message": "broken"}
    assert heard({"choices": [{"error": {"code": 2}}]}).error == {"code": 2}
    assert heard({"error": None}).error is None


def test_the_last_usage_counts() -> None:
    said = heard(
        {"usage": {"prompt_tokens": 1}}, {"usage": {"prompt_tokens": 3, "completion_tokens": 2}}, {"usage": None}
    )

    assert said.usage == Usage(prompt_tokens=3, completion_tokens=2)


def test_a_number_beyond_all_reason_is_cut() -> None:
    said = heard({"usage": {"prompt_tokens": 10**40, "completion_tokens": 2}})

    assert said.usage == Usage(prompt_tokens=MOST_TOKENS, completion_tokens=2)


@pytest.mark.parametrize(
    "odd",
    [
        [],
        "text",
        {"choices": None},
        {"choices": "x"},
        {"choices": [None]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": "x"}]},
        {"choices": [{"delta": {"content": 5, "reasoning": [], "reasoning_details": "x"}}]},
        {"choices": [{"finish_reason": 5}]},
        {"usage": "much", "model": 5},
        {"usage": {"prompt_tokens": "9", "prompt_tokens_details": None}},
    ],
)
def test_what_is_odd_is_passed_over(odd: object) -> None:
    said = heard(odd, chunk("stop", content="ok"))

    assert (said.text, said.finish_reason) == ("ok", "stop")
