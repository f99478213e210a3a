"""The bot of ../scenario.py in hikari's idiom."""

import json
import os
from typing import Any

import hikari

FOUND = ("Lilith", "Lilian", "Baal")
NEW = hikari.ResponseType.MESSAGE_CREATE
ONLY_FOR_YOU = hikari.MessageFlag.EPHEMERAL

bot = hikari.GatewayBot(
    os.environ["DISCORD_TOKEN"],
    rest_url=os.environ["DISCORD_API_BASE"],
    intents=hikari.Intents.ALL,
    logs="WARNING",
    banner=None,
    suppress_optimization_warning=True,
)
spoken_last: list[tuple[hikari.IncomingWebhook, hikari.Message, Any]] = []


def notice(event: str, **facts: Any) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)


@bot.listen()
async def on_started(event: hikari.StartedEvent) -> None:
    application = await bot.rest.fetch_application()
    synced = await bot.rest.set_application_commands(application, commands())
    notice(
        "ready",
        name=bot.get_me().username,
        application=str(application.id),
        guilds=[guild.name for guild in bot.cache.get_guilds_view().values()],
        commands=sorted(command.name for command in synced),
    )


@bot.listen()
async def on_resumed(event: hikari.ShardResumedEvent) -> None:
    notice("resumed")


def commands() -> list[hikari.api.SlashCommandBuilder]:
    text = hikari.CommandOption(type=hikari.OptionType.STRING, name="text", description="what to say", is_required=True)
    quietly = hikari.CommandOption(
        type=hikari.OptionType.BOOLEAN, name="quietly", description="so that only you see it"
    )
    name = hikari.CommandOption(
        type=hikari.OptionType.STRING, name="name", description="who", is_required=True, autocomplete=True
    )
    person = hikari.CommandOption(type=hikari.OptionType.USER, name="person", description="whom", is_required=True)
    place = hikari.CommandOption(
        type=hikari.OptionType.CHANNEL,
        name="place",
        description="where",
        is_required=True,
        channel_types=[hikari.ChannelType.GUILD_TEXT],
    )
    rank = hikari.CommandOption(type=hikari.OptionType.ROLE, name="rank", description="as what", is_required=True)
    return [
        bot.rest.slash_command_builder("introduce", "Introduce somebody")
        .add_option(person)
        .add_option(place)
        .add_option(rank),
        bot.rest.slash_command_builder("character", "Characters").add_option(voice()),
        bot.rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Quote"),
        bot.rest.context_menu_command_builder(hikari.CommandType.USER, "Wave"),
        bot.rest.slash_command_builder("echo", "Say something again").add_option(text).add_option(quietly),
        bot.rest.slash_command_builder("think", "Think for a while"),
        bot.rest.slash_command_builder("find", "Find somebody").add_option(name),
        bot.rest.slash_command_builder("panel", "Show a panel"),
    ]


def voice() -> hikari.CommandOption:
    options = [
        hikari.CommandOption(type=hikari.OptionType.STRING, name="name", description="whose", is_required=True),
        hikari.CommandOption(
            type=hikari.OptionType.INTEGER,
            name="speed",
            description="how fast",
            is_required=True,
            min_value=1,
            max_value=5,
        ),
        hikari.CommandOption(
            type=hikari.OptionType.STRING,
            name="tone",
            description="how",
            is_required=True,
            choices=[hikari.CommandChoice(name="Softly", value="soft")],
        ),
    ]
    choose = hikari.CommandOption(
        type=hikari.OptionType.SUB_COMMAND, name="set", description="Choose a voice", options=options
    )
    return hikari.CommandOption(
        type=hikari.OptionType.SUB_COMMAND_GROUP, name="voice", description="Voices", options=[choose]
    )


