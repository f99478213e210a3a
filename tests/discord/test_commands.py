"""Slash commands, from the menu to what people see afterwards: real nextcord, a simulated Discord, a whole engine."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from pydantic import SecretStr

from adapters.discord.commands.catalogue import GROUPS
from adapters.discord.commands.syncing import sync
from adapters.discord.rest.signing_in import signed_in
from adapters.discord.simulated.actors import Actor, Answer, File, ImpossibleAct
from adapters.discord.simulated.world.permissions import Permission
from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("commands")) as scene:
        await scene.register_commands()
        yield scene


def moderator(scene: Scene) -> Actor:
    return scene.somebody("moderator", permissions=Permission.MANAGE_MESSAGES)


def text_of(answer: Answer) -> str:
    return answer.as_text()


async def shows(scene: Scene, answer: Answer, text: str) -> str:
    """Wait until it can be read there; returns all that can."""
    await scene.discord.until(lambda: text in text_of(answer))
    return text_of(answer)


async def read(answer: Answer) -> bytes:
    [file] = answer.files
    async with aiohttp.ClientSession() as session, session.get(file.url) as response:
        return await response.read()


# --- registering ---


async def test_registering_again_changes_nothing(scene: Scene) -> None:
    async with signed_in(SecretStr(scene.bot.token), scene.discord.api_base) as rest:
        assert not await sync(rest, GROUPS, dry_run=True)


# --- help ---


async def test_help_is_for_the_asker_alone_and_says_what_is_recorded(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    answer = await (await alice.slash("help", tavern, topic="What is recorded")).finished()
    assert answer.is_ephemeral
    assert "erased" in text_of(answer)


async def test_help_works_in_a_direct_message(scene: Scene) -> None:
    alice = scene.somebody()
    await alice.dm(scene.bot, "hello?")
    answer = await (await alice.slash("help", alice.dm_with(scene.bot))).finished()
    assert "Talk" in text_of(answer)


# --- character ---


async def create(scene: Scene, alice: Actor, name: str, slug: str) -> Answer:
    form = await alice.slash("character create", scene.channel())
    answer = await alice.submit(form, {"Name": name, "Short name: a-z, 0-9, hyphens": slug})
    return await answer.finished()


async def test_a_character_is_created_in_a_form_filled_in_on_a_dashboard_and_looked_at(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    made = await create(scene, alice, "Orin of the Reach", "orin")
    assert made.is_ephemeral
    section = await alice.select(made.message, "Change a section", "Biography")
    saved = await alice.submit(section, {"About": "A ferryman who never asks."})
    await shows(scene, saved, "⚠️ Biography")
    card = await (await alice.slash("character view", tavern, character="orin")).finished()
    assert "A ferryman who never asks." in text_of(card)


async def test_what_is_emptied_on_a_dashboard_is_no_longer_on_the_card(scene: Scene) -> None:
    alice = scene.somebody()
    made = await create(scene, alice, "Pell", "pell")
    section = await alice.select(made.message, "Change a section", "Preferences")
    await shows(scene, await alice.submit(section, {"Likes": "Rain", "Dislikes": "Wind"}), "✅ Preferences")
    again = await alice.select(made.message, "Change a section", "Preferences")
    await shows(scene, await alice.submit(again, {"Likes": ""}), "⚠️ Preferences")
    card = text_of(await (await alice.slash("character view", scene.channel(), character="pell")).finished())
    assert "Wind" in card
    assert "Rain" not in card


async def test_a_new_character_is_its_makers_alone_until_they_say_otherwise(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    made = await create(scene, alice, "Quiet One", "quiet-one")
    hidden = await (await bob.slash("character view", tavern, character="quiet-one")).finished()
    assert "no character of that name" in text_of(hidden)
    await shows(scene, await alice.click(made.message, "For everyone"), "Everyone may talk to it")
    shown = await (await bob.slash("character view", tavern, character="quiet-one")).finished()
    assert "Quiet One" in text_of(shown)


async def test_a_wrong_short_name_is_explained_and_nothing_is_made(scene: Scene) -> None:
    alice = scene.somebody()
    answer = await create(scene, alice, "Zed", "9!")
    assert "slug" in text_of(answer)
    assert "^[" not in text_of(answer)


async def test_a_character_of_somebody_else_can_be_neither_edited_nor_deleted_nor_exported(scene: Scene) -> None:
    tavern, bob = scene.channel(), scene.somebody("bob")
    for command in ("character edit", "character delete", "character export"):
        answer = await (await bob.slash(command, tavern, character="bramble")).finished()
        assert "of your own" in text_of(answer)


async def test_a_character_is_deleted_only_when_that_is_confirmed(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await create(scene, alice, "Brief", "brief")
    asked = await (await alice.slash("character delete", tavern, character="brief")).finished()
    await shows(scene, await alice.click(asked.message, "Keep it"), "Nothing was deleted")
    asked = await (await alice.slash("character delete", tavern, character="brief")).finished()
    await shows(scene, await alice.click(asked.message, "Delete"), "is deleted")
    await scene.caught_up()
    view = await (await alice.slash("character view", tavern, character="brief")).finished()
    assert "no character of that name" in text_of(view)


async def test_what_is_exported_can_be_imported_with_every_field(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    card = {
        "name": "Sallow",
        "slug": "sallow",
        "description": "A tax collector for the dead.",
        "tone": "dry",
        "examples": "You: Hello.\nSallow: Forms, please.",
        "aliases": ["the collector"],
        "is_public": False,
    }
    file = File("sallow.json", json.dumps(card).encode())
    done = await (await alice.slash("character import", tavern, file=file)).finished()
    assert "Imported Sallow" in text_of(done)
    exported = await (await alice.slash("character export", tavern, character="sallow")).finished()
    assert json.loads(await read(exported)) == card
    again = await (await alice.slash("character import", tavern, file=file)).finished()
    assert "Nothing had to change" in text_of(again)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no json", "no JSON"),
        (b"[]", "one character"),
        (b'{"name": "X"}', "lacks slug"),
        (b'{"name": "X", "slug": "xan", "colour": "red"}', "colour"),
        (b'{"name": "X", "slug": "bramble"}', "short name"),
    ],
)
async def test_a_file_that_cannot_be_imported_says_why(scene: Scene, content: bytes, reason: str) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    done = await (await alice.slash("character import", tavern, file=File("c.json", content))).finished()
    assert reason in text_of(done)


async def test_characters_are_suggested_by_what_is_typed_and_never_somebody_elses_private_ones(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await create(scene, alice, "Hidden Reed", "hidden-reed")
    hers = await alice.autocomplete("character view", "character", "REED", tavern)
    his = await bob.autocomplete("character view", "character", "reed", tavern)
    assert [choice.value for choice in hers] == ["hidden-reed"]
    assert his == ()


async def test_a_list_that_is_longer_than_a_page_is_turned_by_whoever_asked(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    for number in range(16):
        await scene.character(f"Crowd {number:02}", of=alice)
    first = await (await alice.slash("character list", tavern)).finished()
    assert "Crowd 00" in text_of(first)
    assert "Crowd 15" not in text_of(first)
    await shows(scene, await alice.click(first.message, "Next"), "Crowd 15")
    with pytest.raises(ImpossibleAct):
        await scene.somebody("bob").click(first.message, "Next")


async def test_a_dashboard_that_was_closed_is_over(scene: Scene) -> None:
    alice = scene.somebody()
    made = await create(scene, alice, "Lasting", "lasting")
    shown_before = made.message
    await shows(scene, await alice.click(shown_before, "Close"), "Closed")
    assert made.components == ()


# --- chat ---


async def test_somebody_talks_to_a_character_by_a_command(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    said = await (await alice.slash("character chat", tavern, character="bramble", message="Good evening.")).finished()
    assert "Good evening." in said.content
    assert not said.is_ephemeral
    await scene.discord.until(lambda: any(seen.author == "Bramble Quill" for seen in alice.sees(tavern)))


async def test_in_a_direct_message_a_character_is_chosen_and_then_just_spoken_to(scene: Scene) -> None:
    alice = scene.somebody()
    await alice.dm(scene.bot, "hello?")
    direct = alice.dm_with(scene.bot)
    chosen = await (await alice.slash("character chat", direct, character="thessaly")).finished()
    assert "You talk to Thessaly Wren" in text_of(chosen)
    await scene.caught_up()
    await alice.dm(scene.bot, "Is the lamp lit?")
    await scene.discord.until(lambda: any("Thessaly Wren" in seen.content for seen in alice.sees(direct)[-1:]))


async def test_a_command_that_says_nothing_in_a_channel_asks_for_words(scene: Scene) -> None:
    answer = await (await scene.somebody().slash("character chat", scene.channel(), character="bramble")).finished()
    assert "Say something" in text_of(answer)


# --- channel ---


async def test_a_moderator_lets_a_character_answer_everything_and_everybody_is_told(scene: Scene) -> None:
    tavern, mia, alice = scene.channel(), moderator(scene), scene.somebody()
    done = await (await mia.slash("channel activate", tavern, character="bramble")).finished()
    assert "Bramble Quill is active here" in text_of(done)
    assert any("recorded" in (seen.embeds[0].description or "") for seen in alice.sees(tavern) if seen.embeds)
    await alice.say(tavern, "It rains.")
    await scene.discord.until(lambda: any(seen.author == "Bramble Quill" for seen in alice.sees(tavern)))


async def test_the_one_that_is_replaced_is_named_and_no_character_is_left_after_the_last(scene: Scene) -> None:
    tavern, mia = scene.channel(), moderator(scene)
    await (await mia.slash("channel activate", tavern, character="bramble")).finished()
    done = await (await mia.slash("channel activate", tavern, character="thessaly")).finished()
    assert "in place of Bramble Quill" in text_of(done)
    listed = await (await mia.slash("channel list", tavern)).finished()
    assert "Thessaly Wren" in text_of(listed)
    off = await (await mia.slash("channel deactivate", tavern)).finished()
    assert "only when it is asked" in text_of(off)
    settings = await (await mia.slash("channel settings", tavern)).finished()
    assert "None" in text_of(settings)


async def test_who_may_not_manage_messages_is_refused(scene: Scene) -> None:
    answer = await scene.somebody().slash("channel activate", scene.channel(), character="bramble")
    assert "Manage Messages" in text_of(await answer.finished())


async def test_channel_commands_are_not_offered_in_direct_messages(scene: Scene) -> None:
    alice = scene.somebody()
    await alice.dm(scene.bot, "hello?")
    with pytest.raises(ImpossibleAct):
        await alice.slash("channel settings", alice.dm_with(scene.bot))


# --- me ---


async def test_who_wishes_so_is_neither_recorded_nor_answered_until_they_take_it_back(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    stopped = await (await alice.slash("me recording", tavern, wish="Record nothing of me")).finished()
    assert "Nothing that you say" in text_of(stopped)
    unheard = await alice.say(tavern, "@Bramble Quill, a secret.")
    await scene.nothing_heard_of(unheard, as_surely_as=bob, place=tavern)
    chat = await (await alice.slash("character chat", tavern, character="bramble", message="Psst.")).finished()
    assert "record" in text_of(chat)
    resumed = await (await alice.slash("me recording", tavern, wish="Record what I say to characters")).finished()
    assert "is recorded, and answered" in text_of(resumed)
    heard = await alice.say(tavern, "@Bramble Quill, hello again.")
    await scene.until_heard(heard)


# --- admin ---


async def test_only_who_runs_the_bot_is_answered_by_admin(scene: Scene) -> None:
    answer = await (await scene.somebody().slash("admin servers", scene.channel())).finished()
    assert "Only whoever runs this bot" in text_of(answer)


async def test_who_runs_the_bot_sees_where_it_is_and_what_it_costs_and_lets_it_leave(scene: Scene) -> None:
    tavern, operator = scene.channel(), scene.operator
    mill = scene.discord.guild("Mill")
    mill.invite(scene.bot)
    assert "Mill" in text_of(await (await operator.slash("admin servers", tavern)).finished())
    assert "Events on the log" in text_of(await (await operator.slash("admin ping", tavern)).finished())
    await operator.say(tavern, "@Bramble Quill, what does it cost?")
    await scene.answers(tavern, seen_by=operator)
    await scene.caught_up()
    usage = text_of(await (await operator.slash("admin usage", tavern, days=1)).finished())
    assert "plain" in usage
    assert "tokens asked" in usage
    [offered] = await operator.autocomplete("admin kick", "server", "mil", tavern)
    asked = await (await operator.slash("admin kick", tavern, server=offered)).finished()
    await shows(scene, await operator.click(asked.message, "Leave"), "Left Mill")
    assert "Mill" not in text_of(await (await operator.slash("admin servers", tavern)).finished())
