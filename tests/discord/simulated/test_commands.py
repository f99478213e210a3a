"""Registering application commands over REST, as nextcord and a deploy step do it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import nextcord
import pytest
from nextcord import Interaction, SlashOption

from adapters.discord.simulated.clock import VirtualClock
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from tests.discord.simulated.nextcord_client import agrees, connected, new_client

type Json = dict[str, Any]


@dataclass(slots=True)
class Rest:
    """Bare requests with the bot's token."""

    discord: SimulatedDiscord
    bot: Application
    session: aiohttp.ClientSession
    guild_id: int | None = None

    async def ask(self, method: str, path: str = "", body: Any = None, **query: str) -> tuple[int, Any]:
        scope = "" if self.guild_id is None else f"/guilds/{self.guild_id}"
        url = f"{self.discord.api_base}/applications/{self.bot.id}{scope}/commands{path}"
        headers = {"Authorization": f"Bot {self.bot.token}"}
        async with self.session.request(method, url, json=body, params=query, headers=headers) as answer:
            return answer.status, await answer.json() if answer.content_length else None

    async def problems(self, body: Json) -> set[tuple[str, str]]:
        """Where Discord finds what wrong with a command that it refuses."""
        status, answer = await self.ask("POST", body=body)
        assert (status, answer["code"]) == (400, 50035)
        return set(_leaves(answer["errors"]))


def _leaves(tree: Json, path: str = "") -> list[tuple[str, str]]:
    found = [(path, each["code"]) for each in tree.get("_errors", ())]
    for name, inner in tree.items():
        if name != "_errors":
            found += _leaves(inner, f"{path}.{name}".lstrip("."))
    return found


def option(name: str = "text", **fields: Any) -> Json:
    return {"type": 3, "name": name, "description": "An option"} | fields


def command(name: str = "hello", **fields: Any) -> Json:
    return {"name": name, "description": "A command"} | fields


@pytest.fixture
async def rest() -> AsyncIterator[Rest]:
    clock = VirtualClock(datetime.now(UTC))
    async with SimulatedDiscord(clock=clock) as discord, aiohttp.ClientSession() as session:
        discord.rate_limits.is_on = False
        yield Rest(discord, discord.application("Tzurot"), session)
        agrees(discord)


async def test_registering_a_name_again_keeps_its_id_and_a_new_version_tells_of_the_change(rest: Rest) -> None:
    created, first = await rest.ask("POST", body=command())
    unchanged, same = await rest.ask("POST", body=command())
    _, changed = await rest.ask("POST", body=command(description="Better"))
    _, listed = await rest.ask("GET", with_localizations="true")

    assert (created, unchanged) == (201, 200)
    assert same == first
    assert changed["id"] == first["id"]
    assert int(changed["version"]) > int(first["version"])
    assert listed == [changed]
    assert (first["contexts"], first["integration_types"], first["nsfw"]) == (None, [0], False)


async def test_names_are_unique_by_type_and_scope_only(rest: Rest) -> None:
    guild = rest.discord.guild("Harbour")
    in_guild = Rest(rest.discord, rest.bot, rest.session, guild.id)
    await rest.ask("POST", body=command())
    await rest.ask("POST", body={"name": "hello", "type": 2})
    status, _ = await in_guild.ask("POST", body=command())
    twice, refused = await rest.ask("PUT", body=[command(), command()])

    assert status == 201
    assert len((await rest.ask("GET"))[1]) == 2
    assert (twice, refused["code"]) == (400, 50035)
    assert _leaves(refused["errors"]) == [("1.name", "APPLICATION_COMMANDS_DUPLICATE_NAME")]


async def test_the_bulk_call_replaces_everything_and_keeps_the_ids_of_what_stays(rest: Rest) -> None:
    _, [kept, renamed, gone] = await rest.ask("PUT", body=[command("kept"), command("old"), command("gone")])
    status, after = await rest.ask("PUT", body=[command("kept"), command("new", id=renamed["id"]), command("fresh")])

    assert status == 200
    assert [each["id"] for each in after[:2]] == [kept["id"], renamed["id"]]
    assert after[0] == kept
    assert after[2]["id"] not in {kept["id"], renamed["id"], gone["id"]}
    assert [each["name"] for each in (await rest.ask("GET"))[1]] == ["kept", "new", "fresh"]


