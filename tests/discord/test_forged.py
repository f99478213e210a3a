"""What Discord's client would never send: whoever forges it learns nothing and changes nothing.

The simulator's people refuse impossible acts, so the interactions are told to the bot as if a client had sent them.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from adapters.discord.commands.custom_ids import custom_id
from adapters.discord.hearing.recording import place_of_channel
from adapters.discord.simulated.actors import Actor, Answer
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.simulated.interactions.beginning import begin
from adapters.discord.simulated.interactions.kinds import InteractionType
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import Permission
from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLICK, FORM, COMMAND, TYPING = (
    InteractionType.MESSAGE_COMPONENT,
    InteractionType.MODAL_SUBMIT,
    InteractionType.APPLICATION_COMMAND,
    InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("forged")) as scene:
        await scene.register_commands()
        yield scene


async def forge(scene: Scene, by: Actor, where: BuiltChannel, kind: InteractionType, data: Mapping[str, Any]) -> str:
    """What somebody is answered who sends this; "" where they are answered nothing."""
    done = begin(
        scene.discord.world,
        kind,
        application_id=scene.bot.id,
        user=by.user,
        channel=scene.discord.world.channels[where.id],
        data=data,
    )
    await scene.discord.until(lambda: done.answered_with is not None)
    return (await Answer(by, done).finished()).as_text()


def command(*words: str, **options: Any) -> dict[str, Any]:
    given = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
    return {"id": "1", "type": 1, "name": words[0], "options": [{"name": words[1], "type": 1, "options": given}]}


def pressed(id_: str, **more: Any) -> dict[str, Any]:
    return {"custom_id": id_, "component_type": 2, "id": 1, **more}


def ids_on(message: Message | None) -> list[str]:
    assert message is not None
    return [part["custom_id"] for row in message.components for part in row["components"]]


async def test_nobody_activates_or_looks_around_without_the_permission(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    for data in (
        command("channel", "activate", character="thessaly"),
        command("channel", "deactivate"),
        command("channel", "list"),
        command("channel", "settings"),
    ):
        answer = await forge(scene, alice, tavern, COMMAND, data)
        assert "Manage Messages" in answer
        assert "Bramble" not in answer
    for kind, id_ in ((CLICK, "channel::list::::1"), (FORM, "channel::list::::1"), (CLICK, "channel::list")):
        answer = await forge(scene, alice, tavern, kind, pressed(id_, components=[]))
        assert "Manage Messages" in answer
        assert "Bramble" not in answer
    await scene.caught_up()
    [active] = [
        place
        for place in await scene.engine.read.active_places(server=str(scene.harbour.id))
        if place.id == f"place.{place_of_channel(str(tavern.id))}"
    ]
    assert active.fields["character"] == "bramble"


@pytest.mark.parametrize("action", ["activate", "deactivate", "settings", "confirm::x::activate", ""])
async def test_no_button_does_what_only_a_command_does(scene: Scene, action: str) -> None:
    tavern, mia = scene.channel(), scene.somebody("mia", permissions=Permission.MANAGE_MESSAGES)
    answer = await forge(scene, mia, tavern, CLICK, pressed(f"channel::{action}"))
    assert "do not know that command" in answer or "not one of mine" in answer or "custom id" in answer


async def test_nobody_but_who_runs_the_bot_operates_it(scene: Scene) -> None:
    tavern, mia = scene.channel(), scene.somebody("mia", permissions=Permission.ADMINISTRATOR)
    server = str(scene.harbour.id)
    for words in ("ping", "servers", "usage"):
        assert "Only whoever runs this bot" in await forge(scene, mia, tavern, COMMAND, command("admin", words))
    assert "Only whoever" in await forge(scene, mia, tavern, COMMAND, command("admin", "kick", server=server))
    asked = await (await scene.operator.slash("admin kick", tavern, server=server)).finished()
    leave, stay = ids_on(asked.message)
    for id_ in (leave, "admin::servers::::1", "admin::leave", "admin::ping", "admin::kick"):
        for kind in (CLICK, FORM):
            answer = await forge(scene, mia, tavern, kind, pressed(id_, components=[]))
            assert "Harbour" not in answer
    await forge(scene, mia, tavern, CLICK, pressed(stay))
    focused = command("admin", "kick", server="Har")
    focused["options"][0]["options"][0]["focused"] = True
    typed = begin(
        scene.discord.world,
        TYPING,
        application_id=scene.bot.id,
        user=mia.user,
        channel=scene.discord.world.channels[tavern.id],
        data=focused,
        focused_type=3,
    )
    await scene.discord.until(lambda: typed.answered_with is not None)
    assert "Harbour" not in repr(typed)
    await (await scene.operator.click(asked, "Stay")).finished()
    await scene.discord.until(lambda: "Nothing was left" in str([e.description for e in asked.embeds]))


async def test_a_dashboard_serves_nobody_but_whose_it_is(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.character("Hidden Heron", of=alice, description="Nobody knows.")
    [offered] = await alice.autocomplete("character edit", "character", "heron", tavern)
    dashboard = await (await alice.slash("character edit", tavern, character=offered)).finished()
    deletion = await (await alice.slash("character delete", tavern, character=offered)).finished()
    token = custom_id(ids_on(dashboard.message)[0]).key
    row = {"type": 1, "components": [{"type": 4, "custom_id": "name", "value": "Bobs Heron"}]}
    attempts = [
        *(
            (CLICK, pressed(id_, values=["identity"]))
            for message in (dashboard, deletion)
            for id_ in ids_on(message.message)
        ),
        (FORM, {"custom_id": f"character::save::{token}::identity", "components": [row]}),
        (FORM, {"custom_id": f"character::delete::{token}", "components": []}),
        (CLICK, pressed(f"character::visibility::{token}")),
    ]
    for kind, data in attempts:
        answer = await forge(scene, bob, tavern, kind, data)
        assert "Heron" not in answer
        assert "Nobody knows" not in answer
    await scene.caught_up()
    await (await alice.click(dashboard, "Refresh")).finished()
    await scene.discord.until(lambda: "Hidden Heron" in dashboard.as_text() and "Only you" in dashboard.as_text())
    await (await alice.click(deletion, "Keep it")).finished()
    await scene.discord.until(lambda: "Nothing was deleted" in deletion.as_text())


@pytest.mark.parametrize(
    ("kind", "id_", "more"),
    [
        (CLICK, "character::section::{token}", {"values": []}),
        (CLICK, "character::section::{token}", {"values": ["no such section"]}),
        (FORM, "character::save::{token}::no-such-section", {"components": []}),
        (FORM, "character::save::{token}", {"components": []}),
        (CLICK, "character::refresh::>", {}),
        (CLICK, "character::list::::99999999999999999999999999999999999999999999", {}),
        (CLICK, "nothing", {}),
        (CLICK, "::::::", {}),
        (FORM, "character::create", {"components": []}),
    ],
)
async def test_what_is_forged_is_refused_in_plain_words(
    scene: Scene, kind: InteractionType, id_: str, more: dict[str, Any]
) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    slug = (await scene.character("Own Osprey", of=alice)) and "osprey"
    [offered] = await alice.autocomplete("character edit", "character", slug, tavern)
    dashboard = await (await alice.slash("character edit", tavern, character=offered)).finished()
    token = custom_id(ids_on(dashboard.message)[0]).key
    answer = await forge(scene, alice, tavern, kind, {"custom_id": id_.format(token=token), "id": 1, **more})
    assert "went wrong" not in answer
    assert answer


async def test_somebody_elses_private_character_is_as_if_it_were_not_there(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob", permissions=Permission.ADMINISTRATOR)
    hidden = await scene.character("Veiled Vireo", of=alice, aliases=["the veiled"])
    await scene.activate(tavern, hidden, by=alice)
    [offered] = await alice.autocomplete("character view", "character", "vireo", tavern)
    slug = str(getattr(offered, "value", offered))
    words = ("view", "chat", "edit", "settings", "delete", "export")
    answers = [await forge(scene, bob, tavern, COMMAND, command("character", word, character=slug)) for word in words]
    never_was = [
        await forge(scene, bob, tavern, COMMAND, command("character", word, character="no-such-vireo"))
        for word in words
    ]
    assert answers == never_was
    for data in (
        command("character", "list"),
        command("channel", "list"),
        command("channel", "settings"),
        command("channel", "activate", character=slug),
        command("channel", "activate", character="bramble"),
    ):
        answer = await forge(scene, bob, tavern, COMMAND, data)
        assert "ireo" not in answer
        assert slug not in answer
    assert await bob.autocomplete("character view", "character", "veiled", tavern) == ()
