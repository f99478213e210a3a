"""`character`: who answers. Its card is created, looked at, edited and deleted."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import typer

from adapters.terminal.field_options import takes_fields
from adapters.terminal.options import As, Json, Yes
from adapters.terminal.presets import preset_named
from adapters.terminal.session import Request, Session
from adapters.terminal.things import Thing, Things, delete_thing, edit_thing
from engine.domain import Character
from engine.domain.character import CharacterFields
from engine.domain.event import JSON

COLUMNS = ("slug", "name", "description")

app = typer.Typer(help="Who answers: list characters, look at their cards, make and change your own.")

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The character's slug.", show_default=False)]


async def list_characters(name: str | None, session: Session) -> Things:
    found = await session.engine.read.characters(person=session.person(name))
    return Things(found, COLUMNS, "There are no characters.")


async def view(slug: str, name: str | None, session: Session) -> Thing:
    return Thing.seen(await session.whom(slug, session.person(name)))


async def create(changes: Mapping[str, JSON], name: str | None, session: Session) -> Thing:
    person = await session.speaker(name)
    fields = await _with_preset(changes, person, session)
    created = await session.engine.settables.create_character(owner=person, fields=fields, at=session.now())
    return Thing.changed(created, f"Created {created.thing.fields.get('slug')}.")


async def edit(slug: str, changes: Mapping[str, JSON], name: str | None, session: Session) -> Thing:
    person = await session.speaker(name)
    found = await session.whom(slug, person)
    return await edit_thing(Character, found, await _with_preset(changes, person, session), person, session)


async def delete(slug: str, name: str | None, session: Session, *, is_agreed: bool) -> Thing:
    person = await session.speaker(name)
    found = await session.whom(slug, person)
    return await delete_thing(Character, found, slug, person, session, is_agreed=is_agreed)


async def _with_preset(changes: Mapping[str, JSON], person: str, session: Session) -> dict[str, JSON]:
    """The changes with the preset's id where its name was given."""
    preset = changes.get("preset")
    if preset is None:
        return dict(changes)
    return {**changes, "preset": (await preset_named(str(preset), person, session)).id}


@app.command("list")
def list_command(*, name: As = None, json: Json = False) -> Request:
    """List those you may talk to."""
    return Request(partial(list_characters, name), as_json=json)


@app.command("view")
def view_command(slug: Slug, *, name: As = None, json: Json = False) -> Request:
    """Show a character's card."""
    return Request(partial(view, slug, name), as_json=json)


@app.command("create")
@takes_fields(CharacterFields, clearable=False)
def create_command(*, changes: dict[str, JSON], name: As = None, json: Json = False) -> Request:
    """Make a character; it needs a name and a slug, and is yours alone until it is public."""
    return Request(partial(create, changes, name), as_json=json)


@app.command("edit")
@takes_fields(CharacterFields, clearable=True)
def edit_command(slug: Slug, *, changes: dict[str, JSON], name: As = None, json: Json = False) -> Request:
    """Change fields of a card; those not named stay."""
    return Request(partial(edit, slug, changes, name), as_json=json)


@app.command("delete")
def delete_command(slug: Slug, *, yes: Yes = False, name: As = None, json: Json = False) -> Request:
    """Delete a character. What it was stays on the log, and undo brings it back."""
    return Request(partial(delete, slug, name, is_agreed=yes), as_json=json)
