"""`/me`: what a person decides about themselves."""

from adapters.discord.commands.answers import Answer, Choice, Tone, said
from adapters.discord.commands.declaring import Asked, Command, Group, Option
from adapters.discord.commands.editing import READ_TIMEOUT_S

STOP, RESUME, STATUS = "stop", "resume", "status"

NOT_RECORDED = (
    "Nothing that you say from now on is recorded or answered, in any server and in direct messages. What was recorded "
    "before stays until it is erased: ask whoever runs this bot. `/me recording` takes it back."
)
RECORDED = "What you say to characters is recorded, and answered. `/help topic:privacy` says what that means."


async def recording(asked: Asked) -> Answer:
    wish, recording_ = asked.text("wish"), asked.engine.recording
    if wish in {STOP, RESUME}:
        change = recording_.stop if wish == STOP else recording_.resume
        done = await change(asked.person, at=asked.at)
        await asked.engine.read.wait_for(done.position, timeout_s=READ_TIMEOUT_S)
    return said(NOT_RECORDED if recording_.is_refused(asked.person) else RECORDED, tone=Tone.GOOD)


WISHES = (
    Choice("Record nothing of me", STOP),
    Choice("Record what I say to characters", RESUME),
    Choice("What holds now", STATUS),
)

GROUP = Group(
    "me",
    "What you decide about yourself.",
    (
        Command(
            "me recording",
            "Whether what you say is recorded.",
            recording,
            options=(Option("wish", "What you want", is_required=True, choices=WISHES),),
        ),
    ),
)
