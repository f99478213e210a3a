from typing import Any

from adapters.discord.commands.answers import Answer, Choice, said
from adapters.discord.commands.declaring import SERVERS, Asked, Command, Group, Kind, Option
from adapters.discord.commands.registering import difference, registration


async def do(asked: Asked) -> Answer:
    return said(asked.name)


async def complete(asked: Asked, typed: str) -> list[Choice]:
    return [Choice(typed, asked.person)]


CHANNEL = Group(
    "channel",
    "Where characters speak.",
    (
        Command("channel list", "Where somebody is active.", do),
        Command("channel role add", "Let a role do it.", do, options=(Option("who", "Whom", Kind.USER),)),
        Command("channel role remove", "No longer.", do),
    ),
)
HELP = Group("help", "What there is.", (Command("help", "What there is.", do, where=SERVERS),))
LIMIT = Group(
    "limit",
    "How many.",
    (
        Command(
            "limit",
            "How many.",
            do,
            options=(
                Option("n", "A number", Kind.WHOLE_NUMBER, is_required=True, min_value=1, max_value=9),
                Option("of", "Of what", choices=(Choice("Days", "d"),)),
                Option("name", "Whose", complete=complete, max_chars=50),
            ),
        ),
    ),
)


def test_words_of_a_path_become_sub_commands_and_groups_of_them() -> None:
    (channel,) = registration([CHANNEL])
    assert [option["name"] for option in channel["options"]] == ["list", "role"]
    role = channel["options"][1]
    assert role["type"] == 2
    assert [(option["name"], option["type"]) for option in role["options"]] == [("add", 1), ("remove", 1)]


def test_a_command_of_one_word_bears_its_options_itself() -> None:
    (limit,) = registration([LIMIT])
    number, of, name = limit["options"]
    assert (number["type"], number["required"], number["min_value"], number["max_value"]) == (4, True, 1, 9)
    assert of["choices"] == [{"name": "Days", "value": "d"}]
    assert (name["autocomplete"], name["max_length"]) == (True, 50)


def test_a_group_is_offered_wherever_one_of_its_commands_is() -> None:
    channel, help_ = registration([CHANNEL, HELP])
    assert channel["contexts"] == [0, 1]
    assert help_["contexts"] == [0]


def as_discord_keeps_it(command: dict[str, Any]) -> dict[str, Any]:
    """Discord adds ids and leaves out what is false."""
    kept = {name: value for name, value in command.items() if value not in (False, [])}
    return {**kept, "id": "1", "version": "2", "default_member_permissions": None}


def test_what_is_registered_already_is_no_difference() -> None:
    wanted = registration([CHANNEL, LIMIT])
    assert not difference(wanted, [as_discord_keeps_it(command) for command in wanted])


def test_a_difference_names_what_is_added_changed_and_removed() -> None:
    registered = registration([CHANNEL, HELP])
    registered[0]["options"][0]["description"] = "Something else."
    found = difference(registration([CHANNEL, LIMIT]), registered)
    assert (found.added, found.changed, found.removed) == (("limit",), ("channel",), ("help",))


def test_an_option_that_is_gone_is_a_change() -> None:
    registered = registration([LIMIT])
    registered[0]["options"].append({"type": 3, "name": "old", "description": "x"})
    assert difference(registration([LIMIT]), registered).changed == ("limit",)
