"""Faces of characters, from a picture that somebody uploads to what people see beside the next reply."""

import asyncio
import base64
import hashlib
import io
import json
import random
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from adapters.discord.command_line import Pictures, sync_all
from adapters.discord.faces import CDN, PREFIX
from adapters.discord.simulated.actors import Actor, Answer, File
from adapters.discord.simulated.world.guilds import Emoji
from engine.domain import Avatar, Character
from engine.domain.ids import avatar_id, character_id
from tests.discord import openapi
from tests.discord.listening_scene import Scene, listening_scene
from tzurot import Root

pytestmark = pytest.mark.asyncio(loop_scope="module")

RED, BLUE = (220, 30, 40), (20, 40, 220)
MB = 1024 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("avatars")) as scene:
        await scene.register_commands()
        yield scene
        if (path := openapi.found()) is not None:
            description = openapi.Description(path)
            exchanges = [one for one in scene.discord.journal.exchanges if "/emojis" in one.path]
            assert exchanges
            assert [problem for one in exchanges for problem in description.problems(one)] == []


def picture(colour: tuple[int, int, int] = RED, name: str = "face.png", **options: Any) -> File:
    out = io.BytesIO()
    Image.new("RGB", (700, 500), colour).save(out, name.rpartition(".")[2].upper().replace("JPG", "JPEG"), **options)
    return File(name, out.getvalue())


async def change(scene: Scene, by: Actor, character: str, image: File | None = None) -> str:
    """Use the command; returns what can be read afterwards."""
    options = {"image": image} if image is not None else {}
    found = await scene.engine.read.fields(character_id(character))
    slug = str(found[character_id(character)].fields["slug"])
    return (await by_slash(scene, by, "character avatar", character=slug, **options)).as_text()


async def by_slash(scene: Scene, by: Actor, command: str, **options: Any) -> Answer:
    return await (await by.slash(command, scene.channel(), **options)).finished()


async def slug_of(scene: Scene, character: str) -> str:
    return str((await scene.engine.read.fields(character_id(character)))[character_id(character)].fields["slug"])


async def face(scene: Scene, alice: Actor, character: str) -> str:
    """The address of the face that alice sees beside the character's next reply."""
    place = scene.channel()
    await scene.caught_up()
    name = str((await scene.engine.read.fields(character_id(character)))[character_id(character)].fields["name"])
    await alice.say(place, f"@{name}, are you there?")
    return (await scene.answers(place, seen_by=alice))[-1].avatar_url


async def colour_at(scene: Scene, address: str) -> tuple[int, ...] | None:
    """What Discord serves at an address of its CDN; None where there is nothing."""
    assert address.startswith(f"{CDN}/emojis/")
    url = address.replace(CDN, scene.discord.cdn_base)
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        if answer.status == 404:
            return None
        image = Image.open(io.BytesIO(await answer.read()))
    assert (image.format, image.size) == ("WEBP", (128, 128))
    pixel = image.convert("RGB").getpixel((64, 64))
    assert isinstance(pixel, tuple)
    return tuple(int(part) for part in pixel)


def is_like(colour: tuple[int, ...] | None, other: tuple[int, ...]) -> bool:
    return colour is not None and all(abs(one - two) < 30 for one, two in zip(colour, other, strict=True))


def faces_on_discord(scene: Scene, character: str) -> list[str]:
    begins = f"{PREFIX}{hashlib.sha256(character.encode()).hexdigest()[:12]}_"
    return [emoji.name for emoji in scene.bot.emojis.values() if emoji.name.startswith(begins)]


# --- set, replaced, cleared ---


async def test_a_picture_is_the_characters_face_from_its_next_reply_on(scene: Scene) -> None:
    alice = scene.somebody()
    luna = await scene.character("Luna", of=alice)
    plain = await face(scene, alice, luna)
    assert "looks like from now on" in await change(scene, alice, luna, picture())

    seen = await face(scene, alice, luna)
    assert seen != plain
    assert is_like(await colour_at(scene, seen), RED)


async def test_another_picture_replaces_it_and_the_former_is_withdrawn(scene: Scene) -> None:
    alice = scene.somebody()
    mira = await scene.character("Mira", of=alice)
    await change(scene, alice, mira, picture(RED))
    first = await face(scene, alice, mira)
    await change(scene, alice, mira, picture(BLUE, "face.webp"))
    second = await face(scene, alice, mira)

    assert is_like(await colour_at(scene, second), BLUE)
    assert await colour_at(scene, first) is None
    assert len(faces_on_discord(scene, mira)) == 1


