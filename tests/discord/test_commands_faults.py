"""Whatever happens to the calls that answer a command: it is done once, and whoever asked reads the answer once."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydantic import SecretStr

from adapters.discord.command_line import sync_all
from adapters.discord.rest import rest as rest_module
from adapters.discord.simulated.actors import Actor, Answer
from engine.errors import Misconfigured, ServersUnavailable
from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLBACK = r"/interactions/\d+/[^/]+/callback"
ORIGINAL = r"/webhooks/\d+/[^/]+/messages/@original"
FOLLOW_UP = r"/webhooks/\d+/[^/]+"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("faults")) as scene:
        await scene.register_commands()
        yield scene


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_module, "PAUSES_S", (0.001, 0.001, 0.001))


async def template(scene: Scene, alice: Actor) -> Answer:
    """A command whose answer comes with a file."""
    return await (await alice.slash("character template", scene.channel())).finished()


@pytest.mark.parametrize("path", [CALLBACK, ORIGINAL])
@pytest.mark.parametrize("how", ["cut before", "cut after", "500", "502", "503", "429"])
async def test_a_command_is_answered_once_whatever_becomes_of_its_calls(scene: Scene, path: str, how: str) -> None:
    faults, alice = scene.discord.faults, scene.somebody()
    match how.split():
        case ["cut", "before"]:
            struck = faults.abort_before("POST|PATCH", path, times=2)
        case ["cut", "after"]:
            struck = faults.abort_after_commit("POST|PATCH", path, times=2)
        case ["429"]:
            struck = faults.rest("POST|PATCH", path, status=429, retry_after_s=0.01, times=2)
        case _:
            struck = faults.rest("POST|PATCH", path, status=int(how), times=2)
    answer = await template(scene, alice)
    await scene.discord.until(lambda: struck.struck == 2)
    assert len(answer.files) == 1


async def test_a_dashboard_s_refusal_whose_fate_is_unknown_is_not_said_twice(scene: Scene) -> None:
    alice = scene.somebody()
    form = await alice.slash("character create", scene.channel())
    filled = {"Name": "Quill", "Short name: a-z, 0-9, hyphens": "quill-the-second"}
    made = await (await alice.submit(form, filled)).finished()
    section = await alice.select(made.message, "Change a section", "Identity")
    asked = len(scene.discord.journal.asked("POST", FOLLOW_UP))
    struck = scene.discord.faults.abort_after_commit("POST", FOLLOW_UP)
    await alice.submit(section, {"Short name, for mentions": "9!"})
    await scene.discord.until(lambda: struck.struck == 1)
    await scene.discord.until(lambda: "Only you may talk to it" in made.as_text())
    await alice.click(made.message, "For everyone")
    await scene.discord.until(lambda: "Everyone may talk to it" in made.as_text())
    assert len(scene.discord.journal.asked("POST", FOLLOW_UP)) == asked + 1


async def test_commands_are_not_registered_by_a_wrong_token_or_without_discord_and_it_is_said_so(scene: Scene) -> None:
    settings = scene.opened.settings
    for wrong, error in (
        ({"discord_token": SecretStr("wrong")}, Misconfigured),
        ({"discord_api_base": "http://127.0.0.1:9/api/v10"}, ServersUnavailable),
    ):
        with pytest.raises(Misconfigured) as raised:
            await sync_all(settings.model_copy(update=wrong), lambda _: None, dry_run=False)  # type: ignore[arg-type, return-value]
        assert type(raised.value) is error
        assert scene.bot.token not in raised.value.message
