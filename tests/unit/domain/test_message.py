from typing import Any

import pytest

from engine.domain import ERASED, Message
from engine.errors import Invalid
from tests.builders import (
    AT,
    CHARACTER_TOKEN,
    MESSAGE,
    PERSON_TOKEN,
    QUOTE,
    REPLY,
    attachment,
    message_deleted,
    message_edited,
    message_erased,
    message_heard,
)
from tests.unit.given import after, given


def hear(_: object, **changed: object) -> Message:
    heard: dict[str, object] = {
        "person": PERSON_TOKEN,
        "text": "Ahoy!",
        "tokens": 2,
        "addresses": ("lyra",),
        "is_private": False,
        "in_reply_to": None,
    }
    return Message.hear(MESSAGE, at=AT, **heard | changed)


def test_a_message_is_heard() -> None:
    given().when(hear).then(message_heard(text="Ahoy!", tokens=2, is_private=False))


def test_a_message_that_answers_another_says_so() -> None:
    given().when(lambda _: hear(_, in_reply_to="message.terminal-1.7")).then(
        message_heard(text="Ahoy!", tokens=2, is_private=False, in_reply_to="message.terminal-1.7")
    )


def test_a_character_that_is_addressed_twice_is_asked_once_in_the_order_of_asking() -> None:
    given().when(lambda _: hear(_, addresses=("orin", "lyra", "orin"))).then(
        message_heard(text="Ahoy!", tokens=2, is_private=False, addresses=("orin", "lyra"))
    )


def test_an_edit_carries_the_whole_message() -> None:
    heard = message_heard(text="Ahoy!", addresses=("lyra", "orin"), is_private=False, in_reply_to="message.x.1")

    given(heard).when(lambda it: it.edit(text="Ahoy there!", tokens=3, heard_position=5, at=AT)).then(
        message_edited(
            text="Ahoy there!",
            tokens=3,
            addresses=("lyra", "orin"),
            is_private=False,
            heard_at=heard.timestamp,
            heard_position=5,
            in_reply_to="message.x.1",
        )
    )


def test_a_second_edit_keeps_when_and_where_it_was_heard() -> None:
    past = [message_heard(), message_edited(text="Ahoy!", heard_position=5, at=AT.replace(day=23))]
    given(*past).when(lambda it: it.edit(text="Aye!", tokens=2, heard_position=9, at=AT)).then(
        message_edited(text="Aye!", tokens=2, heard_at=AT, heard_position=5)
    )


def test_an_edit_alone_says_everything_about_a_message() -> None:
    heard, edited = message_heard(text="Ahoy!"), message_edited(text="Ahoy there!", version=2)
    whole, rest = after(heard, edited), edited.mutate(None)

    assert vars(rest) | {"_created_on": whole.created_on} == vars(whole)


def test_an_edit_to_the_same_text_is_no_edit() -> None:
    given(message_heard(text="Ahoy!")).when(
        lambda it: it.edit(text="Ahoy!", tokens=2, heard_position=5, at=AT)
    ).then_nothing_happened()


@pytest.mark.parametrize("gone", [message_deleted(), message_erased()], ids=["deleted", "erased"])
def test_a_message_that_is_gone_is_not_edited(gone: object) -> None:
    given(message_heard(), gone).when(
        lambda it: it.edit(text="Ahoy!", tokens=2, heard_position=5, at=AT)
    ).then_nothing_happened()


def test_a_message_is_deleted() -> None:
    message = given(message_heard()).when(lambda it: it.delete(at=AT)).then(message_deleted())

    assert message.is_gone
    assert message.text is ERASED


@pytest.mark.parametrize("gone", [message_deleted(), message_erased()], ids=["deleted", "erased"])
def test_a_message_that_is_gone_is_not_deleted(gone: object) -> None:
    given(message_heard(), gone).when(lambda it: it.delete(at=AT)).then_nothing_happened()


@pytest.mark.parametrize("reason", ["deleted", "asked", "expired"])
def test_a_message_is_erased_for_a_reason(reason: str) -> None:
    message = (
        given(message_heard())
        .when(lambda it: it.erase(receipt="r9", reason=reason, at=AT))
        .then(message_erased(receipt="r9", reason=reason))
    )

    assert message.is_gone
    assert (message.text, message.person) == (ERASED, "")


def test_a_deleted_message_is_erased() -> None:
    given(message_heard(), message_deleted()).when(lambda it: it.erase(receipt="r9", reason="deleted", at=AT)).then(
        message_erased(receipt="r9", reason="deleted")
    )


def test_a_message_is_erased_once() -> None:
    given(message_heard(), message_erased()).when(
        lambda it: it.erase(receipt="r9", reason="asked", at=AT)
    ).then_nothing_happened()


def test_a_tombstone_alone_is_a_message_that_is_gone() -> None:
    message = message_erased(version=3).mutate(None)

    assert message.is_gone
    assert message.version == 3


def test_a_message_says_what_came_with_it_and_why_it_asks() -> None:
    brought: dict[str, Any] = {
        "attachments": (attachment(),),
        "refers_to": (QUOTE, REPLY),
        "asked_by": ("reply", "mention"),
        "addresses": (CHARACTER_TOKEN, "finn"),
    }
    given().when(lambda _: hear(_, **brought)).then(message_heard(text="Ahoy!", tokens=2, is_private=False, **brought))


def test_of_a_character_that_is_asked_twice_the_first_reason_counts() -> None:
    message = hear(None, addresses=("finn", CHARACTER_TOKEN, "finn"), asked_by=("reply", "mention", "activation"))

    assert (message.addresses, message.asked_by) == (("finn", CHARACTER_TOKEN), ("reply", "mention"))


def test_reasons_that_do_not_fit_the_characters_are_refused() -> None:
    given().when(lambda _: hear(_, asked_by=("reply", "mention"))).then_refused(Invalid, "for each")


def test_an_edit_keeps_what_came_with_the_message_unless_it_says_otherwise() -> None:
    heard = message_heard(attachments=(attachment(),), refers_to=(QUOTE,), asked_by=("mention",))
    kept = (
        given(heard)
        .when(lambda it: it.edit(text="Other.", tokens=1, heard_position=1, at=AT))
        .then(
            message_edited(
                text="Other.", tokens=1, attachments=(attachment(),), refers_to=(QUOTE,), asked_by=("mention",)
            )
        )
    )
    assert kept.attachments == (attachment(),)
    given(heard).when(
        lambda it: it.edit(text=heard.text, tokens=1, heard_position=1, at=AT, attachments=(), refers_to=())
    ).then(message_edited(text=heard.text, tokens=1, asked_by=("mention",)))


def test_a_message_that_is_gone_holds_no_attachments() -> None:
    heard = message_heard(attachments=(attachment(),))

    assert after(heard, message_deleted()).attachments is ERASED
    assert after(heard, message_erased()).attachments is ERASED
