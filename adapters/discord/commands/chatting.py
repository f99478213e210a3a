"""`/character chat`: say something to a character, or choose whom to talk to in a direct message."""

from adapters.discord.commands.answers import Answer, Shown, Tone, said
from adapters.discord.commands.declaring import Asked
from adapters.discord.commands.naming import name_of, the_character
from engine.commands.messages import Hear
from engine.domain.ids import message_id
from engine.errors import Invalid


async def chat(asked: Asked) -> Answer:
    character = await the_character(asked)
    await asked.engine.settables.meet(asked.person, name=asked.name, at=asked.at)
    token = character.id.partition(".")[2]
    if asked.is_private:
        await asked.engine.places.activate(
            asked.place, character=token, person=asked.person, server=None, may_manage=True, at=asked.at
        )
    text = asked.text("message").strip()
    if text:
        message = message_id(asked.place, str(asked.interaction))
        await asked.engine.messages.hear(
            Hear(
                message=message,
                person=asked.person,
                text=text,
                addresses=(token,),
                asked_by=("command",),
                is_private=asked.is_private,
                at=asked.at,
            )
        )
        asked.show_typing(message, [token])
        return Shown(text=f"**{asked.name}:** {text}")
    if asked.is_private:
        return said(f"You talk to {name_of(character)} here from now on. Just write.", tone=Tone.GOOD)
    raise Invalid(f"Say something to {name_of(character)}: fill in `message`, or mention it in the channel.")