async def test_a_command_is_fetched_changed_and_deleted_by_its_id(rest: Rest) -> None:
    _, made = await rest.ask("POST", body=command(options=[option()]))
    await rest.ask("POST", body=command("other"))
    path = f"/{made['id']}"

    assert await rest.ask("GET", path) == (200, made)
    status, changed = await rest.ask("PATCH", path, {"description": "Better", "default_member_permissions": "32"})
    assert (status, changed["description"], changed["options"]) == (200, "Better", made["options"])
    assert changed["default_member_permissions"] == "32"
    taken, _ = await rest.ask("PATCH", path, {"name": "other"})
    assert taken == 400
    assert await rest.ask("DELETE", path) == (204, None)
    missing, unknown = await rest.ask("GET", path)
    assert (missing, unknown["code"]) == (404, 10063)


async def test_a_list_shows_the_localization_that_is_asked_for_or_all(rest: Rest) -> None:
    body = command(name_localizations={"de": "hallo"}, options=[option(name_localizations={"de": "wort"})])
    await rest.ask("POST", body=body)
    _, [short] = await rest.ask("GET")
    _, [whole] = await rest.ask("GET", with_localizations="true")

    assert "name_localizations" not in short
    assert whole["name_localizations"] == {"de": "hallo"}
    assert whole["options"][0]["name_localizations"] == {"de": "wort"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (command("Hello"), ("name", "APPLICATION_COMMAND_INVALID_NAME")),
        (command("two words"), ("name", "APPLICATION_COMMAND_INVALID_NAME")),
        (command("x" * 33), ("name", "BASE_TYPE_BAD_LENGTH")),
        ({"name": "hello"}, ("description", "BASE_TYPE_REQUIRED")),
        (command(description="x" * 101), ("description", "BASE_TYPE_BAD_LENGTH")),
        (command(surprise=1), ("surprise", "UNKNOWN_FIELD")),
        (command(name_localizations={"xx": "hi"}), ("name_localizations.xx", "ENUM_TYPE_COERCE")),
        (command(type=4), ("type", "BASE_TYPE_CHOICES")),
        ({"name": "Menu", "type": 3, "options": [option()]}, ("options", "APPLICATION_COMMAND_INVALID_OPTIONS")),
        (command(options=[option(str(number)) for number in range(26)]), ("options", "BASE_TYPE_MAX_LENGTH")),
        (
            command(options=[option("a"), option("b", required=True)]),
            ("options.1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
        ),
        (
            command(options=[option("a"), option("a")]),
            ("options.1.name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
        ),
        (command(options=[option("a"), option("b", type=1)]), ("options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")),
        (
            command(options=[option("a", type=1, options=[option("b", type=1)])]),
            ("options.0.options.0.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        ),
        (
            command(options=[option("a", type=2, options=[option("b", type=2)])]),
            ("options.0.options.0.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        ),
        (
            command(options=[option(choices=[{"name": str(each), "value": str(each)} for each in range(26)])]),
            ("options.0.choices", "BASE_TYPE_MAX_LENGTH"),
        ),
        (
            command(options=[option(choices=[{"name": "a", "value": "x" * 101}])]),
            ("options.0.choices.0.value", "BASE_TYPE_MAX_LENGTH"),
        ),
        (
            command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "a"}])]),
            ("options.0.choices", "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES"),
        ),
        (command(options=[option(max_length=6001)]), ("options.0.max_length", "NUMBER_TYPE_MAX")),
        (command(options=[option(min_value=1)]), ("options.0.min_value", "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID")),
        (command(contexts=[3]), ("contexts", "BASE_TYPE_CHOICES")),
    ],
)
async def test_a_wrong_definition_is_refused_where_it_is_wrong(
    rest: Rest, body: Json, problem: tuple[str, str]
) -> None:
    assert problem in await rest.problems(body)
    assert (await rest.ask("GET"))[1] == []