@bot.listen()
async def on_message(event: hikari.MessageCreateEvent) -> None:
    message = event.message
    if message.webhook_id or message.author.id == bot.get_me().id:
        notice("own", id=str(message.id), author=message.author.username, content=message.content)
        return
    notice("heard", id=str(message.id), author=message.author.username, content=message.content)
    match message.content or "":
        case "hello" if isinstance(event, hikari.DMMessageCreateEvent):
            await message.respond(f"Hello {message.author.display_name}, we are alone", reply=True)
        case "hello":
            channel = bot.cache.get_guild_channel(event.channel_id) or bot.cache.get_thread(event.channel_id)
            guild = event.get_guild()
            where = f"#{channel.name} of {guild.name}"
            await message.respond(
                f"Hello {event.get_member().display_name}, this is {where}", reply=True, mentions_reply=True
            )
        case text if text.startswith("look"):
            file, *_ = message.attachments
            people = ", ".join(user.display_name for user in message.user_mentions.values())
            await message.respond(f"{file.filename} says {(await file.read()).decode()} to {people}")
        case "persona":
            await speak_as_persona(event)
        case "persona edit":
            webhook, spoken, thread = spoken_last[-1]
            await bot.rest.edit_webhook_message(webhook, webhook.token, spoken, "I am Lilith still", thread=thread)
        case "persona delete":
            webhook, spoken, thread = spoken_last[-1]
            await bot.rest.delete_webhook_message(webhook, webhook.token, spoken, thread=thread)
        case "gallery":
            embed = hikari.Embed(title="A harbour", description="At dawn", colour=0x336699)
            embed.add_field("Ships", "3").set_footer("drawn by hand")
            await message.respond(embed=embed, attachment=hikari.Bytes(b"Here be dragons", "chart.txt"))
        case "thread":
            thread = await bot.rest.create_message_thread(event.channel_id, message, "aside")
            await thread.send("come here")
        case "history":
            before = bot.rest.fetch_messages(event.channel_id, before=message).limit(2)
            await message.respond(f"earlier: {' | '.join([each.content async for each in before])}")
        case "shout":
            await message.respond("@everyone", mentions_everyone=False)
        case "like":
            await message.add_reaction("👍")
        case "too much":
            try:
                await message.respond("x" * 2001)
            except hikari.BadRequestError as error:
                notice("refused", status=error.status, code=error.code)
        case "still there?":
            await message.respond("still here")


async def speak_as_persona(event: hikari.GuildMessageCreateEvent) -> None:
    channel = await bot.rest.fetch_channel(event.channel_id)
    is_thread = isinstance(channel, hikari.GuildThreadChannel)
    place = channel.parent_id if is_thread else channel.id
    thread = channel.id if is_thread else hikari.UNDEFINED
    existing = [each for each in await bot.rest.fetch_channel_webhooks(place) if each.name == "Personas"]
    webhook = existing[0] if existing else await bot.rest.create_webhook(place, "Personas")
    spoken = await bot.rest.execute_webhook(
        webhook,
        webhook.token,
        "I am Lilith",
        username="Lilith",
        avatar_url="https://pictures.example/lilith.png",
        thread=thread,
    )
    spoken_last.append((webhook, spoken, thread))


@bot.listen()
async def on_edit(event: hikari.MessageUpdateEvent) -> None:
    notice("edited", id=str(event.message_id), content=event.message.content)


@bot.listen()
async def on_delete(event: hikari.MessageDeleteEvent) -> None:
    notice("deleted", id=str(event.message_id))


@bot.listen()
async def on_reaction(event: hikari.GuildReactionAddEvent) -> None:
    notice("reacted", id=str(event.message_id), emoji=event.emoji_name, author=event.member.username)


