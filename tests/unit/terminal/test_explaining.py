from typing import Any

import pytest

from adapters.terminal.explaining import Because, explain
from adapters.terminal.screen import Screen
from engine.domain.because import Because as Recorded
from engine.domain.because import Used
from engine.errors import Invalid
from engine.ports import ChatMessage
from engine.why import Explanation


def an_explanation(**changes: Any) -> Explanation:
    used = Used(id="x.1", version=1)
    recorded = Recorded(
        renderer=1,
        at="2031-05-04T12:00:00+00:00",
        timezone="UTC",
        is_private=True,
        character=used,
        person=used,
        persona=used,
        message=used,
        model="offline",
        prompt_hash="a" * 32,
    )
    fields: dict[str, Any] = {
        "reply": "reply.terminal-a.1.lyra.1",
        "state": "delivered",
        "text": "Aye.",
        "settings": {"temperature": {"value": 0.3, "source": "character"}},
        "history": ({"id": "m", "version": 1, "kind": "message", "name": None, "text": "What I said before"},),
        "memories": (
            {"id": "memory.1", "reply": "r", "said": "S", "answered": "A", "edited": None, "scores": {"lexical": 0.25}},
        ),
        "tokens": {"fixed": 12},
        "usage": {"prompt_tokens": 13},
        "model": "offline",
        "answered_by": "offline",
        "prompt": (ChatMessage("system", "# Character"),),
        "prompt_hash": "a" * 32,
        "rebuilt_hash": "a" * 32,
        "match": True,
        "erased": (),
        "because": recorded,
    }
    return Explanation(**{**fields, **changes})


def test_its_json_has_every_part() -> None:
    document = Because(an_explanation()).as_json()
    asked = {"settings", "history", "memories", "tokens", "prompt_hash", "rebuilt_hash", "match", "erased"}
    assert asked <= document.keys()
    assert document["settings"]["temperature"]["source"] == "character"
    assert document["match"] is True
    assert document["erased"] == []


def test_people_see_settings_with_source_turns_memories_scores_and_the_prompt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen().show(Because(an_explanation()))
    out = capsys.readouterr().out
    for shown in ("temperature", "character", "What I said before", "lexical 0.25", "# Character", "Yes:"):
        assert shown in out


def test_what_was_erased_since_is_named_with_its_receipt(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show(Because(an_explanation(match=False, rebuilt_hash="b" * 32, erased=("receipt-1",))))
    out = capsys.readouterr().out
    assert "No longer" in out
    assert "receipt-1" in out


def test_an_erased_reply_says_that_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show(Because(an_explanation(state="erased", text="[erased]", because=None, erased=("receipt-1",))))
    assert "It was erased: receipt receipt-1." in capsys.readouterr().out


def test_where_no_request_was_answered_nothing_is_said_to_match_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    failed = Because(an_explanation(state="failed", text="Too slow: try again.", because=None, match=None))
    assert failed.as_json()["match"] is None
    Screen().show(failed)
    out = capsys.readouterr().out
    assert "failed: Too slow: try again." in out
    assert "No prompt was answered" in out
    assert "No longer" not in out


def test_of_a_memory_that_its_person_put_in_other_words_only_those_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    memory: dict[str, Any] = {
        "id": "memory.1",
        "reply": "r",
        "said": None,
        "answered": None,
        "edited": "It was red.",
        "scores": {},
    }
    Screen().show(Because(an_explanation(memories=(memory,))))
    out = capsys.readouterr().out
    assert "It was red." in out
    assert "None" not in out


async def test_a_reply_has_to_be_named_outside_a_chat() -> None:
    log: Any = None
    with pytest.raises(Invalid, match="Say which reply"):
        await explain(None, log, None)