async def test_a_command_counts_8000_characters_in_all_its_longest_localizations(rest: Rest) -> None:
    choices = [{"name": f"{each:02}", "value": "x" * 98} for each in range(25)]
    options = [option(f"{number}", description="y" * 99, choices=choices) for number in range(3)]
    # hello + A command, and three times: one letter, 99 and 25 · 100
    fits = command(options=options, description="z" * 95)
    status, _ = await rest.ask("POST", body=fits)
    assert status == 201
    filled = command(options=[*options, option("3", description="w" * 99)], description="z" * 95)
    assert (await rest.ask("POST", body=filled))[0] == 200  # 100 + 3 · 2600 + 100 = 8000
    over = filled | {"description_localizations": {"de": "z" * 96}}
    assert await rest.problems(over) == {("", "APPLICATION_COMMAND_TOO_LARGE")}


async def test_there_are_100_slash_commands_and_15_of_each_menu(rest: Rest) -> None:
    hundred = [command(f"c{number}") for number in range(100)]
    menu = [{"name": f"Menu {number}", "type": 2} for number in range(15)]
    assert (await rest.ask("PUT", body=hundred + menu))[0] == 200

    for one_more in (command("more"), {"name": "More", "type": 2}):
        status, refused = await rest.ask("POST", body=one_more)
        assert (status, refused["code"]) == (400, 30032)
    assert (await rest.ask("POST", body={"name": "More", "type": 3}))[0] == 201


async def test_200_commands_are_created_in_a_day_deleted_ones_counted(rest: Rest) -> None:
    hundred = [command(f"c{number}") for number in range(100)]
    for _ in range(2):
        assert (await rest.ask("PUT", body=hundred))[0] == 200
        assert (await rest.ask("PUT", body=[]))[0] == 200
    status, refused = await rest.ask("POST", body=command())
    assert (status, refused["code"]) == (400, 30034)

    assert isinstance(rest.discord.clock, VirtualClock)
    rest.discord.clock.advance(timedelta(days=1).total_seconds())
    assert (await rest.ask("POST", body=command()))[0] == 201


async def test_commands_are_an_applications_own_and_a_guild_lets_only_its_members_register(rest: Rest) -> None:
    other = rest.discord.application("Other", joins_guilds=False)
    guild = rest.discord.guild("Harbour")
    _, made = await rest.ask("POST", body=command())

    assert (await Rest(rest.discord, other, rest.session).ask("GET"))[1] == []
    assert (await Rest(rest.discord, other, rest.session).ask("DELETE", f"/{made['id']}"))[0] == 404
    assert (await Rest(rest.discord, other, rest.session, guild.id).ask("POST", body=command()))[0] == 403


async def test_a_bot_may_read_the_permissions_of_commands_but_not_set_them(rest: Rest) -> None:
    guild = rest.discord.guild("Harbour")
    in_guild = Rest(rest.discord, rest.bot, rest.session, guild.id)
    _, made = await in_guild.ask("POST", body=command())

    assert await in_guild.ask("GET", "/permissions") == (200, [])
    assert (await in_guild.ask("GET", f"/{made['id']}/permissions"))[1]["code"] == 10066
    assert (await in_guild.ask("PUT", f"/{made['id']}/permissions", {"permissions": []}))[0] == 403


async def test_nextcord_registers_once_and_finds_its_commands_unchanged_after_a_restart(rest: Rest) -> None:
    def built() -> nextcord.Client:
        client = new_client()

        @client.slash_command(description="Characters", contexts=[nextcord.InteractionContextType.guild])
        async def character(interaction: Interaction) -> None: ...

        @character.subcommand(description="View one")
        async def view(
            interaction: Interaction,
            name: str = SlashOption(required=False, autocomplete=True, max_length=100),
            kind: int = SlashOption(required=False, choices={"one": 1, "two": 2}),
        ) -> None: ...

        return client

    async with connected(rest.discord, rest.bot, built()):
        pass
    [registered] = rest.discord.world.commands.values()
    before = len(rest.discord.journal.exchanges)
    async with connected(rest.discord, rest.bot, built()):
        pass

    assert list(rest.discord.world.commands.values()) == [registered]
    again = [each.method for each in rest.discord.journal.exchanges[before:] if each.path.endswith("/commands")]
    assert again == ["GET"]
