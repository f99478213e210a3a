"""Emojis of an application through the real client: made, listed, served by the CDN, refused where Discord would."""

import base64
from typing import Any

import aiohttp
import nextcord
import pytest
from nextcord.http import Route

from adapters.discord.simulated.rest.application_emojis import LARGEST_BYTES, MOST
from adapters.discord.simulated.world.guilds import Emoji

WEBP = b"RIFF\x04\x00\x00\x00WEBP"


def image(data: bytes = WEBP, kind: str = "image/webp") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


async def ask(bot: Any, method: str, emoji: object = None, **body: Any) -> Any:
    path = "/applications/{application_id}/emojis" + ("" if emoji is None else "/{emoji_id}")
    route = Route(method, path, application_id=bot.application.id, emoji_id=emoji)
    return await bot.client.http.request(route, **({"json": body} if body else {}))


async def served(scene: Any, emoji: object, extension: str = "webp") -> tuple[int, str, bytes]:
    url = f"{scene.discord.cdn_base}/emojis/{emoji}.{extension}?size=128"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, answer.content_type, await answer.read()


async def test_an_emoji_is_made_listed_renamed_and_deleted(scene: Any, bot: Any) -> None:
    made = await ask(bot, "POST", name="keeper", image=image())
    assert (made["name"], made["animated"], made["user"]["id"]) == ("keeper", False, str(bot.application.user.id))
    assert await ask(bot, "GET") == {"items": [made]}
    assert await ask(bot, "GET", made["id"]) == made

    renamed = await ask(bot, "PATCH", made["id"], name="warden")
    assert renamed == made | {"name": "warden"}
    await ask(bot, "DELETE", made["id"])
    assert await ask(bot, "GET") == {"items": []}


async def test_its_picture_is_at_the_cdn_until_it_is_deleted(scene: Any, bot: Any) -> None:
    made = await ask(bot, "POST", name="keeper", image=image())
    assert await served(scene, made["id"]) == (200, "image/webp", WEBP)
    assert (await served(scene, made["id"], "png"))[0] == 200

    await ask(bot, "DELETE", made["id"])
    assert (await served(scene, made["id"]))[0] == 404


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"image": image()}, "name", "BASE_TYPE_REQUIRED"),
        ({"name": "keeper"}, "image", "BASE_TYPE_REQUIRED"),
        ({"name": "k", "image": image()}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "k" * 33, "image": image()}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "the-keeper", "image": image()}, "name", "STRING_TYPE_REGEX"),
        ({"name": "taken", "image": image()}, "name", "APPLICATION_EMOJI_NAME_ALREADY_TAKEN"),
        ({"name": "keeper", "image": "RIFF"}, "image", "IMAGE_INVALID"),
        ({"name": "keeper", "image": image(kind="image/bmp")}, "image", "IMAGE_INVALID"),
        ({"name": "keeper", "image": "data:image/png;base64,???"}, "image", "IMAGE_INVALID"),
        ({"name": "keeper", "image": image(bytes(LARGEST_BYTES + 1))}, "image", "BINARY_TYPE_MAX_SIZE"),
    ],
)
async def test_a_wrong_emoji_is_refused(scene: Any, bot: Any, body: dict[str, Any], where: str, code: str) -> None:
    await ask(bot, "POST", name="taken", image=image())

    with pytest.raises(nextcord.HTTPException) as refused:
        await ask(bot, "POST", **body)

    assert (refused.value.status, refused.value.code) == (400, 50035)
    last = scene.discord.journal.exchanges[-1]
    assert last.answer["errors"][where]["_errors"][0]["code"] == code


async def test_an_application_has_two_thousand_at_most(scene: Any, bot: Any) -> None:
    bot.application.emojis |= {number: Emoji(number, f"e{number}") for number in range(MOST)}

    with pytest.raises(nextcord.HTTPException) as refused:
        await ask(bot, "POST", name="keeper", image=image())

    assert (refused.value.status, refused.value.code) == (400, 30008)


async def test_what_belongs_to_another_application_is_out_of_reach(scene: Any, bot: Any) -> None:
    other = scene.discord.application("Other")
    with pytest.raises(nextcord.Forbidden) as refused:
        await bot.client.http.request(Route("GET", "/applications/{application_id}/emojis", application_id=other.id))
    assert refused.value.code == 20012


async def test_an_emoji_that_is_not_there_is_unknown(scene: Any, bot: Any) -> None:
    for method, body in (("GET", {}), ("PATCH", {"name": "keeper"}), ("DELETE", {})):
        with pytest.raises(nextcord.NotFound) as refused:
            await ask(bot, method, 7, **body)
        assert refused.value.code == 10014
