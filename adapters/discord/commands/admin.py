"""`/admin`: for whoever runs the bot. Nobody else is answered."""

from datetime import UTC, datetime, timedelta

from adapters.discord.commands.answers import Answer, Button, Card, Choice, Field, Shown, Style, Tone, said
from adapters.discord.commands.custom_ids import CustomId
from adapters.discord.commands.declaring import Asked, Command, Group, Kind, Option, Reaction
from adapters.discord.commands.drawing import MOST_FIELDS
from adapters.discord.commands.pages import page_number, page_of, turning
from adapters.discord.commands.servers import Server
from engine.errors import Invalid, NotFound

DISCORD_EPOCH_MS = 1_420_070_400_000
"""The first second of 2015, from which Discord counts in its ids."""

SUGGESTED_MOST = 25
USUAL_DAYS = 7
MAX_DAYS = 365


async def ping(asked: Asked) -> Answer:
    """How long a click takes to get here, and how far the log is."""
    clicked = datetime.fromtimestamp(((asked.interaction >> 22) + DISCORD_EPOCH_MS) / 1_000, tz=UTC)
    way_ms = max(0, round((asked.at - clicked).total_seconds() * 1_000))
    log = await asked.engine.log.state()
    fields = (
        Field("From Discord to here", f"{way_ms} ms", is_inline=True),
        Field("Events on the log", f"{log.events:,}", is_inline=True),
        Field("Last position", f"{log.last_position:,}", is_inline=True),
    )
    return Shown(cards=(Card(title="Here.", fields=fields, tone=Tone.GOOD),))


async def servers(asked: Asked) -> Answer:
    joined = await asked.servers.joined()
    page = page_of(sorted(joined, key=lambda server: server.name.casefold()), page_number(asked.extra))
    lines = [f"{server.name} (`{server.id}`)" for server in page.things]
    card = Card(title=f"Servers: {len(joined)}", text="\n".join(lines) or "None.")
    return Shown(cards=(card,), rows=turning(page, group="admin", action="servers"))


async def usage(asked: Asked) -> Answer:
    """What models were asked for lately."""
    days = int(asked.text("days") or USUAL_DAYS)
    found = await asked.engine.read.usage(asked.at - timedelta(days=days))
    fields = tuple(
        Field(
            used.model,
            f"{used.replies:,} replies to {used.people:,} people, {used.calls:,} calls\n"
            f"{used.prompt_tokens:,} tokens asked, {used.completion_tokens:,} answered",
        )
        for used in found[:MOST_FIELDS]
    )
    text = "" if fields else "No model was called."
    return Shown(cards=(Card(title=f"Models in the last {_days(days)}", text=text, fields=fields),))


def _days(days: int) -> str:
    return "24 hours" if days == 1 else f"{days} days"


async def suggest_servers(asked: Asked, typed: str) -> list[Choice]:
    if not asked.is_operator:
        return []
    found = [server for server in await asked.servers.joined() if typed.casefold() in server.name.casefold()]
    return [Choice(server.name, str(server.id)) for server in found[:SUGGESTED_MOST]]


async def confirm_leaving(asked: Asked) -> Answer:
    server = await _server(asked, asked.text("server"))
    token = await asked.sessions.begin(asked.person, {"server": str(server.id)})
    card = Card(
        title=f"Leave {server.name}?",
        text="No character hears or answers there any more. What was said stays on the log.",
        tone=Tone.DANGER,
    )
    buttons = (
        Button("Leave", CustomId("admin", "leave", token), Style.DANGER),
        Button("Stay", CustomId("admin", "stay", token)),
    )
    return Shown(cards=(card,), rows=(buttons,))


async def leave(asked: Asked) -> Answer:
    state = await asked.sessions.find(asked.key, asked.person)
    server = await _server(asked, str(state["server"]))
    await asked.servers.leave(server.id)
    await asked.sessions.end(asked.key, asked.person)
    return said(f"Left {server.name}.", tone=Tone.GOOD)


async def stay(asked: Asked) -> Answer:
    await asked.sessions.end(asked.key, asked.person)
    return said("Nothing was left.")


async def _server(asked: Asked, id: str) -> Server:
    if not id.isascii() or not id.isdigit():
        raise Invalid("Choose one of the suggested servers, or give its id: `/admin servers` shows them.")
    found = next((server for server in await asked.servers.joined() if server.id == int(id)), None)
    if found is None:
        raise NotFound("The bot is in no server of that id: `/admin servers` shows where it is.")
    return found


SERVER = Option("server", "Which server", is_required=True, complete=suggest_servers, max_chars=100)
DAYS = Option("days", "How far back", Kind.WHOLE_NUMBER, min_value=1, max_value=MAX_DAYS)

GROUP = Group(
    "admin",
    "For whoever runs this bot.",
    (
        Command("admin ping", "Whether everything answers.", ping, is_for_operators=True),
        Command("admin servers", "Where the bot is.", servers, is_for_operators=True),
        Command("admin usage", "What models were asked for.", usage, options=(DAYS,), is_for_operators=True),
        Command("admin kick", "Let the bot leave a server.", confirm_leaving, options=(SERVER,), is_for_operators=True),
    ),
    (
        Reaction("admin", "servers", servers, is_for_operators=True),
        Reaction("admin", "leave", leave, is_for_operators=True),
        Reaction("admin", "stay", stay),
    ),
)
