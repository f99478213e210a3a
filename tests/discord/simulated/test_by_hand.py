"""The page for trying by hand, and the simulator alone from the command line."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import aiohttp
import nextcord
import pytest

from adapters.discord.simulated.actors import ImpossibleAct
from adapters.discord.simulated.by_hand.acting import ByHand, command_line
from adapters.discord.simulated.by_hand.page import PREFIX


class Browser:
    def __init__(self, session: aiohttp.ClientSession, base: str, me: str, here: int) -> None:
        self._session = session
        self.base = base
        self.me = me
        self.here = str(here)

    async def look(self) -> str:
        async with self._session.get(self.base, params={"as": self.me, "in": self.here}) as response:
            assert response.status == 200
            return unescape(await response.text())

    async def act(self, act: str, **form: str) -> str:
        filled = {"as": self.me, "in": self.here, "act": act} | form
        async with self._session.post(self.base, data=filled) as response:
            assert response.status == 200
            return unescape(await response.text())


@pytest.fixture
async def browser(scene: Any) -> AsyncIterator[Browser]:
    scene.harbour.member("alice")
    scene.discord.serve_beside(PREFIX, ByHand(scene.discord).answer)
    async with aiohttp.ClientSession() as session:
        yield Browser(session, scene.discord.base + PREFIX, "alice", scene.tavern.id)


async def test_one_says_something_and_sees_it(scene: Any, browser: Browser) -> None:
    shown = await browser.act("say", text="<b>hello</b>")

    assert [each.content for each in scene.tavern.messages] == ["<b>hello</b>"]
    assert "<b>hello</b>" in shown
    assert "#tavern" in shown
    assert "@Tzurot" in shown


async def test_what_is_impossible_is_said(browser: Browser) -> None:
    assert 'class="told"' in await browser.act("slash", text="/nowhere")


async def test_a_button_opens_a_modal_that_is_filled_in(scene: Any, bot: Any, browser: Browser) -> None:
    answered: list[str] = []

    async def on_interaction(interaction: nextcord.Interaction[Any]) -> None:
        if interaction.type is nextcord.InteractionType.component:
            name = {"type": 4, "style": 1, "label": "Name", "custom_id": "name"}
            modal = {"title": "Sign the book", "custom_id": "book", "components": [{"type": 1, "components": [name]}]}
            path = "/interactions/{interaction_id}/{token}/callback"
            ids = {"interaction_id": interaction.id, "token": interaction.token}
            route = nextcord.http.Route("POST", path, **ids)
            await bot.client.http.request(route, json={"type": 9, "data": modal}, auth=None)
        else:
            answered.append(interaction.data["components"][0]["components"][0]["value"])
            await interaction.response.send_message("signed", ephemeral=True)

    bot.client.event(on_interaction)
    button = {"type": 2, "style": 1, "label": "Sign", "custom_id": "sign"}
    route = nextcord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=scene.tavern.id)
    book = {"content": "The guest book", "components": [{"type": 1, "components": [button]}]}
    sent = await bot.client.http.request(route, json=book)

    assert "Sign" in await browser.look()
    assert "Sign the book" in await browser.act("click", message=sent["id"], custom_id="sign")
    shown = await browser.act("submit", **{"field.name": "Alice of the Pier"})

    assert answered == ["Alice of the Pier"]
    assert "signed" in shown


def test_a_command_is_read_as_it_is_typed() -> None:
    assert command_line('/character view name="The Lamp" page=2') == (
        "character view",
        {"name": "The Lamp", "page": "2"},
    )
    with pytest.raises(ImpossibleAct):
        command_line('/character view name="The Lamp')


async def test_it_runs_alone_from_the_command_line() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.discord.simulated", "--port", "0", "--token", "chosen"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        welcome = (await asyncio.wait_for(process.stdout.readuntil(b"Ctrl-C"), 20)).decode()
        address = re.search(r"http://\S+/api/v10", welcome)
        assert address is not None
        headers = {"Authorization": "Bot chosen"}
        async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{address[0]}/users/@me") as found:
            assert (await found.json())["username"] == "Tzurot"
    finally:
        process.terminate()
        await process.wait()