async def test_without_a_picture_the_face_is_cleared(scene: Scene) -> None:
    alice = scene.somebody()
    nell = await scene.character("Nell", of=alice)
    await change(scene, alice, nell, picture())
    assert "has no picture any more" in await change(scene, alice, nell)

    assert "/embed/avatars/" in await face(scene, alice, nell), "a face that Discord gives to whoever has none"
    assert faces_on_discord(scene, nell) == []
    assert "had no picture" in await change(scene, alice, nell)


async def test_the_same_picture_again_is_published_once_and_changes_nothing(scene: Scene) -> None:
    alice = scene.somebody()
    odo = await scene.character("Odo", of=alice)
    await change(scene, alice, odo, picture())
    before = await scene.engine.log.events_of(avatar_id(odo)), await scene.engine.log.events_of(character_id(odo))
    await change(scene, alice, odo, picture())

    after = await scene.engine.log.events_of(avatar_id(odo)), await scene.engine.log.events_of(character_id(odo))
    assert after == before
    assert len(faces_on_discord(scene, odo)) == 1


async def test_where_a_picture_was_taken_goes_neither_on_the_log_nor_to_discord(scene: Scene) -> None:
    alice = scene.somebody()
    pip = await scene.character("Pip", of=alice)
    exif = Image.Exif()
    exif[0x010E] = "48.8584 N 2.2945 E"
    taken = picture(RED, "face.jpg", exif=exif.tobytes())
    assert b"48.8584" in taken.data
    await change(scene, alice, pip, taken)

    kept = await scene.engine.avatars.picture(pip)
    assert kept is not None
    assert b"48.8584" not in kept.content
    assert all(b"48.8584" not in file.data for path, file in scene.discord.world.files.items() if "emojis/" in path)


async def test_a_face_stands_on_the_card_that_people_look_at(scene: Scene) -> None:
    alice = scene.somebody()
    quin = await scene.character("Quin", of=alice)
    await change(scene, alice, quin, picture())
    card = await by_slash(scene, alice, "character view", character=await slug_of(scene, quin))
    [embed] = card.embeds
    assert embed.thumbnail_url == await face(scene, alice, quin)


# --- refused ---


