"""`/character avatar`: what a character looks like."""

from adapters.discord.commands.answers import Answer, Card, Shown, Tone, said
from adapters.discord.commands.declaring import Asked
from adapters.discord.commands.editing import READ_TIMEOUT_S
from adapters.discord.commands.naming import name_of, owner_of, the_character, token_of
from adapters.discord.faces import NotPublished
from adapters.pictures import MAX_UPLOAD_BYTES
from engine.errors import Invalid, NotFound

NOT_SHOWN_YET = (
    "That is kept, but Discord does not show it yet. {reason} Use the command again, or whoever runs this bot runs "
    "`tzurot discord sync`."
)


async def avatar(asked: Asked) -> Answer:
    """Set the picture that is given, or clear what there is."""
    character = await the_character(asked)
    person, token = owner_of(character, asked), token_of(character)
    if character.owner != person:
        raise NotFound("You can change only characters of your own: `/character list` marks them.")
    had_one = character.fields.get("avatar_url") is not None
    upload = asked.uploads.get("image")
    if upload is None:
        had_one = await asked.engine.avatars.clear(token, person=person, at=asked.at) or had_one
    elif upload.size_bytes > MAX_UPLOAD_BYTES:
        raise Invalid(f"The picture is too large: at most {MAX_UPLOAD_BYTES // 1024 // 1024} MB.")
    else:
        picture = await asked.fit(await asked.fetch(upload, MAX_UPLOAD_BYTES))
        await asked.engine.avatars.set(token, picture, person=person, at=asked.at)
    try:
        address = await asked.publishing.show(token, at=asked.at)
    except NotPublished as error:
        return said(NOT_SHOWN_YET.format(reason=error.message), tone=Tone.CAREFUL)
    await asked.engine.read.wait_for(await asked.engine.log.last_position(), timeout_s=READ_TIMEOUT_S)
    if address is not None:
        text = f"This is what {name_of(character)} looks like from now on."
        return Shown(cards=(Card(text=text, thumbnail_url=address, tone=Tone.GOOD),))
    name = name_of(character)
    return said(f"{name} has no picture any more." if had_one else f"{name} had no picture.", tone=Tone.GOOD)
