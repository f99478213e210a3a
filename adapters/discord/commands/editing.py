"""The dashboard of a character: its sections, what is filled in, and a form for each.

Its state is a session, so any process serves the next click: which character it is about, and nothing else, since
what the card says is read afresh each time.
"""

from dataclasses import dataclass

from adapters.discord.commands.answers import (
    Answer,
    Button,
    Card,
    Choice,
    Field,
    Form,
    Input,
    Menu,
    Shown,
    Style,
    Tone,
    said,
)
from adapters.discord.commands.custom_ids import CustomId
from adapters.discord.commands.declaring import Asked, Reaction
from adapters.discord.commands.naming import name_of, owner_of, slug_of, the_character, token_of
from adapters.discord.faces import is_face
from engine.domain import Character
from engine.domain.event import JSON
from engine.errors import Invalid, NotFound
from engine.reading import FieldsAt

GROUP_NAME = "character"
READ_TIMEOUT_S = 10.0
COMPLETE, PARTIAL, EMPTY = "✅", "⚠️", "❌"


@dataclass(frozen=True, slots=True)
class Blank:
    """One field of the card as a form asks for it."""

    field: str
    label: str
    is_long: bool = True
    max_chars: int = 4_000


@dataclass(frozen=True, slots=True)
class Section:
    """Up to five fields that are filled in together: as many as a form of Discord's holds."""

    name: str
    title: str
    blanks: tuple[Blank, ...]


SECTIONS = (
    Section(
        "identity",
        "Identity",
        (
            Blank("name", "Name", is_long=False, max_chars=100),
            Blank("slug", "Short name, for mentions", is_long=False, max_chars=50),
            Blank("personality", "Personality"),
            Blank("tone", "Tone", is_long=False, max_chars=255),
            Blank("avatar_url", "Picture (an https address)", is_long=False, max_chars=2_048),
        ),
    ),
    Section("biography", "Biography", (Blank("description", "About"), Blank("appearance", "Appearance"))),
    Section("preferences", "Preferences", (Blank("likes", "Likes"), Blank("dislikes", "Dislikes"))),
    Section(
        "conversation",
        "Conversation",
        (
            Blank("goals", "Goals"),
            Blank("examples", "Examples of how it talks"),
            Blank("system_prompt", "Instructions"),
            Blank("error_message", "What it says when it cannot answer", max_chars=1_000),
        ),
    ),
)
BY_NAME = {section.name: section for section in SECTIONS}


async def create_form(asked: Asked) -> Answer:  # noqa: ARG001 - what every command is given
    """What a new character needs."""
    return Form(
        "A new character",
        CustomId(GROUP_NAME, "create"),
        (
            Input("name", "Name", is_required=True, max_chars=100),
            Input("slug", "Short name: a-z, 0-9, hyphens", is_required=True, max_chars=50, placeholder="old-keeper"),
            Input("description", "About", is_long=True),
            Input("personality", "Personality", is_long=True),
            Input("examples", "Examples of how it talks", is_long=True),
        ),
    )


async def create(asked: Asked) -> Answer:
    fields: dict[str, JSON] = {name: value.strip() for name, value in asked.inputs.items() if value.strip()}
    if "slug" in fields:
        fields["slug"] = str(fields["slug"]).casefold()
    await asked.engine.settables.meet(asked.person, name=asked.name, at=asked.at)
    made = await asked.engine.settables.create_character(owner=asked.person, fields=fields, at=asked.at)
    await asked.engine.read.wait_for(made.position, timeout_s=READ_TIMEOUT_S)
    return await _opened(asked, await _again(asked, made.thing.id))


async def open_dashboard(asked: Asked) -> Answer:
    character = await the_character(asked)
    if character.owner != owner_of(character, asked):
        raise NotFound("You can change only characters of your own: `/character list` marks them.")
    return await _opened(asked, character)


async def section_form(asked: Asked) -> Answer:
    """The form of the section that was chosen, filled in with what the card says."""
    character = await _of_session(asked)
    section = _section(next(iter(asked.values), ""))
    return Form(
        f"{section.title} of {name_of(character)}",
        CustomId(GROUP_NAME, "save", asked.key, section.name),
        tuple(
            Input(
                blank.field,
                blank.label,
                value=str(character.fields.get(blank.field) or ""),
                is_long=blank.is_long,
                max_chars=blank.max_chars,
            )
            for blank in section.blanks
        ),
    )


async def save(asked: Asked) -> Answer:
    """Take what was filled in; what was emptied is no longer part of the card."""
    character = await _of_session(asked)
    known = {blank.field for blank in _section(asked.extra).blanks}
    changes: dict[str, JSON] = {name: value.strip() or None for name, value in asked.inputs.items() if name in known}
    if changes.get("avatar_url", ...) is None and is_face(character.fields.get("avatar_url")):
        await asked.engine.avatars.clear(token_of(character), person=owner_of(character, asked), at=asked.at)
    return await _changed(asked, character, changes)


