"""`/help`: what there is to do here, and what is recorded."""

from dataclasses import replace

from adapters.discord.commands.answers import Answer, Card, Choice, Field, Shown
from adapters.discord.commands.declaring import Asked, Command, Group, Option
from adapters.discord.commands.naming import name_of
from engine.reading import Overheard

TALKING = "talking"
PRIVACY = "privacy"

START = Card(
    title="Tzurot",
    text="Characters that remember you. Say hello to one, and it answers as itself.",
    fields=(
        Field("Talk", "`@Name hello` in a channel, reply to what a character said, or write to me directly."),
        Field("Who is there", "`/character list` shows whom you can talk to, `/character view` their cards."),
        Field("In a channel", "`/channel activate` lets a character answer every message there; moderators only."),
        Field("What is recorded", "`/help topic:privacy` says it, and how to have it erased."),
    ),
)

ABOUT_TALKING = Card(
    title="How to reach a character",
    text=(
        "- Mention it: `@Lyra what do you think?` Names of several words work, and so do its short names.\n"
        "- Reply to something that it said.\n"
        "- In a channel where a character is active, just speak.\n"
        "- In a direct message to me, mention it once or use `/character chat`; after that, just speak.\n"
        "Mention several, and they answer one after the other."
    ),
)

ABOUT_PRIVACY = Card(
    title="What is recorded",
    text=(
        "**Recorded**: messages that address a character, and every message of a channel where a character is active; "
        "with them what you attach (a model may look at pictures and listen to voices, to put them into words), "
        "and the messages that you reply to, forward or link.\n"
        "**Not recorded**: anything else in a server.\n"
        "**Edit or delete a message** in Discord, and the earlier text is erased here, too.\n"
        "**What is remembered of you** is yours alone: nobody else is answered from your private conversations.\n"
        "**It is sealed** under keys of your own. Erasing destroys the words in the log, in every copy made of it, and "
        "gives a receipt.\n"
        "`/me recording` lets nothing more be recorded of you, anywhere. Ask whoever runs this bot to export or erase "
        "what is kept of you."
    ),
)

CARDS = {TALKING: ABOUT_TALKING, PRIVACY: ABOUT_PRIVACY}


async def show(asked: Asked) -> Answer:
    card = CARDS.get(asked.text("topic"), START)
    here = await asked.engine.read.situation(Overheard(asked.place, asked.parent, asked.person))
    if asked.is_private or not (here.active or here.is_active_hidden):
        return Shown(cards=(card,))
    listening = name_of(here.active) if here.active else "A private character"
    notice = Field("Here", f"{listening} is active in this channel: every message is heard and recorded.")
    return Shown(cards=(replace(card, fields=(*card.fields, notice)),))


GROUP = Group(
    "help",
    "What there is to do here, and what is recorded.",
    (
        Command(
            "help",
            "What there is to do here, and what is recorded.",
            show,
            options=(
                Option(
                    "topic",
                    "What about",
                    choices=(Choice("How to reach a character", TALKING), Choice("What is recorded", PRIVACY)),
                ),
            ),
        ),
    ),
)
