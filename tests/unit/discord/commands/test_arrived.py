import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.commands.arrived import Interaction, arrived
from adapters.discord.commands.declaring import Upload
from engine.errors import Invalid

MEMBER = {"user": {"id": "3", "username": "alice", "global_name": "Alice"}, "nick": None, "permissions": "8192"}


def payload(kind: int, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "token": "t",
        "application_id": "2",
        "type": kind,
        "channel_id": "4",
        "channel": {"id": "4", "type": 0, "parent_id": "40"},
        "guild_id": "5",
        "member": MEMBER,
        "data": data,
        **more,
    }


def test_the_words_of_a_command_are_its_path_and_the_last_ones_options_are_its_options() -> None:
    options = [{"name": "n", "type": 4, "value": 3}, {"name": "name", "type": 3, "value": "sea", "focused": True}]
    nested = [{"name": "role", "type": 2, "options": [{"name": "add", "type": 1, "options": options}]}]
    it = arrived(payload(4, {"name": "channel", "options": nested}))
    assert (it.kind, it.path, it.options, it.focused) == (
        Interaction.TYPING,
        "channel role add",
        {"n": 3, "name": "sea"},
        "name",
    )


def test_who_asks_where_with_what_permissions_is_known() -> None:
    it = arrived(payload(2, {"name": "help"}))
    assert (it.account, it.name, it.channel, it.parent, it.server, it.permissions) == (3, "Alice", 4, None, 5, 8192)


def test_a_thread_belongs_to_a_channel() -> None:
    thread = {"id": "4", "type": 11, "parent_id": "40"}
    assert arrived(payload(2, {"name": "help"}, channel=thread)).parent == 40


def test_a_nickname_is_the_name_that_people_see() -> None:
    assert arrived(payload(2, {"name": "help"}, member={**MEMBER, "nick": "Al"})).name == "Al"


def test_in_a_direct_message_there_is_a_user_and_no_server() -> None:
    direct = payload(2, {"name": "help"}, user={"id": "9", "username": "bob"})
    del direct["member"], direct["guild_id"]
    it = arrived(direct)
    assert (it.account, it.name, it.server, it.permissions) == (9, "bob", None, 0)


def test_a_file_is_an_upload_and_no_option() -> None:
    file = {"id": "7", "filename": "a.json", "url": "https://cdn.test/a", "size": 12}
    data = {
        "name": "import",
        "options": [{"name": "file", "type": 11, "value": "7"}],
        "resolved": {"attachments": {"7": file}},
    }
    it = arrived(payload(2, data))
    assert it.options == {}
    assert it.uploads == {"file": Upload("a.json", "https://cdn.test/a", 12, "")}


def test_a_click_says_on_what_and_a_menu_what_was_chosen() -> None:
    it = arrived(payload(3, {"custom_id": "a::b", "component_type": 3, "values": ["x"]}, message={"id": "8"}))
    assert (it.custom_id, it.values, it.is_on_message) == ("a::b", ("x",), True)


def test_a_form_is_read_in_rows_and_under_labels() -> None:
    rows = [
        {"type": 1, "components": [{"type": 4, "custom_id": "name", "value": "Lyra"}]},
        {"type": 18, "component": {"type": 4, "custom_id": "about", "value": ""}},
    ]
    it = arrived(payload(5, {"custom_id": "a::b", "components": rows}))
    assert it.inputs == {"name": "Lyra", "about": ""}
    assert not it.is_on_message


@pytest.mark.parametrize(
    "broken", [{}, {"type": 1}, payload(99, {}), payload(2, {}), payload(2, {"name": "x"}, id="?")]
)
def test_what_cannot_be_read_is_refused_in_plain_words(broken: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        arrived(broken)


KEYS = (
    "id", "token", "application_id", "type", "channel_id", "channel", "parent_id", "guild_id", "member", "user",
    "username", "nick", "permissions", "data", "name", "options", "value", "focused", "custom_id", "values",
    "components", "component", "resolved", "attachments", "filename", "url", "size", "message",
)  # fmt: skip
anything = st.recursive(
    st.sampled_from(["1", 1, 2, 3, 4, 5, 11, 18, -1, 10**25, "9" * 5_000, "²", "", 1e400, True, None])
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


@settings(max_examples=1_000, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), anything, max_size=8),
    st.sampled_from([{}, *(payload(kind, {"name": "x", "custom_id": "a::b"}) for kind in (2, 3, 4, 5))]),
)
def test_whatever_discord_sends_is_an_interaction_or_is_refused(
    sent: dict[str, Any], laid_over: dict[str, Any]
) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(arrived(laid_over | sent).token, str)


def test_a_form_that_is_nested_without_end_is_refused() -> None:
    nested: dict[str, Any] = {"type": 1}
    for _ in range(5_000):
        nested = {"type": 1, "components": [nested]}
    with pytest.raises(Invalid):
        arrived(payload(5, {"custom_id": "a::b", "components": [nested]}))
