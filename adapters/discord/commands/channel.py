"""`/channel`: where characters answer without being asked, and what that means for those who speak there."""

from collections.abc import Sequence

from adapters.discord.commands.answers import Answer, Card, Field, Shown, Tone
from adapters.discord.commands.declaring import SERVERS, Asked, Command, Group, Permission, Reaction
from adapters.discord.commands.editing import READ_TIMEOUT_S
from adapters.discord.commands.naming import CHARACTER, name_of, the_character
from adapters.discord.commands.pages import page_number, page_of, turning
from engine.domain.ids import untoken
from engine.reading import FieldsAt

NOTICE = (
    "It hears and answers every message here. What is said to it is recorded: `/help topic:privacy` says what, and how "
    "to have it erased."
)


async def activate(asked: Asked) -> Answer:
    character = await the_character(asked)
    done = await asked.engine.places.activate(
        asked.place,
        character=character.id.partition(".")[2],
        person=asked.person,
        server=str(asked.server),
        may_manage=asked.may(Permission.MANAGE_MESSAGES),
        at=asked.at,
    )
    await asked.engine.read.wait_for(done.position, timeout_s=READ_TIMEOUT_S)
    replaced = await _name(asked, done.replaced) if done.replaced else None
    sentence = f"{name_of(character)} is active here" + (f", in place of {replaced}." if replaced else ".")
    return Shown(cards=(Card(title=sentence, text=NOTICE, tone=Tone.GOOD),))


async def deactivate(asked: Asked) -> Answer:
    done = await asked.engine.places.deactivate(
        asked.place,
        is_part=asked.parent is not None,
        person=asked.person,
        server=str(asked.server),
        may_manage=asked.may(Permission.MANAGE_MESSAGES),
        at=asked.at,
    )
    await asked.engine.read.wait_for(done.position, timeout_s=READ_TIMEOUT_S)
    replaced = await _name(asked, done.replaced) if done.replaced else None
    sentence = f"{replaced} answers here only when it is asked." if replaced else "No character is active here."
    return Shown(cards=(Card(text=sentence),))


async def list_(asked: Asked) -> Answer:
    """Where in this server somebody is active."""
    places = await asked.engine.read.active_places(server=str(asked.server))
    page = page_of(places, page_number(asked.extra))
    known = await asked.engine.read.characters(person=asked.person)
    lines = [f"<#{_channel(place)}>: {_named(known, str(place.fields['character']))}" for place in page.things]
    card = Card(title="Where characters are active", text="\n".join(lines) or "Nowhere in this server.")
    return Shown(cards=(card,), rows=turning(page, group="channel", action="list"))


async def settings(asked: Asked) -> Answer:
    """What holds in this channel, and from where."""
    found = await asked.engine.read.fields(*(f"place.{place}" for place in (asked.place, asked.parent) if place))
    own = found.get(f"place.{asked.place}")
    above = found.get(f"place.{asked.parent}") if asked.parent else None
    if own is not None:
        source, character = "set here", own.fields.get("character")
    else:
        source, character = "from the channel", above.fields.get("character") if above else None
    active = await _name(asked, str(character)) if character else None
    fields = (
        Field("Active character", f"{active} ({source})" if active else "None: characters answer when they are asked."),
        Field("What is recorded", NOTICE if active else "Only messages that address a character."),
    )
    return Shown(cards=(Card(title="This channel", fields=fields),))


async def _name(asked: Asked, character: str) -> str:
    return _named(await asked.engine.read.characters(person=asked.person), character)


def _named(known: Sequence[FieldsAt], character: str) -> str:
    """A character's name, if the person may know it: that of somebody's private one is nobody else's business."""
    return next((name_of(one) for one in known if one.id == f"character.{character}"), "a private character")


def _channel(place: FieldsAt) -> str:
    return untoken(place.id.partition(".")[2].partition("-")[2])


MODERATES = Permission.MANAGE_MESSAGES

GROUP = Group(
    "channel",
    "Where characters answer without being asked.",
    (
        Command(
            "channel activate",
            "Let a character answer every message here.",
            activate,
            options=(CHARACTER,),
            seen="publicly",
            where=SERVERS,
            needs=MODERATES,
        ),
        Command(
            "channel deactivate",
            "Let no character answer here unasked.",
            deactivate,
            seen="publicly",
            where=SERVERS,
            needs=MODERATES,
        ),
        Command("channel list", "Where in this server characters are active.", list_, where=SERVERS, needs=MODERATES),
        Command("channel settings", "What holds in this channel.", settings, where=SERVERS, needs=MODERATES),
    ),
    (Reaction("channel", "list", list_, where=SERVERS, needs=MODERATES),),
)