async def toggle_visibility(asked: Asked) -> Answer:
    character = await _of_session(asked)
    return await _changed(asked, character, {"is_public": character.fields.get("is_public") is not True})


async def refresh(asked: Asked) -> Answer:
    return dashboard(await _of_session(asked), asked.key)


async def close(asked: Asked) -> Answer:
    await asked.sessions.end(asked.key, asked.person)
    return said("Closed. What you changed is kept.")


async def confirm_deletion(asked: Asked) -> Answer:
    """Ask before deleting, from the command or from the dashboard."""
    character = await the_character(asked)
    if character.owner != owner_of(character, asked):
        raise NotFound("You can delete only characters of your own: `/character list` marks them.")
    token = await asked.sessions.begin(asked.person, {"character": character.id})
    card = Card(
        title=f"Delete {name_of(character)}?",
        text=(
            "It answers nobody any more, and leaves the channels where it is active. Its card, conversations and "
            "memories stay on the log: whoever runs this bot can bring it back."
        ),
        tone=Tone.DANGER,
    )
    buttons = (
        Button("Delete", CustomId(GROUP_NAME, "delete", token), Style.DANGER),
        Button("Keep it", CustomId(GROUP_NAME, "keep", token)),
    )
    return Shown(cards=(card,), rows=(buttons,))


async def delete(asked: Asked) -> Answer:
    character = await _of_session(asked)
    gone = await asked.engine.settables.delete(Character, character.id, person=owner_of(character, asked), at=asked.at)
    await asked.sessions.end(asked.key, asked.person)
    return said(f"{name_of(character)} is deleted (event {gone.position}).", tone=Tone.GOOD)


async def keep(asked: Asked) -> Answer:
    await asked.sessions.end(asked.key, asked.person)
    return said("Nothing was deleted.")


def dashboard(character: FieldsAt, token: str) -> Shown:
    """The dashboard. Pure."""
    is_public = character.fields.get("is_public") is True
    card = Card(
        title=f"{name_of(character)} ({slug_of(character)})",
        text="Everyone may talk to it." if is_public else "Only you may talk to it.",
        fields=tuple(
            Field(f"{_mark(section, character)} {section.title}", _filled(section, character)) for section in SECTIONS
        ),
        footer="Choose a section to change it. This closes after a quarter of an hour of rest.",
    )
    menu = Menu(
        CustomId(GROUP_NAME, "section", token),
        tuple(Choice(section.title, section.name, _filled(section, character)) for section in SECTIONS),
        "Change a section",
    )
    buttons = (
        Button("Only for me" if is_public else "For everyone", CustomId(GROUP_NAME, "visibility", token)),
        Button("Refresh", CustomId(GROUP_NAME, "refresh", token)),
        Button("Close", CustomId(GROUP_NAME, "close", token)),
    )
    return Shown(cards=(card,), rows=(menu, buttons))


REACTIONS = (
    Reaction(GROUP_NAME, "create", create),
    Reaction(GROUP_NAME, "section", section_form, after="as a form"),
    Reaction(GROUP_NAME, "save", save),
    Reaction(GROUP_NAME, "visibility", toggle_visibility),
    Reaction(GROUP_NAME, "refresh", refresh),
    Reaction(GROUP_NAME, "close", close),
    Reaction(GROUP_NAME, "delete", delete),
    Reaction(GROUP_NAME, "keep", keep),
)


async def _opened(asked: Asked, character: FieldsAt) -> Shown:
    return dashboard(character, await asked.sessions.begin(asked.person, {"character": character.id}))


async def _changed(asked: Asked, character: FieldsAt, changes: dict[str, JSON]) -> Shown:
    edited = await asked.engine.settables.edit(
        Character, character.id, person=owner_of(character, asked), changes=changes, at=asked.at
    )
    await asked.engine.read.wait_for(edited.position, timeout_s=READ_TIMEOUT_S)
    return dashboard(await _again(asked, character.id), asked.key)


async def _of_session(asked: Asked) -> FieldsAt:
    state = await asked.sessions.find(asked.key, asked.person)
    return await _again(asked, str(state["character"]))


async def _again(asked: Asked, id: str) -> FieldsAt:
    found = (await asked.engine.read.fields(id)).get(id)
    if found is None or found.is_deleted:
        raise NotFound("That character was deleted meanwhile.")
    return found


def _section(name: str) -> Section:
    if name not in BY_NAME:
        raise Invalid("There is no such section any more: run the command again.")
    return BY_NAME[name]


def _mark(section: Section, character: FieldsAt) -> str:
    filled = sum(bool(character.fields.get(blank.field)) for blank in section.blanks)
    return EMPTY if not filled else COMPLETE if filled == len(section.blanks) else PARTIAL


def _filled(section: Section, character: FieldsAt) -> str:
    """Which of a section's fields say something."""
    names = [blank.label for blank in section.blanks if character.fields.get(blank.field)]
    return ", ".join(names) if names else "Nothing yet"
