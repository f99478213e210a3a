"""`/character chat`: say something to a character, or choose whom to talk to in a direct message."""

from adapters.discord.commands.answers import Answer, Shown, Tone, said
from adapters.discord.commands.declaring import Asked
from adapters.discord.commands.editing import READ_TIMEOUT_S
from adapters.discord.commands.naming import name_of, the_character
from engine.commands.messages import Hear
from engine.domain import Message
from engine.domain.ids import message_id
from engine.errors import Invalid
from engine.reading import AuditQuestion

LOOKED_BACK = 20
"""Messages of a place, of which one has to be there still."""

JOIN_IN = "[asks you to say something to what was said here]"
"""What is heard where somebody calls a character without a word."""


async def chat(asked: Asked) -> Answer:
    character = await the_character(asked)
    await asked.engine.settables.meet(asked.person, name=asked.name, at=asked.at)
    token = character.id.partition(".")[2]
    if asked.is_private:
        chosen = await asked.engine.places.activate(
            asked.place, character=token, person=asked.person, server=None, may_manage=True, at=asked.at
        )
        await asked.engine.read.wait_for(chosen.position, timeout_s=READ_TIMEOUT_S)
    text = asked.text("message").strip()
    if text:
        await _hear(asked, token, text)
        return Shown(text=f"**{asked.name}:** {text}")
    if asked.is_private:
        return said(f"You talk to {name_of(character)} here from now on. Just write.", tone=Tone.GOOD)
    if not await _was_anything_said(asked):
        raise Invalid(f"Nothing was said here yet. Say something to {name_of(character)}: fill in `message`.")
    await _hear(asked, token, JOIN_IN)
    return Shown(text=f"*{asked.name} asks {name_of(character)} to join in.*")


async def _hear(asked: Asked, character: str, text: str) -> None:
    message = message_id(asked.place, str(asked.interaction))
    await asked.engine.messages.hear(
        Hear(
            message=message,
            person=asked.person,
            text=text,
            addresses=(character,),
            asked_by=("command",),
            is_private=asked.is_private,
            at=asked.at,
        )
    )
    asked.show_typing(message, [character])


async def _was_anything_said(asked: Asked) -> bool:
    """Whether there is a conversation here that can be joined."""
    await asked.engine.read.wait_for(await asked.engine.log.last_position(), timeout_s=READ_TIMEOUT_S)
    question = AuditQuestion(place=asked.place, type="MessageHeard", limit=LOOKED_BACK)
    for entry in reversed(await asked.engine.read.entries(question)):
        message = await asked.engine.log.find(Message, entry.subject)
        if message is not None and not message.is_gone:
            return True
    return False
