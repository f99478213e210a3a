"""`preset`: named sets of model parameters."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import typer

from adapters.terminal.field_options import takes_fields
from adapters.terminal.options import As, Json, Yes
from adapters.terminal.session import Request, Session
from adapters.terminal.things import Thing, Things, delete_thing, edit_thing
from engine.domain import Preset
from engine.domain.event import JSON
from engine.domain.preset import PresetFields
from engine.errors import NotFound
from engine.reading import FieldsAt

COLUMNS = ("name", "model", "temperature", "max_tokens", "description")

app = typer.Typer(help="Named sets of model parameters; a character speaks with one by `character edit --preset`.")

PresetName = Annotated[str, typer.Argument(metavar="PRESET", help="The preset's name or id.", show_default=False)]


async def preset_named(name: str, person: str, session: Session) -> FieldsAt:
    """A preset by its name or id. Raises NotFound."""
    presets = await session.engine.read.presets(person=person)
    for found in presets:
        if name == found.id or name.casefold() == str(found.fields.get("name", "")).casefold():
            return found
    raise NotFound(f"There is no preset {name}: `tzurot preset list` shows those there are.")


async def list_presets(name: str | None, session: Session) -> Things:
    found = await session.engine.read.presets(person=session.person(name))
    return Things(found, COLUMNS, "There are no presets: the built-in parameters hold.")


async def create(changes: Mapping[str, JSON], name: str | None, session: Session) -> Thing:
    person = await session.speaker(name)
    created = await session.engine.settables.create_preset(owner=person, fields=changes, at=session.now())
    return Thing.changed(created, f"Created {created.thing.fields.get('name')}.")


async def edit(preset: str, changes: Mapping[str, JSON], name: str | None, session: Session) -> Thing:
    person = await session.speaker(name)
    return await edit_thing(Preset, await preset_named(preset, person, session), changes, person, session)


async def delete(preset: str, name: str | None, session: Session, *, is_agreed: bool) -> Thing:
    person = await session.speaker(name)
    found = await preset_named(preset, person, session)
    return await delete_thing(Preset, found, preset, person, session, is_agreed=is_agreed)


@app.command("list")
def list_command(*, name: As = None, json: Json = False) -> Request:
    """List your presets."""
    return Request(partial(list_presets, name), as_json=json)


@app.command("create")
@takes_fields(PresetFields, clearable=False)
def create_command(*, changes: dict[str, JSON], name: As = None, json: Json = False) -> Request:
    """Make a preset; it needs a name. A parameter that it leaves out is inherited."""
    return Request(partial(create, changes, name), as_json=json)


@app.command("edit")
@takes_fields(PresetFields, clearable=True)
def edit_command(preset: PresetName, *, changes: dict[str, JSON], name: As = None, json: Json = False) -> Request:
    """Change parameters of a preset; those not named stay."""
    return Request(partial(edit, preset, changes, name), as_json=json)


@app.command("delete")
def delete_command(preset: PresetName, *, yes: Yes = False, name: As = None, json: Json = False) -> Request:
    """Delete a preset. What used it falls back to the next layer; undo brings it back."""
    return Request(partial(delete, preset, name, is_agreed=yes), as_json=json)
