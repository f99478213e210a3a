"""docs/reference/discord-commands.md: every slash command, and how its answer looks.

`python -m tests.discord.commands_shown` writes it; a test compares it. Each answer is what a person sees on the
simulated Discord, given by the real commands over a whole engine.
"""

import asyncio
import io
import json
import re
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from adapters.discord.commands.catalogue import GROUPS
from adapters.discord.commands.declaring import Command, Kind, Permission, Where
from adapters.discord.simulated.actors import Actor, Answer, File
from adapters.discord.simulated.world.permissions import Permission as Bit
from tests.discord.listening_scene import Scene, listening_scene

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "discord-commands.md"

INTRODUCTION = """\
# Slash commands on Discord

<!-- Written by `python -m tests.discord.commands_shown` from the commands and the simulated Discord. -->

What there is to type, who may, and how the answer looks. The pictures are drawn as text from what a person sees on the
simulated Discord: `┃` is a card's edge, `[ … ]` a button, `👁` marks what only the asker sees. `tzurot discord sync`
registers the commands.
"""

KINDS = {
    Kind.TEXT: "text",
    Kind.WHOLE_NUMBER: "number",
    Kind.YES_OR_NO: "yes or no",
    Kind.USER: "person",
    Kind.CHANNEL: "channel",
    Kind.NUMBER: "number",
    Kind.FILE: "file",
}

CARD = {"name": "Sallow", "slug": "sallow", "description": "A tax collector for the dead.", "tone": "dry"}

type Step = Callable[["Tour"], Awaitable[Sequence[Answer]]]


