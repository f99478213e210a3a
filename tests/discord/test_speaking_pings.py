"""Nobody is pinged by what a character says, however a mention was smuggled into text, name or card."""

from collections.abc import AsyncIterator
from itertools import count, product

import pytest

from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from engine.ports import Footer
from tests.discord.speaking_scene import Scene, posting, scene

# {user}, {role}: their ids. Alice is a member with that role, so each of these would sound on her side.
MENTIONS = (
    "@everyone",
    "@here",
    "<@{user}>",
    "<@!{user}>",
    "<@&{role}>",
    "**@everyone**",
    "||@here||",
    "> @everyone",
    "-# <@{user}>",
    "[@everyone](https://example.org)",
    "\\@everyone",
    "@\u200beveryone @everyone",
    "`@everyone` @everyone",
    "```\n@here\n``` @here",
    "@everyone\n" * 20 + "@here",
    "<@{user}>" * 50,
    "<@{user}> <@&{role}> @everyone @here",
    "{{user}} <@{user}>",
    "</say:1> <@{user}> <#1> <t:0:R>",
)
WAYS = ("text", "name", "footer", "long", "failure", "name and text")
PERMISSIONS = {
    "by webhook": EVERYDAY | Permission.MANAGE_WEBHOOKS | Permission.MENTION_EVERYONE,
    "plainly": EVERYDAY | Permission.MENTION_EVERYONE,
}


@pytest.fixture(params=PERMISSIONS)
async def harbour(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    async with scene(permissions=PERMISSIONS[request.param]) as it:
        it.discord.rate_limits.is_on = False
        yield it


async def test_no_smuggled_mention_pings_anybody(harbour: Scene) -> None:
    role = harbour.harbour.role("crew", is_mentionable=True)
    bob = harbour.harbour.member("bob", roles=[role])
    cases = list(product(MENTIONS, WAYS))
    nonces = count()
    assert len(cases) >= 100
    for mention, way in cases:
        smuggled = mention.format(user=bob.id, role=role.id)
        is_named = "name" in way
        texts = {
            "name": ("Aye.",),
            "footer": ("Aye.",),
            "long": harbour.postman.split(f"{'word ' * 500}{smuggled}"),
        }.get(way, (smuggled,))
        for number, text in enumerate(texts):
            await harbour.postman.post(
                posting(
                    harbour.tavern,
                    text,
                    chunk=number,
                    chunks=len(texts),
                    character_name=smuggled if is_named else "Lyra",
                    footer=Footer(model=smuggled if way == "footer" else None),
                    is_failure=way == "failure",
                    nonce=f"n-{next(nonces)}",
                )
            )
    seen = bob.sees(harbour.tavern)
    assert len(seen) >= len(cases)
    assert [each.content for each in seen if each.pings_me] == []


async def test_a_mention_that_people_write_does_ping_so_that_the_test_above_can_fail(harbour: Scene) -> None:
    bob = harbour.harbour.member("bob")
    await harbour.alice.say(harbour.tavern, f"<@{bob.id}>")
    assert bob.sees(harbour.tavern)[-1].pings_me
