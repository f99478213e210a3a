"""Pictures of characters on a real log: whose they are, what undo gives back, and that an erased one is gone."""

import random

import pytest

from engine.commands.avatars import Avatars
from engine.commands.erasing import Erasing
from engine.domain import Avatar, Character
from engine.domain.avatar import MAX_PICTURE_BYTES, Picture
from engine.domain.ids import avatar_id, character_id
from engine.errors import CannotUndo, Forbidden, NotFound
from tests.fakes.key_ring import KeyRingInMemory
from tests.integration.engine.conftest import Commands

DAY = Picture("image/webp", random.Random(1).randbytes(MAX_PICTURE_BYTES))
NIGHT = Picture("image/webp", random.Random(2).randbytes(MAX_PICTURE_BYTES))


@pytest.fixture
async def avatars(commands: Commands, key_ring: KeyRingInMemory) -> Avatars:
    fields = {"name": "Lyra", "slug": "lyra"}
    await commands.settables.create_character(owner="p", fields=fields, at=commands.clock(), token="lyra")
    return Avatars(commands.log, Erasing(commands.log, key_ring))


async def test_the_largest_picture_fits_on_the_log_and_comes_back_as_it_was(
    commands: Commands, avatars: Avatars
) -> None:
    assert await avatars.picture("lyra") is None
    await avatars.set("lyra", DAY, person="p", at=commands.clock())
    again = await avatars.set("lyra", DAY, person="p", at=commands.clock())

    assert await avatars.picture("lyra") == DAY
    assert not again.happened


async def test_only_its_owner_changes_a_characters_picture(commands: Commands, avatars: Avatars) -> None:
    await avatars.set("lyra", DAY, person="p", at=commands.clock())
    for refused in (
        avatars.set("lyra", NIGHT, person="q", at=commands.clock()),
        avatars.clear("lyra", person="q", at=commands.clock()),
        avatars.erase("lyra", person="q", at=commands.clock()),
    ):
        with pytest.raises(Forbidden):
            await refused
    assert await avatars.picture("lyra") == DAY


async def test_a_character_that_is_not_there_has_no_picture(commands: Commands, avatars: Avatars) -> None:
    await commands.settables.delete(Character, character_id("lyra"), person="p", at=commands.clock())
    for token in ("lyra", "nobody"):
        with pytest.raises(NotFound):
            await avatars.set(token, DAY, person="p", at=commands.clock())


async def test_a_picture_is_cleared_once(commands: Commands, avatars: Avatars) -> None:
    assert not await avatars.clear("lyra", person="p", at=commands.clock())
    await avatars.set("lyra", DAY, person="p", at=commands.clock())
    assert await avatars.clear("lyra", person="p", at=commands.clock())
    assert not await avatars.clear("lyra", person="p", at=commands.clock())
    assert await avatars.picture("lyra") is None


async def test_undo_gives_back_the_picture_before_and_says_so_first(commands: Commands, avatars: Avatars) -> None:
    await avatars.set("lyra", DAY, person="p", at=commands.clock())
    changed = await avatars.set("lyra", NIGHT, person="p", at=commands.clock())
    preview = await commands.undoing.preview(changed.position, person="p")

    assert (preview.about, preview.restores, preview.currently) == (
        "Lyra",
        {"picture": DAY.sha256[:12]},
        {"picture": NIGHT.sha256[:12]},
    )
    undone = await commands.undoing.undo(changed.position, person="p", at=commands.clock())
    assert await avatars.picture("lyra") == DAY
    await commands.undoing.undo(undone.position, person="p", at=commands.clock())
    assert await avatars.picture("lyra") == NIGHT
    with pytest.raises(Forbidden):
        await commands.undoing.undo(undone.position, person="q", at=commands.clock())


async def test_of_an_erased_picture_nothing_is_left_and_nothing_comes_back(
    commands: Commands, avatars: Avatars
) -> None:
    first = await avatars.set("lyra", DAY, person="p", at=commands.clock())
    second = await avatars.set("lyra", NIGHT, person="p", at=commands.clock())
    receipt = await avatars.erase("lyra", person="p", at=commands.clock())

    assert receipt.is_complete
    assert receipt.positions == (first.position, second.position)
    assert await avatars.picture("lyra") is None
    [tombstone] = await commands.log.events_of(avatar_id("lyra"))
    with pytest.raises(CannotUndo):
        await commands.undoing.undo(tombstone.position, person="p", at=commands.clock())


async def test_a_character_gets_a_new_picture_after_an_erasure_and_that_can_be_erased(
    commands: Commands, avatars: Avatars
) -> None:
    await avatars.set("lyra", DAY, person="p", at=commands.clock())
    await avatars.erase("lyra", person="p", at=commands.clock())
    await avatars.set("lyra", NIGHT, person="p", at=commands.clock())
    assert await avatars.picture("lyra") == NIGHT
    assert (await avatars.erase("lyra", person="p", at=commands.clock())).is_complete
    assert await avatars.picture("lyra") is None


async def test_a_picture_whose_key_was_destroyed_is_none(
    commands: Commands, avatars: Avatars, key_ring: KeyRingInMemory
) -> None:
    await avatars.set("lyra", DAY, person="p", at=commands.clock())
    key_ring.destroy("p")
    found = await commands.log.find(Avatar, avatar_id("lyra"))
    assert found is not None
    assert found.picture is None
