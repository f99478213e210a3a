"""Places on a real log: who may activate what where, and what a second one says."""

from typing import Any

import pytest

from engine.domain import Character, Place
from engine.domain.ids import character_id, place_subject
from engine.errors import CannotUndo, Forbidden
from tests.integration.engine.conftest import Commands

PLACE = "discord-7"


async def make(commands: Commands, token: str, *, owner: str = "p", is_public: bool = True) -> str:
    fields = {"name": token.title(), "slug": token, "is_public": is_public}
    await commands.settables.create_character(owner=owner, fields=fields, at=commands.clock(), token=token)
    return token


def by(commands: Commands, **changed: Any) -> dict[str, Any]:
    return {"person": "p", "server": "s1", "may_manage": True, "at": commands.clock()} | changed


async def test_a_character_is_activated_once(commands: Commands) -> None:
    await make(commands, "lyra")
    first = await commands.places.activate(PLACE, character="lyra", **by(commands))
    second = await commands.places.activate(PLACE, character="lyra", **by(commands))

    assert (first.character, first.replaced, first.happened) == ("lyra", None, True)
    assert (second.character, second.replaced, second.happened) == ("lyra", None, False)
    assert second.position == first.position


async def test_another_one_replaces_it_and_says_so(commands: Commands) -> None:
    for token in ("lyra", "finn"):
        await make(commands, token)
        activation = await commands.places.activate(PLACE, character=token, **by(commands))

    assert (activation.character, activation.replaced) == ("finn", "lyra")


async def test_who_may_not_manage_the_place_changes_nothing(commands: Commands) -> None:
    await make(commands, "lyra")
    with pytest.raises(Forbidden):
        await commands.places.activate(PLACE, character="lyra", **by(commands, may_manage=False))
    assert await commands.log.events_of(place_subject(PLACE)) == []

    await commands.places.activate(PLACE, character="lyra", **by(commands))
    with pytest.raises(Forbidden):
        await commands.places.deactivate(PLACE, **by(commands, may_manage=False))
    assert len(await commands.log.events_of(place_subject(PLACE))) == 1


async def test_a_refusal_does_not_tell_a_private_character_from_none(commands: Commands) -> None:
    await make(commands, "lyra", owner="someone else", is_public=False)
    await make(commands, "gone")
    await commands.settables.delete(Character, character_id("gone"), person="p", at=commands.clock())
    refusals = []
    for token in ("lyra", "gone", "never-was"):
        with pytest.raises(Forbidden) as refused:
            await commands.places.activate(PLACE, character=token, **by(commands))
        refusals.append(refused.value.message)

    assert len(set(refusals)) == 1
    await commands.places.activate(PLACE, character="lyra", **by(commands, person="someone else"))


async def test_a_place_is_deactivated_once(commands: Commands) -> None:
    await make(commands, "lyra")
    assert not (await commands.places.deactivate(PLACE, **by(commands))).happened
    await commands.places.activate(PLACE, character="lyra", **by(commands))
    first = await commands.places.deactivate(PLACE, **by(commands))
    second = await commands.places.deactivate(PLACE, **by(commands))

    assert (first.replaced, first.happened, second.replaced, second.happened) == ("lyra", True, None, False)


async def test_a_thread_is_kept_free_of_its_channels_character(commands: Commands) -> None:
    activation = await commands.places.deactivate(PLACE, **by(commands), is_part=True)

    assert activation.happened
    place = await commands.log.find(Place, place_subject(PLACE))
    assert place is not None
    assert place.character is None


async def test_an_activation_is_undone_by_who_may_manage_the_place(commands: Commands) -> None:
    for token in ("lyra", "finn"):
        await make(commands, token)
        activation = await commands.places.activate(PLACE, character=token, **by(commands))

    with pytest.raises(Forbidden):
        await commands.undoing.undo(activation.position, person="p", at=commands.clock())
    await commands.undoing.undo(activation.position, person="p", at=commands.clock(), may_manage=True)
    place = await commands.log.find(Place, place_subject(PLACE))
    assert place is not None
    assert place.character == "lyra"
    with pytest.raises(CannotUndo):
        await commands.undoing.undo(activation.position, person="p", at=commands.clock(), may_manage=True)
