"""`character`: who answers. Its card is created, looked at, edited and deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer

from adapters.terminal.field_options import takes_fields
from adapters.terminal.options import As, Json, Yes
from adapters.terminal.presets import preset_named
from adapters.terminal.session import Request, Session, acting_for
from adapters.terminal.things import Thing, Things
from engine.domain import Character
from engine.domain.character import CharacterFields
from engine.domain.event import JSON
from engine.errors import Invalid, Refused

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
    if not changes:
        raise Invalid("Say what to change: an option for a field, --set FIELD=VALUE or --clear FIELD.")
    person = await session.speaker(name)
    found = await session.whom(slug, person)
    edited = await session.engine.settables.edit(
        Character,
        found.id,
        person=acting_for(found.owner, person),
        changes=await _with_preset(changes, person, session),
        at=session.now(),
    )
    sentence = "Edited." if edited.thing.version > found.version else "Nothing had to change."
    return Thing.changed(edited, sentence)


@dataclass(frozen=True, slots=True)
class Delete:
    """A character to be deleted."""

    slug: str
    name: str | None
    is_agreed: bool

    async def perform(self, session: Session) -> Thing:
        person = await session.speaker(self.name)
        found = await session.whom(self.slug, person)
        if not self.is_agreed and not await session.screen.confirmed(f"Delete {self.slug}? Undo brings it back."):
            raise Refused("Nothing was deleted.")
        deleted = await session.engine.settables.delete(
            Character, found.id, person=acting_for(found.owner, person), at=session.now()
        )
        return Thing.changed(deleted, f"Deleted {self.slug}: undo event {deleted.position} to bring it back.")


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
    return Request(Delete(slug, name, yes).perform, as_json=json)