def bomb() -> File:
    """A small file that says it has 196 million pixels."""
    whole = bytearray(picture().data)
    whole[16:24] = (14_000).to_bytes(4, "big") * 2
    whole[29:33] = zlib.crc32(whole[12:29]).to_bytes(4, "big")
    return File("face.png", bytes(whole))


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (File("face.png", b"not a picture at all"), "no picture that I can read"),
        (File("face.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "no picture that I can read"),
        (File("face.png", picture().data[:60]), "no picture that I can read"),
        (File("face.png", b"\x89PNG\r\n\x1a\n" + bytes(25 * MB)), "at most 25 MB"),
    ],
)
async def test_what_is_no_picture_or_too_large_is_refused_and_nothing_changes(
    scene: Scene, image: File, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.simulated.actors.files.LARGEST_FILE_BYTES", 50 * MB)  # she pays for that
    alice = scene.somebody()
    ren = await scene.character("Ren", of=alice)
    assert reason in await change(scene, alice, ren, image)
    assert await scene.engine.log.find(Avatar, avatar_id(ren)) is None
    assert faces_on_discord(scene, ren) == []


async def test_a_picture_that_would_unpack_to_gigabytes_is_refused(scene: Scene) -> None:
    alice = scene.somebody()
    sol = await scene.character("Sol", of=alice)
    assert "too many pixels" in await change(scene, alice, sol, bomb())
    assert await scene.engine.log.find(Avatar, avatar_id(sol)) is None


async def test_only_its_owner_sets_a_characters_picture(scene: Scene) -> None:
    bob = scene.somebody("bob")
    for image in (picture(), None):
        options = {"image": image} if image is not None else {}
        refused = await by_slash(scene, bob, "character avatar", character="bramble", **options)
        assert "characters of your own" in refused.as_text()
    alice = scene.somebody()
    hidden = await scene.character("Tam", of=alice)
    refused = await by_slash(scene, bob, "character avatar", character=await slug_of(scene, hidden), image=picture())
    assert "no character of that name" in refused.as_text()


async def test_who_runs_the_bot_sets_the_picture_of_what_came_with_it(scene: Scene) -> None:
    done = await by_slash(scene, scene.operator, "character avatar", character="thessaly", image=picture(BLUE))
    assert "looks like from now on" in done.as_text()
    cleared = await by_slash(scene, scene.operator, "character avatar", character="thessaly")
    assert "has no picture any more" in cleared.as_text()


# --- when Discord does not take it ---


async def test_what_discord_does_not_take_is_kept_and_published_later(scene: Scene) -> None:
    alice = scene.somebody()
    uma = await scene.character("Uma", of=alice)
    scene.discord.faults.rest("POST", r"/applications/\d+/emojis", status=400, times=1)
    said = await change(scene, alice, uma, picture())
    assert "That is kept, but Discord does not show it yet" in said
    assert await scene.engine.avatars.picture(uma) is not None
    assert faces_on_discord(scene, uma) == []

    assert "looks like from now on" in await change(scene, alice, uma, picture())
    assert is_like(await colour_at(scene, await face(scene, alice, uma)), RED)


async def test_a_picture_whose_answer_was_lost_is_published_once(scene: Scene) -> None:
    alice = scene.somebody()
    vic = await scene.character("Vic", of=alice)
    scene.discord.faults.abort_after_commit("POST", r"/applications/\d+/emojis")
    assert "looks like from now on" in await change(scene, alice, vic, picture())
    assert len(faces_on_discord(scene, vic)) == 1


async def test_a_bot_with_as_many_pictures_as_there_may_be_says_so(scene: Scene) -> None:
    alice = scene.somebody()
    wil = await scene.character("Wil", of=alice)
    others = {number: Emoji(number, f"e{number}") for number in range(2_000)}
    scene.bot.emojis |= others
    try:
        assert "no more than 2,000" in await change(scene, alice, wil, picture())
    finally:
        for number in others:
            del scene.bot.emojis[number]


async def test_a_picture_that_changes_while_it_is_published_is_shown_as_it_is_last(scene: Scene) -> None:
    alice = scene.somebody()
    eve = await scene.character("Eve", of=alice)
    held = scene.discord.faults.hold("POST", r"/applications/\d+/emojis")
    async with asyncio.TaskGroup() as both:
        first = both.create_task(change(scene, alice, eve, picture(RED)))
        await scene.discord.until(lambda: held.struck)
        second = both.create_task(change(scene, alice, eve, picture(BLUE)))
        async with asyncio.timeout(10):
            while len(await scene.engine.log.events_of(avatar_id(eve))) < 2:  # noqa: ASYNC110 - another's doing
                await asyncio.sleep(0.01)
        held.release()
    assert "looks like" in first.result()
    assert "looks like" in second.result()
    assert is_like(await colour_at(scene, await face(scene, alice, eve)), BLUE)
    assert len(faces_on_discord(scene, eve)) == 1


# --- brought up to date by hand ---


async def synced(scene: Scene, *, dry_run: bool = False) -> Pictures:
    """What `tzurot discord sync` does beside a running bot."""
    done = await sync_all(scene.opened.settings, Root, dry_run=dry_run)
    await scene.caught_up()
    return done.pictures


async def test_sync_publishes_what_a_new_bot_lacks(scene: Scene) -> None:
    alice = scene.somebody()
    xan = await scene.character("Xan", of=alice)
    await change(scene, alice, xan, picture())
    await synced(scene)
    old = await face(scene, alice, xan)
    lost = scene.bot.emojis.copy()
    scene.bot.emojis.clear()

    assert await synced(scene, dry_run=True) == Pictures(shown=len(lost))
    assert scene.bot.emojis == {}
    assert await synced(scene) == Pictures(shown=len(lost))
    assert await synced(scene) == Pictures()
    new = await face(scene, alice, xan)
    assert new != old
    assert is_like(await colour_at(scene, new), RED)


async def test_sync_shows_what_undo_gave_back(scene: Scene) -> None:
    alice = scene.somebody()
    yan = await scene.character("Yan", of=alice)
    await change(scene, alice, yan, picture(RED))
    await change(scene, alice, yan, picture(BLUE))
    *_, last = await scene.engine.log.events_of(avatar_id(yan))
    await scene.engine.undoing.undo(last.position, person=scene.person(alice), at=scene.engine.clock())
    await scene.caught_up()

    assert await synced(scene) == Pictures(shown=1, withdrawn=1)
    assert is_like(await colour_at(scene, await face(scene, alice, yan)), RED)


async def test_sync_withdraws_what_was_erased_and_what_was_deleted(scene: Scene) -> None:
    alice = scene.somebody()
    person = scene.person(alice)
    zoe, zed = await scene.character("Zoe", of=alice), await scene.character("Zed", of=alice)
    for character in (zoe, zed):
        await change(scene, alice, character, picture())
    receipt = await scene.engine.avatars.erase(zoe, person=person, at=scene.engine.clock())
    await scene.engine.settables.delete(Character, character_id(zed), person=person, at=scene.engine.clock())
    await scene.caught_up()
    assert receipt.is_complete

    await synced(scene)
    assert faces_on_discord(scene, zoe) == faces_on_discord(scene, zed) == []
    found = await scene.engine.read.fields(character_id(zoe))
    assert "avatar_url" not in found[character_id(zoe)].fields


async def test_an_address_that_was_entered_by_hand_is_left_alone(scene: Scene) -> None:
    alice = scene.somebody()
    abe = await scene.character("Abe", of=alice)
    await change(scene, alice, abe, picture())
    by_hand = "https://pictures.example/abe.png"
    await scene.engine.settables.edit(
        Character,
        character_id(abe),
        person=scene.person(alice),
        changes={"avatar_url": by_hand},
        at=scene.engine.clock(),
    )
    await scene.caught_up()
    await synced(scene)
    assert await face(scene, alice, abe) == by_hand

    await change(scene, alice, abe, picture())
    assert is_like(await colour_at(scene, await face(scene, alice, abe)), RED)


async def test_what_is_emptied_on_the_dashboard_stays_so(scene: Scene) -> None:
    alice = scene.somebody()
    ida = await scene.character("Ida", of=alice)
    await change(scene, alice, ida, picture())
    dashboard = await by_slash(scene, alice, "character edit", character=await slug_of(scene, ida))
    form = await alice.select(dashboard.message, "Change a section", "Identity")
    await (await alice.submit(form, {"Picture (an https address)": ""})).finished()
    await synced(scene)
    assert "/embed/avatars/" in await face(scene, alice, ida)
    assert faces_on_discord(scene, ida) == []


# --- files ---


async def read(answer: Answer) -> bytes:
    [file] = answer.files
    async with aiohttp.ClientSession() as session, session.get(file.url) as response:
        return await response.read()


async def test_an_exported_character_brings_its_picture_along(scene: Scene) -> None:
    alice, bob = scene.somebody(), scene.somebody("bob")
    noise = Image.frombytes("RGB", (600, 600), random.Random(3).randbytes(600 * 600 * 3))
    out = io.BytesIO()
    noise.save(out, "PNG")
    bea = await scene.character("Bea", of=alice)
    await change(scene, alice, bea, File("face.png", out.getvalue()))
    slug = await slug_of(scene, bea)
    exported = await read(await by_slash(scene, alice, "character export", character=slug))
    card = json.loads(exported)
    kept = await scene.engine.avatars.picture(bea)
    assert kept is not None
    assert base64.b64decode(card["avatar"]) == kept.content
    assert "avatar_url" not in card

    again = await by_slash(scene, alice, "character import", file=File("bea.json", exported))
    assert "Nothing had to change" in again.as_text()
    other = File("bea.json", json.dumps(card | {"slug": "bea-of-bob"}).encode())
    assert "Imported Bea" in (await by_slash(scene, bob, "character import", file=other)).as_text()
    found = await scene.engine.read.character_by_slug("bea-of-bob", person=scene.person(bob))
    assert found is not None
    assert await scene.engine.avatars.picture(found.id.removeprefix("character.")) == kept
    assert str(found.fields["avatar_url"]).startswith(CDN)


async def test_a_file_with_a_broken_picture_is_not_imported(scene: Scene) -> None:
    alice = scene.somebody()
    for avatar in ("???", base64.b64encode(b"nothing").decode()):
        card = {"name": "Cal", "slug": "cal-the-lost", "avatar": avatar}
        done = await by_slash(scene, alice, "character import", file=File("cal.json", json.dumps(card).encode()))
        assert "picture" in done.as_text()
        assert await scene.engine.read.character_by_slug("cal-the-lost", person=scene.person(alice)) is None
