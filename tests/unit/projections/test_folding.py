"""Folding is pure: what cancels out within a batch is never written, and values reach Postgres as they are."""

from datetime import UTC, datetime

from engine.domain import ERASED
from engine.domain.ids import reply_id
from projections.board import Board
from projections.conversation import fold_conversation
from projections.history import HistoryProjection
from projections.memory import MemoryProjection
from projections.opening import ALL
from projections.projection import code_hash, columns, json_text, storable
from projections.source import Fact
from projections.writing import fold
from tests.builders import attachment
from tests.fakes.conversations import Script


def facts(*events: object) -> list[Fact]:
    return [Fact(position, event) for position, event in enumerate(events, start=1)]  # type: ignore[arg-type]


def test_what_was_said_and_erased_in_one_batch_is_never_written() -> None:
    script = Script()
    turn = script.turn(1, "a secret", "kept")
    batch = facts(*turn, script.erase(turn[0].originator_id))
    for projection in (HistoryProjection(), MemoryProjection()):
        (write,) = projection.fold(batch)
        assert "secret" not in repr(write)
        assert write.parameters == {"ids": [turn[0].originator_id]}


def test_a_batch_says_where_words_were_last_taken_off_the_log() -> None:
    script = Script()
    turn = script.turn(1, "hello", "hi")
    assert fold([], facts(*turn)).removal is None
    assert fold([], facts(*turn, script.erase(turn[0].originator_id), script.clear())).removal == len(turn) + 1


def test_a_message_edited_in_its_own_batch_is_written_once() -> None:
    script = Script()
    heard = script.hear(1, "helo")
    (message,) = fold_conversation(facts(heard, script.edit(heard, "hello"))).heard
    assert (message.text, message.version, message.position, message.at) == ("hello", 2, 1, heard.timestamp)


def test_a_message_described_in_its_own_batch_is_written_once_with_its_words() -> None:
    script = Script()
    heard = script.hear(1, "Look!", attachments=(attachment(),))
    batch = fold_conversation(facts(heard, script.describe(heard, a1="A lighthouse.")))
    (message,) = batch.heard
    assert (message.text, message.version) == ("Look!\n[image: sunset.png: A lighthouse.]", 2)
    assert (message.position, message.at, batch.described) == (1, heard.timestamp, {})


def test_of_what_was_described_and_then_edited_or_deleted_in_a_batch_only_that_is_written() -> None:
    script = Script()
    heard = script.hear(1, "Look!", attachments=(attachment(),))
    described = script.describe(heard, a1="A lighthouse.")
    assert list(fold_conversation(facts(described)).described) == [heard.originator_id]
    for after in (script.edit(heard, "hello"), script.delete(heard.originator_id), script.erase(heard.originator_id)):
        assert fold_conversation(facts(described, after)).described == {}


def test_a_reply_started_again_keeps_only_its_last_beginning() -> None:
    script = Script()
    heard = script.hear(1, "hello")
    started = script.start(heard)
    script.persona = "wise"
    batch = fold_conversation(facts(heard, started, script.fail(started.originator_id), script.start(heard)))
    reply = reply_id(heard.originator_id, "lyra")
    assert batch.gone_replies == {reply}
    assert batch.replies[reply].persona == "wise"


def test_nothing_that_concerns_it_is_nothing_to_write() -> None:
    script = Script()
    for projection in ALL:
        if projection.name not in ("audit", "awaited", "posts"):
            assert projection.fold(facts(script.post("reply.terminal-1.1.lyra.1"))) == []


def test_arrays_are_written_as_postgres_reads_them() -> None:
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    rows = [('say "hi"', 1, True, at), ("back\\slash, {brace}", 2, False, None), ("", 3, None, at)]
    assert columns(rows) == [
        '{"say \\"hi\\"","back\\\\slash, {brace}",""}',
        "{1,2,3}",
        "{t,f,NULL}",
        "{2026-11-22T12:00:00+00:00,NULL,2026-11-22T12:00:00+00:00}",
    ]


def test_nul_is_the_one_character_that_is_replaced() -> None:
    assert storable("a\x00b\u0001") == "a\ufffdb\u0001"
    assert json_text({"a\x00": ["\x00", {"b": "\\u0000"}]}) == '{"a\ufffd":["\ufffd",{"b":"\\\\u0000"}]}'


def test_each_projection_has_its_own_name_and_code() -> None:
    assert len({projection.name for projection in ALL}) == len(ALL)
    assert len({code_hash(projection) for projection in ALL}) == len(ALL)


async def test_the_board_wakes_those_whose_position_is_reached() -> None:
    board = Board()
    board.report(5)
    await board.reached(5)
    board.report(3)
    assert board.position == 5


def test_a_quote_whose_authors_key_was_destroyed_holds_no_words() -> None:
    quoted = (
        Script()
        .quote(7, "a secret", author="Zoe")
        .model_copy(update={"text": ERASED, "author": ERASED, "attachments": ERASED})
    )
    (quote,) = fold_conversation(facts(quoted)).quotes.values()
    assert (quote.text, quote.author) == (None, None)


def test_what_was_quoted_and_erased_in_one_batch_is_never_written() -> None:
    script = Script()
    quoted = script.quote(7, "a secret")
    (write,) = HistoryProjection().fold(facts(quoted, script.erase_quote(quoted.originator_id)))
    assert "secret" not in repr(write)


def test_words_that_are_quoted_anew_take_the_former_ones_off_the_log() -> None:
    script = Script()
    first, second = script.quote(7, "words"), script.quote(7, "other words")
    assert fold([], facts(first)).removal is None
    assert fold([], facts(first, second)).removal == 2
