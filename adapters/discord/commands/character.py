"""`/character`: whom there is to talk to, and everything that is done to them."""

from adapters.discord.commands import character_files, editing
from adapters.discord.commands.answers import Answer, Shown
from adapters.discord.commands.avatar import avatar
from adapters.discord.commands.cards import card_of, listed
from adapters.discord.commands.chatting import chat
from adapters.discord.commands.declaring import Asked, Command, Group, Kind, Option, Reaction
from adapters.discord.commands.naming import CHARACTER, the_character
from adapters.discord.commands.pages import page_number


async def list_(asked: Asked) -> Answer:
    found = await asked.engine.read.characters(person=asked.person)
    return listed(found, asked.person, page_number(asked.extra))


async def view(asked: Asked) -> Answer:
    return Shown(cards=(card_of(await the_character(asked), asked.person),))


MESSAGE = Option("message", "What you say to it", max_chars=2_000)
IMAGE = Option("image", "A PNG, JPEG, GIF or WebP; without one the picture is cleared", Kind.FILE)
FILE = Option("file", "A character's JSON file", Kind.FILE, is_required=True)

GROUP = Group(
    "character",
    "Whom there is to talk to: look, make, change.",
    (
        Command("character list", "Whom you can talk to.", list_),
        Command("character view", "A character's card.", view, options=(CHARACTER,)),
        Command("character chat", "Talk to a character.", chat, options=(CHARACTER, MESSAGE), seen="publicly"),
        Command("character create", "Make a character of your own.", editing.create_form, seen="as a form"),
        Command("character edit", "Change a character of your own.", editing.open_dashboard, options=(CHARACTER,)),
        Command(
            "character settings", "Who may talk to it, and its card.", editing.open_dashboard, options=(CHARACTER,)
        ),
        Command("character delete", "Delete a character of your own.", editing.confirm_deletion, options=(CHARACTER,)),
        Command("character avatar", "What a character of your own looks like.", avatar, options=(CHARACTER, IMAGE)),
        Command("character export", "A character of your own as a file.", character_files.export, options=(CHARACTER,)),
        Command("character import", "A character from a file.", character_files.import_, options=(FILE,)),
        Command("character template", "An empty file to fill in.", character_files.template),
    ),
    (Reaction("character", "list", list_), *editing.REACTIONS),
)
