from adapters.discord.commands.catalogue import GROUPS
from tests.discord.commands_shown import PAGE, STEPS, commands_shown


def test_every_command_is_shown() -> None:
    assert set(STEPS) == {command.path for group in GROUPS for command in group.commands}


async def test_the_page_shows_what_people_see() -> None:
    assert PAGE.read_text("utf-8") == await commands_shown(), "write it: python -m tests.discord.commands_shown"
