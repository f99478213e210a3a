"""Nobody is pinged by what is heard and explained, nor by an answer to a command, whatever was smuggled into it."""

import json
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
import pytest_asyncio

from adapters.discord.simulated.actors import Actor, File
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAY_PING = {"permissions": EVERYDAY | Permission.MENTION_EVERYONE | Permission.MANAGE_WEBHOOKS}

# {user}, {role}: their ids. Bob is a member with that role, so each of these would sound on his side.
MENTIONS = (
    "@everyone",
    "@here",
    "<@{user}>",
    "<@!{user}>",
    "<@&{role}>",
    "**@everyone**",
    "||<@{user}>||",
    "> @here <@&{role}>",
    "`@everyone` @everyone",
    "@\u200beveryone <@{user}> @everyone",
    "[@everyone](https://example.org/@here)",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("pings"), of_application=MAY_PING) as scene:
        await scene.register_commands()
        scene.discord.rate_limits.is_on = False
        yield scene


def smuggled(scene: Scene) -> tuple[Actor, Sequence[str]]:
    """Somebody, and everything that would ping them."""
    role = scene.harbour.role("crew", is_mentionable=True)
    bob = scene.somebody("bob", roles=[role])
    return bob, [mention.format(user=bob.id, role=role.id) for mention in MENTIONS]


def pinging(scene: Scene, place: BuiltChannel, bob: Actor) -> list[str]:
    return [seen.content for seen in scene.said_by_us(place, bob) if seen.pings_me]


async def test_the_bot_could_ping_so_that_what_follows_can_fail(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody(permissions=Permission.MENTION_EVERYONE)
    bob, mentions = smuggled(scene)
    for mention in mentions:
        await alice.say(tavern, mention)
    assert [seen.pings_me for seen in bob.sees(tavern)] == [True] * len(mentions)


async def test_answers_to_commands_ping_nobody(scene: Scene) -> None:
    tavern, quay = scene.channel(), scene.channel()
    bob, mentions = smuggled(scene)
    mia = scene.somebody("mia", nick="@everyone", permissions=Permission.MANAGE_MESSAGES | Permission.MENTION_EVERYONE)
    cases = 0

    async def use(command: str, **options: object) -> None:
        nonlocal cases
        answer = await (await mia.slash(command, tavern, **options)).finished()
        assert answer.failure is None
        assert not any(each.pings_me for each in (answer.seen, *answer.followups) if each is not None)
        cases += 1

    for number, mention in enumerate(mentions):
        slug = f"smuggler-{number}"
        card = {"name": mention, "slug": slug, "description": mention, "aliases": [mention], "is_public": True}
        await use("character import", file=File(f"{mention}.json".replace("/", ""), json.dumps(card).encode()))
        await use("character import", file=File("c.json", json.dumps({mention: mention}).encode()))
        await use("character chat", character=slug, message=mention)
        await use("character chat", character=slug)
        await use("character view", character=slug)
        await use("character view", character=mention)
        await use("character list")
        await use("character edit", character=slug)
        await use("character export", character=slug)
        await use("channel activate", character=slug)
        await use("channel settings")
        await use("channel list")
        await use("channel deactivate")
        await use("character delete", character=slug)
    assert cases >= 100
    await scene.answers(tavern, seen_by=bob, many=4 * len(mentions))
    assert pinging(scene, tavern, bob) == pinging(scene, quay, bob) == []


async def test_characters_that_answer_ping_nobody(scene: Scene) -> None:
    tavern = scene.channel()
    bob, mentions = smuggled(scene)
    alice = scene.somebody(nick="@everyone <@&1>", permissions=Permission.MENTION_EVERYONE)
    before = scene.model.reply
    try:
        for number, mention in enumerate(mentions):
            scene.model.reply = f"{mention} says {mention}"
            name = f"Ping {number}"
            await scene.character(name, aliases=[mention], error_message=mention)
            said = await alice.say(tavern, f"@{name}, {mention}", files=[File(f"{number}-@everyone.png")])
            await alice.edit(said, f"@{name}, once more: {mention}")
            answered = await scene.answers(tavern, seen_by=bob, many=2 * number + 1)
            await bob.say(tavern, f"And? {mention}", reply_to=answered[-1])
            await scene.answers(tavern, seen_by=bob, many=2 * number + 2)
    finally:
        scene.model.reply = before
    assert pinging(scene, tavern, bob) == []


async def test_what_is_explained_pings_nobody(scene: Scene) -> None:
    bob, mentions = smuggled(scene)
    alice = scene.somebody(nick="@here", permissions=Permission.MENTION_EVERYONE)
    explained: list[Callable[[BuiltChannel], str]] = [
        lambda _: f"{scene.bot.user.mention} help",
        lambda _: "hello?",
    ]
    own = [await scene.character(each, of=alice, slug=f"hidden-{n}") for n, each in enumerate(mentions)]
    for mention, hidden in zip(mentions, own, strict=True):
        for what in explained:
            tavern = scene.channel()
            await scene.activate(tavern, hidden, by=alice)
            await bob.say(tavern, f"{what(tavern)} {mention}")
            await scene.answers(tavern, seen_by=bob)
            assert pinging(scene, tavern, bob) == []
        quiet = scene.channel()
        await alice.say(quiet, f"{scene.bot.user.mention} {mention}")
        [helped] = await scene.answers(quiet, seen_by=bob)
        assert "@" in helped.content
        assert pinging(scene, quiet, bob) == []