@bot.listen()
async def on_interaction(event: hikari.InteractionCreateEvent) -> None:
    interaction = event.interaction
    match interaction:
        case hikari.AutocompleteInteraction():
            typed = next(option.value for option in interaction.options if option.is_focused)
            fitting = [name for name in FOUND if name.lower().startswith(typed)]
            await interaction.create_response(
                [hikari.impl.AutocompleteChoiceBuilder(name=name, value=name.lower()) for name in fitting]
            )
        case hikari.CommandInteraction():
            await COMMANDS[interaction.command_name](interaction)
        case hikari.ComponentInteraction(custom_id="press"):
            pressed = f"Pressed by {interaction.member.display_name}"
            await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, pressed)
        case hikari.ComponentInteraction(custom_id="write"):
            await interaction.create_modal_response("Letter", "letter", components=letter())
        case hikari.ComponentInteraction(custom_id="colour"):
            await interaction.create_initial_response(NEW, f"You chose {interaction.values[0]}", flags=ONLY_FOR_YOU)
        case hikari.ComponentInteraction(custom_id="whom"):
            [member] = interaction.resolved.members.values()
            await interaction.create_initial_response(NEW, f"You chose {member.display_name}", flags=ONLY_FOR_YOU)
        case hikari.ModalInteraction():
            written = {field.custom_id: field.value for row in interaction.components for field in row}
            await interaction.create_initial_response(NEW, f"{written['subject']}: {written['body']}")


async def echo(interaction: hikari.CommandInteraction) -> None:
    given = {option.name: option.value for option in interaction.options}
    flags = ONLY_FOR_YOU if given.get("quietly") else hikari.UNDEFINED
    said = f"{interaction.member.display_name} says {given['text']}"
    await interaction.create_initial_response(NEW, said, flags=flags)


async def think(interaction: hikari.CommandInteraction) -> None:
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    await interaction.edit_initial_response("42")
    await interaction.execute("but tell nobody", flags=ONLY_FOR_YOU)


async def find(interaction: hikari.CommandInteraction) -> None:
    await interaction.create_initial_response(NEW, f"Found {interaction.options[0].value}")


async def panel(interaction: hikari.CommandInteraction) -> None:
    buttons = bot.rest.build_message_action_row()
    buttons.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
    buttons.add_interactive_button(hikari.ButtonStyle.SECONDARY, "write", label="Write")
    colours = bot.rest.build_message_action_row()
    colours.add_text_menu("colour", placeholder="Colour").add_option("Red", "red").add_option("Blue", "blue")
    people = bot.rest.build_message_action_row()
    people.add_select_menu(hikari.ComponentType.USER_SELECT_MENU, "whom", placeholder="Whom")
    await interaction.create_initial_response(NEW, "A panel", components=[buttons, colours, people])


async def introduce(interaction: hikari.CommandInteraction) -> None:
    given = {option.name: option.value for option in interaction.options}
    person = interaction.resolved.members[given["person"]].display_name
    place, rank = interaction.resolved.channels[given["place"]], interaction.resolved.roles[given["rank"]]
    await interaction.create_initial_response(NEW, f"{person}, {rank.name}, in #{place.name}")


async def character(interaction: hikari.CommandInteraction) -> None:
    [group] = interaction.options
    [command] = group.options
    given = {option.name: option.value for option in command.options}
    tone = {"soft": "Softly"}[given["tone"]]
    assert (group.name, command.name) == ("voice", "set")
    await interaction.create_initial_response(NEW, f"{given['name']} speaks {tone} at {given['speed']}")


async def quote(interaction: hikari.CommandInteraction) -> None:
    [message] = interaction.resolved.messages.values()
    await interaction.create_initial_response(NEW, f"{message.author.display_name} said {message.content}")


async def wave(interaction: hikari.CommandInteraction) -> None:
    await interaction.create_initial_response(
        NEW, f"Hello {interaction.resolved.members[interaction.target_id].display_name}"
    )


COMMANDS = {
    "echo": echo,
    "think": think,
    "find": find,
    "panel": panel,
    "introduce": introduce,
    "character": character,
    "Quote": quote,
    "Wave": wave,
}


def letter() -> list[hikari.api.ModalActionRowBuilder]:
    subject = bot.rest.build_modal_action_row().add_text_input("subject", "Subject", max_length=50)
    body = bot.rest.build_modal_action_row().add_text_input(
        "body", "Body", style=hikari.TextInputStyle.PARAGRAPH, required=False
    )
    return [subject, body]


bot.run(check_for_updates=False)
