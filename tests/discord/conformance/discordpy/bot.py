"""The bot of ../scenario.py in discord.py's idiom."""

import json
import logging
import os
from io import BytesIO
from typing import Any

import discord
from discord import app_commands

discord.http.Route.BASE = os.environ["DISCORD_API_BASE"]
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # voice is not what this is about
FOUND = ("Lilith", "Lilian", "Baal")


def notice(event: str, **facts: Any) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


class Bot(discord.AutoShardedClient):  # it asks /gateway/bot where the gateway is, as the plain client does not
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.all())
        self.tree = app_commands.CommandTree(self)
        self.persona: discord.WebhookMessage | None = None

    async def on_ready(self) -> None:
        synced = await self.tree.sync()
        notice(
            "ready",
            name=self.user.name,
            application=str(self.application_id),
            guilds=[guild.name for guild in self.guilds],
            commands=sorted(command.name for command in synced),
        )

    async def on_resumed(self) -> None:
        notice("resumed")

    async def on_message(self, message: discord.Message) -> None:
        if message.webhook_id or message.author == self.user:
            notice("own", id=str(message.id), author=message.author.name, content=message.content)
            return
        notice("heard", id=str(message.id), author=message.author.name, content=message.content)
        match message.content:
            case "hello" if message.guild is None:
                await message.reply(f"Hello {message.author.display_name}, we are alone")
            case "hello":
                where = f"#{message.channel.name} of {message.guild.name}"
                await message.reply(f"Hello {message.author.display_name}, this is {where}")
            case text if text.startswith("look"):
                file, *_ = message.attachments
                people = ", ".join(each.display_name for each in message.mentions)
                await message.channel.send(f"{file.filename} says {(await file.read()).decode()} to {people}")
            case "persona":
                await self.speak_as_persona(message)
            case "persona edit":
                await self.persona.edit(content="I am Lilith still")
            case "persona delete":
                await self.persona.delete()
            case "gallery":
                embed = discord.Embed(title="A harbour", description="At dawn", colour=0x336699)
                embed.add_field(name="Ships", value="3").set_footer(text="drawn by hand")
                await message.channel.send(embed=embed, file=discord.File(BytesIO(b"Here be dragons"), "chart.txt"))
            case "thread":
                thread = await message.create_thread(name="aside")
                await thread.send("come here")
            case "history":
                earlier = [each.content async for each in message.channel.history(limit=2, before=message)]
                await message.channel.send(f"earlier: {' | '.join(earlier)}")
            case "shout":
                await message.channel.send("@everyone", allowed_mentions=discord.AllowedMentions.none())
            case "like":
                await message.add_reaction("👍")
            case "too much":
                try:
                    await message.channel.send("x" * 2001)
                except discord.HTTPException as error:
                    notice("refused", status=error.status, code=error.code)
            case "still there?":
                await message.channel.send("still here")

    async def on_message_edit(self, before: discord.Message, after: discord.Message) -> None:
        notice("edited", id=str(after.id), content=after.content)

    async def on_message_delete(self, message: discord.Message) -> None:
        notice("deleted", id=str(message.id))

    async def on_reaction_add(self, reaction: discord.Reaction, user: discord.User) -> None:
        notice("reacted", id=str(reaction.message.id), emoji=str(reaction.emoji), author=user.name)

    async def speak_as_persona(self, message: discord.Message) -> None:
        is_thread = isinstance(message.channel, discord.Thread)
        channel = message.channel.parent if is_thread else message.channel
        existing = [webhook for webhook in await channel.webhooks() if webhook.name == "Personas"]
        webhook = existing[0] if existing else await channel.create_webhook(name="Personas")
        self.persona = await webhook.send(
            "I am Lilith",
            username="Lilith",
            avatar_url="https://pictures.example/lilith.png",
            thread=message.channel if is_thread else discord.utils.MISSING,
            wait=True,
        )


bot = Bot()


@bot.tree.command(description="Say something again")
@app_commands.describe(text="what to say", quietly="so that only you see it")
async def echo(interaction: discord.Interaction, text: str, quietly: bool = False) -> None:
    await interaction.response.send_message(f"{interaction.user.display_name} says {text}", ephemeral=quietly)


@bot.tree.command(description="Think for a while")
async def think(interaction: discord.Interaction) -> None:
    await interaction.response.defer()
    await interaction.edit_original_response(content="42")
    await interaction.followup.send("but tell nobody", ephemeral=True)


@bot.tree.command(description="Find somebody")
@app_commands.describe(name="who")
async def find(interaction: discord.Interaction, name: str) -> None:
    await interaction.response.send_message(f"Found {name}")


@find.autocomplete("name")
async def names(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    fitting = (name for name in FOUND if name.lower().startswith(typed))
    return [app_commands.Choice(name=name, value=name.lower()) for name in fitting]


character = app_commands.Group(name="character", description="Characters")
voice = app_commands.Group(name="voice", description="Voices", parent=character)
bot.tree.add_command(character)


@voice.command(name="set", description="Choose a voice")
@app_commands.describe(name="whose", speed="how fast", tone="how")
@app_commands.choices(tone=[app_commands.Choice(name="Softly", value="soft")])
async def set_voice(
    interaction: discord.Interaction, name: str, speed: app_commands.Range[int, 1, 5], tone: app_commands.Choice[str]
) -> None:
    await interaction.response.send_message(f"{name} speaks {tone.name} at {speed}")


@bot.tree.command(description="Introduce somebody")
@app_commands.describe(person="whom", place="where", rank="as what")
async def introduce(
    interaction: discord.Interaction, person: discord.Member, place: discord.TextChannel, rank: discord.Role
) -> None:
    await interaction.response.send_message(f"{person.display_name}, {rank.name}, in #{place.name}")


@bot.tree.context_menu(name="Quote")
async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"{message.author.display_name} said {message.content}")


@bot.tree.context_menu(name="Wave")
async def wave(interaction: discord.Interaction, member: discord.Member) -> None:
    await interaction.response.send_message(f"Hello {member.display_name}")


class Letter(discord.ui.Modal, title="Letter"):
    subject = discord.ui.Label(text="Subject", component=discord.ui.TextInput(custom_id="subject", max_length=50))
    body = discord.ui.Label(
        text="Body",
        description="At length",
        component=discord.ui.TextInput(custom_id="body", style=discord.TextStyle.paragraph, required=False),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{self.subject.component.value}: {self.body.component.value}")


class Panel(discord.ui.View):
    @discord.ui.button(label="Press", custom_id="press", style=discord.ButtonStyle.primary)
    async def press(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        await interaction.response.edit_message(content=f"Pressed by {interaction.user.display_name}")

    @discord.ui.button(label="Write", custom_id="write")
    async def write(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        await interaction.response.send_modal(Letter(custom_id="letter"))

    @discord.ui.select(
        custom_id="colour",
        placeholder="Colour",
        options=[discord.SelectOption(label="Red", value="red"), discord.SelectOption(label="Blue", value="blue")],
    )
    async def choose(self, interaction: discord.Interaction, select: discord.ui.Select) -> None:
        await interaction.response.send_message(f"You chose {select.values[0]}", ephemeral=True)

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="whom", placeholder="Whom")
    async def choose_person(self, interaction: discord.Interaction, select: discord.ui.UserSelect) -> None:
        await interaction.response.send_message(f"You chose {select.values[0].display_name}", ephemeral=True)


@bot.tree.command(description="Show a panel")
async def panel(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("A panel", view=Panel())


bot.run(os.environ["DISCORD_TOKEN"], log_level=logging.WARNING)
