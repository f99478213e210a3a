"""A character as a file: exported with every field it has, imported with every field it was given."""

import base64
import binascii

import orjson
from pydantic import ValidationError

from adapters.discord.commands.answers import Answer, Document, Shown, Tone, said
from adapters.discord.commands.declaring import Asked
from adapters.discord.commands.editing import READ_TIMEOUT_S
from adapters.discord.commands.naming import name_of, owner_of, slug_of, the_character, token_of
from adapters.discord.faces import NotPublished, is_face
from engine.domain import Character
from engine.domain.character import CharacterFields
from engine.domain.event import JSON
from engine.errors import AlreadyExists, Invalid, NotFound

MAX_FILE_BYTES = 10 * 1024 * 1024
AVATAR = "avatar"
"""What a file calls the picture: its bytes in base64."""
OF_THIS_INSTANCE = frozenset({"preset"})
"""What has a meaning only here, and is no part of a file."""


async def export(asked: Asked) -> Answer:
    character = await the_character(asked)
    if character.owner != owner_of(character, asked):
        raise NotFound("You can export only characters of your own: `/character list` marks them.")
    fields = {name: value for name, value in character.fields.items() if name not in OF_THIS_INSTANCE}
    picture = await asked.engine.avatars.picture(token_of(character))
    if is_face(fields.get("avatar_url")):
        del fields["avatar_url"]  # it is this bot's, and gone with the next picture
    if picture is not None:
        fields[AVATAR] = base64.b64encode(picture.content).decode()
    content = orjson.dumps(fields, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    return Shown(text=f"{name_of(character)}, whole.", documents=(Document(f"{slug_of(character)}.json", content),))


async def import_(asked: Asked) -> Answer:
    """Make a character of a file, or bring one's own of the same slug to what the file says."""
    upload = asked.uploads["file"]
    if upload.size_bytes > MAX_FILE_BYTES:
        raise Invalid(f"The file is too large: at most {MAX_FILE_BYTES // 1024 // 1024} MB.")
    fields, image = fields_from(await asked.fetch(upload, MAX_FILE_BYTES))
    picture = await asked.fit(image) if image is not None else None
    await asked.engine.settables.meet(asked.person, name=asked.name, at=asked.at)
    there = await asked.engine.read.character_by_slug(str(fields["slug"]), person=asked.person)
    if there is None:
        done = await asked.engine.settables.create_character(owner=asked.person, fields=fields, at=asked.at)
        sentence, happened = "Imported", True
    elif there.owner == owner_of(there, asked):
        absent: dict[str, JSON] = dict.fromkeys(there.fields.keys() - fields.keys() - OF_THIS_INSTANCE)
        if is_face(there.fields.get("avatar_url")):
            absent.pop("avatar_url", None)  # a file that brings no picture leaves the one that there is
        done = await asked.engine.settables.edit(
            Character, there.id, person=owner_of(there, asked), changes={**absent, **fields}, at=asked.at
        )
        happened = done.happened
        sentence = "Brought up to date"
    else:
        raise AlreadyExists("Somebody else's character has that short name: change the `slug` in the file.")
    await asked.engine.read.wait_for(done.position, timeout_s=READ_TIMEOUT_S)
    problem = ""
    if picture is not None:
        token, owner = done.thing.id.partition(".")[2], done.thing.person
        happened = (await asked.engine.avatars.set(token, picture, person=owner, at=asked.at)).happened or happened
        problem = "" if "avatar_url" in fields else await _shown(asked, token)
    sentence = sentence if happened else "Nothing had to change in"
    return said(f"{sentence} {fields['name']} (`@{fields['slug']}`).{problem}", tone=Tone.GOOD)


async def _shown(asked: Asked, token: str) -> str:
    """Show the picture; returns what there is to say about that."""
    try:
        await asked.publishing.show(token, at=asked.at)
    except NotPublished as error:
        return f" Its picture is kept, but Discord does not show it yet. {error.message}"
    await asked.engine.read.wait_for(await asked.engine.log.last_position(), timeout_s=READ_TIMEOUT_S)
    return ""


async def template(asked: Asked) -> Answer:  # noqa: ARG001 - what every command is given
    """A file to fill in."""
    blank = dict.fromkeys((name for name in CharacterFields.model_fields if name not in OF_THIS_INSTANCE), "")
    blank |= {"is_public": False, "aliases": [], AVATAR: ""}  # type: ignore[dict-item]
    content = orjson.dumps(blank, option=orjson.OPT_INDENT_2)
    return Shown(
        text="Fill in what you like; only `name` and `slug` are needed. Then `/character import`.",
        documents=(Document("character.json", content),),
    )


def fields_from(content: bytes) -> tuple[dict[str, JSON], bytes | None]:
    """The fields that a file gives, and the picture; empty ones are absent. Raises Invalid, naming what is wrong."""
    try:
        given = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The file is no JSON (line {error.lineno}): `/character template` shows how it looks.") from None
    if not isinstance(given, dict):
        raise Invalid("The file has to hold one character: `/character template` shows how it looks.")
    image = _image(given.pop(AVATAR, None))
    unknown = given.keys() - CharacterFields.model_fields.keys()
    if unknown:
        raise Invalid(f"Nothing was imported: I do not know {', '.join(sorted(map(str, unknown)))[:500]}.")
    fields = {str(name): value for name, value in given.items() if value not in (None, "", [])}
    fields = {name: value for name, value in fields.items() if name not in OF_THIS_INSTANCE}
    missing = [name for name in ("name", "slug") if name not in fields]
    if missing:
        raise Invalid(f"Nothing was imported: the file lacks {' and '.join(missing)}.")
    try:
        CharacterFields.model_validate(fields)
    except ValidationError as error:
        problems = "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors(include_input=False))
        raise Invalid(f"Nothing was imported: {problems}."[:1_000]) from None
    return fields, image


def _image(given: object) -> bytes | None:
    if given in (None, ""):
        return None
    try:
        return base64.b64decode(str(given), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(f"Nothing was imported: `{AVATAR}` is to be a picture in base64.") from None