class Tour:
    """Alice, who talks; Mia, who moderates; and who runs the bot."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.tavern = scene.harbour.text_channel("tavern")
        self.alice = scene.harbour.member("alice")
        self.mia = scene.harbour.member("mia", permissions=[Bit.MANAGE_MESSAGES])

    async def slash(self, command: str, by: Actor | None = None, **options: Any) -> Answer:
        return await (await (by or self.alice).slash(command, self.tavern, **options)).finished()

    async def shows(self, answer: Answer, text: str) -> Answer:
        await self.scene.discord.until(lambda: text in answer.as_text())
        return answer


def shown(command: str, **options: Any) -> Step:
    async def step(tour: Tour) -> Sequence[Answer]:
        return [await tour.slash(command, **options)]

    return step


def moderated(command: str, **options: Any) -> Step:
    async def step(tour: Tour) -> Sequence[Answer]:
        return [await tour.slash(command, tour.mia, **options)]

    return step


def operated(command: str, **options: Any) -> Step:
    async def step(tour: Tour) -> Sequence[Answer]:
        return [await tour.slash(command, tour.scene.operator, **options)]

    return step


async def chatted(tour: Tour) -> Sequence[Answer]:
    said = await tour.slash("character chat", character="thessaly", message="Is the lamp lit?")
    await tour.scene.discord.until(lambda: any(seen.author == "Thessaly Wren" for seen in tour.alice.sees(tour.tavern)))
    return [said]


async def created(tour: Tour) -> Sequence[Answer]:
    form = await tour.alice.slash("character create", tour.tavern)
    filled = {"Name": "Orin of the Reach", "Short name: a-z, 0-9, hyphens": "orin", "About": "A ferryman."}
    return [form, await (await tour.alice.submit(form, filled)).finished()]


async def edited(tour: Tour) -> Sequence[Answer]:
    dashboard = await tour.slash("character edit", character="orin")
    form = await tour.alice.select(dashboard.message, "Change a section", "Preferences")
    saved = await tour.alice.submit(form, {"Likes": "Still water.", "Dislikes": "Questions."})
    return [form, await tour.shows(saved, "✅ Preferences")]


async def given_a_face(tour: Tour) -> Sequence[Answer]:
    face = io.BytesIO()
    Image.new("RGB", (512, 512), (40, 60, 90)).save(face, "PNG")
    return [await tour.slash("character avatar", character="orin", image=File("orin.png", face.getvalue()))]


async def deleted(tour: Tour) -> Sequence[Answer]:
    await tour.slash("character import", file=File("pell.json", json.dumps({**CARD, "slug": "pell"}).encode()))
    return [await tour.slash("character delete", character="pell")]


async def left(tour: Tour) -> Sequence[Answer]:
    tour.scene.discord.guild("Mill").invite(tour.scene.bot)
    [mill] = await tour.scene.operator.autocomplete("admin kick", "server", "mill", tour.tavern)
    return [await tour.slash("admin kick", tour.scene.operator, server=mill)]


STEPS: dict[str, Step] = {
    "character list": shown("character list"),
    "character view": shown("character view", character="thessaly"),
    "character chat": chatted,
    "character create": created,
    "character edit": edited,
    "character settings": shown("character settings", character="orin"),
    "character avatar": given_a_face,
    "character delete": deleted,
    "character export": shown("character export", character="orin"),
    "character import": shown("character import", file=File("sallow.json", json.dumps(CARD).encode())),
    "character template": shown("character template"),
    "channel activate": moderated("channel activate", character="bramble"),
    "channel list": moderated("channel list"),
    "channel settings": moderated("channel settings"),
    "channel deactivate": moderated("channel deactivate"),
    "me recording": shown("me recording", wish="What holds now"),
    "help": shown("help", topic="What is recorded"),
    "admin ping": operated("admin ping"),
    "admin servers": operated("admin servers"),
    "admin usage": operated("admin usage", days=1),
    "admin kick": left,
}
"""In the order in which they are taken; the page has them in the order of the catalogue."""


async def commands_shown() -> str:
    """The page."""
    with tempfile.TemporaryDirectory() as directory:
        async with listening_scene(Path(directory)) as scene:
            await scene.register_commands()
            await scene.caught_up()
            tour = Tour(scene)
            pictures = {}
            for path, step in STEPS.items():
                pictures[path] = "\n\n".join(answer.as_text() for answer in await step(tour))
                await scene.caught_up()
    return INTRODUCTION + "".join(
        f"\n## /{group.name}\n\n{group.description}\n"
        + "".join(_section(command, pictures[command.path]) for command in group.commands)
        for group in GROUPS
    )


def _section(command: Command, picture: str) -> str:
    lines = [f"\n### /{command.path}\n", f"{command.description} {_who(command)}".rstrip() + "\n"]
    if command.options:
        lines += ["| option | | |", "|---|---|---|"]
        lines += [
            f"| `{option.name}` | {KINDS[option.kind]}{'' if option.is_required else ', optional'} | "
            f"{option.description} |"
            for option in command.options
        ]
        lines.append("")
    return "\n".join([*lines, "```text", _the_same_each_time(picture), "```", ""])


def _who(command: Command) -> str:
    if command.is_for_operators:
        return "For whoever runs the bot."
    parts = ["In servers." if Where.BOT_DM not in command.where else ""]
    if command.needs:
        needed = [str(bit.name) for bit in Permission if bit and bit in command.needs]
        parts.append(f"Takes the permission {' and '.join(needed).replace('_', ' ').title()}.")
    return " ".join(part for part in parts if part)


def _the_same_each_time(picture: str) -> str:
    """Without what depends on when and where it was drawn."""
    picture = re.sub(r"\b\d+ ms", "12 ms", picture)
    picture = re.sub(r"(Events on the log\*\*\n  ┃ |Last position\*\*\n  ┃ )[\d,]+", r"\g<1>1,234", picture)
    picture = re.sub(r"\b\d{17,20}\b", "1234567890123456789", picture)
    return re.sub(r"\d+ bytes|\d+(\.\d+)? KB", "1 KB", picture)


if __name__ == "__main__":
    PAGE.write_text(asyncio.run(commands_shown()), encoding="utf-8")
