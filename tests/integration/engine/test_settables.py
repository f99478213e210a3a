"""Characters and presets on a real log: unique names, owners, and undo of just what an event changed."""

import asyncio

import pytest

from engine.domain import Character, Preset
from engine.errors import AlreadyExists, CannotUndo, Forbidden, NotFound
from tests.integration.engine.conftest import Commands

OWNER, OTHER = "owner", "other"


async def create_character(commands: Commands, slug: str = "luna") -> str:
    made = await commands.settables.create_character(
        owner=OWNER, fields={"name": "Luna", "slug": slug, "tone": "warm"}, at=commands.clock()
    )
    return made.thing.id


async def create_preset(commands: Commands, name: str = "calm", owner: str = OWNER) -> str:
    made = await commands.settables.create_preset(
        owner=owner, fields={"name": name, "temperature": 0.2, "top_p": 0.9}, at=commands.clock()
    )
    return made.thing.id


async def test_a_slug_is_claimed_once_however_many_ask_for_it_at_once(commands: Commands) -> None:
    results = await asyncio.gather(*(create_character(commands) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, AlreadyExists) for result in results) == 3


async def test_a_slug_is_free_again_once_its_character_is_deleted_and_taken_back_by_a_restore(
    commands: Commands,
) -> None:
    first = await create_character(commands)
    await commands.settables.delete(Character, first, person=OWNER, at=commands.clock())
    second = await create_character(commands)
    with pytest.raises(AlreadyExists):
        await commands.settables.restore(Character, first, person=OWNER, at=commands.clock())
    await commands.settables.delete(Character, second, person=OWNER, at=commands.clock())
    restored = await commands.settables.restore(Character, first, person=OWNER, at=commands.clock())
    assert not restored.thing.is_deleted


async def test_two_people_may_call_their_presets_alike(commands: Commands) -> None:
    assert await create_preset(commands) != await create_preset(commands, owner=OTHER)
    with pytest.raises(AlreadyExists):
        await create_preset(commands, name="Calm")


async def test_only_the_owner_changes_a_thing(commands: Commands) -> None:
    preset = await create_preset(commands)
    with pytest.raises(Forbidden):
        await commands.settables.edit(Preset, preset, person=OTHER, changes={"temperature": 1}, at=commands.clock())


async def test_undoing_an_edit_gives_back_just_its_fields_and_can_be_undone(commands: Commands) -> None:
    preset = await create_preset(commands)
    edit = commands.settables.edit
    warmer = await edit(Preset, preset, person=OWNER, changes={"temperature": 1.0, "seed": 7}, at=commands.clock())
    await edit(Preset, preset, person=OWNER, changes={"top_p": 0.5}, at=commands.clock())

    preview = await commands.undoing.preview(warmer.position, person=OWNER)
    assert preview.restores == {"temperature": 0.2, "seed": None}
    assert preview.currently == {"temperature": 1.0, "seed": 7}
    assert preview.changed_since == ()
    assert preview.later_events == 1

    undone = await commands.undoing.undo(warmer.position, person=OWNER, at=commands.clock())
    found = await commands.log.find(Preset, preset)
    assert found is not None
    assert found.fields == {"name": "calm", "temperature": 0.2, "top_p": 0.5}

    await commands.undoing.undo(undone.position, person=OWNER, at=commands.clock())
    found = await commands.log.find(Preset, preset)
    assert found is not None
    assert found.fields == {"name": "calm", "temperature": 1.0, "top_p": 0.5, "seed": 7}


async def test_undoing_a_change_of_slug_moves_the_claim_back(commands: Commands) -> None:
    character = await create_character(commands)
    renamed = await commands.settables.edit(
        Character, character, person=OWNER, changes={"slug": "selene"}, at=commands.clock()
    )
    await commands.undoing.undo(renamed.position, person=OWNER, at=commands.clock())
    await create_character(commands, slug="selene")
    with pytest.raises(AlreadyExists):
        await create_character(commands, slug="luna")


async def test_a_history_clear_is_undone_and_done_again(commands: Commands) -> None:
    whose = {"person": OWNER, "persona": "default", "character": "luna"}
    cleared = await commands.histories.clear(**whose, at=commands.clock())
    undone = await commands.undoing.undo(cleared.position, person=OWNER, at=commands.clock())
    assert undone.type == "HistoryClearUndone"
    again = await commands.undoing.undo(undone.position, person=OWNER, at=commands.clock())
    assert again.type == "HistoryCleared"
    with pytest.raises(CannotUndo):
        await commands.undoing.undo(undone.position, person=OWNER, at=commands.clock())
    with pytest.raises(Forbidden):
        await commands.undoing.undo(again.position, person=OTHER, at=commands.clock())


async def test_what_was_never_cleared_has_nothing_to_undo(commands: Commands) -> None:
    with pytest.raises(CannotUndo):
        await commands.histories.undo_clear(person=OWNER, persona="default", character="luna", at=commands.clock())


async def test_a_memory_that_is_not_there_cannot_be_forgotten(commands: Commands) -> None:
    with pytest.raises(NotFound):
        await commands.memories.forget("memory.terminal-a.1.luna.1", person=OWNER, at=commands.clock())
