"""A real nextcord client answers people on the simulated Discord, in every way that Discord knows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import nextcord
import pytest
from nextcord import Interaction, SlashOption

from adapters.discord.simulated.actors import Actor, ImpossibleAct
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.simulated.clock import VirtualClock
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from tests.discord.simulated.nextcord_client import agrees, connected, new_client


@dataclass(slots=True)
class Scene:
    discord: SimulatedDiscord
    bot: Application
    tavern: BuiltChannel
    alice: Actor
    bob: Actor


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Its clock stands still, so that no answer is late on a busy machine."""
    async with SimulatedDiscord(clock=VirtualClock(datetime.now(UTC))) as discord:
        discord.rate_limits.is_on = False  # they would never reset
        bot = discord.application("Tzurot")
        harbour = discord.guild("Harbour")
        tavern = harbour.text_channel("tavern")
        yield Scene(discord, bot, tavern, harbour.member("alice"), harbour.member("bob"))
        agrees(discord)


async def test_a_sub_command_of_a_group_is_answered_where_only_the_asker_sees_it(scene: Scene) -> None:
    client = new_client()

    @client.slash_command(description="Characters")
    async def character(interaction: Interaction) -> None: ...

    @character.subcommand(description="Voices")
    async def voice(interaction: Interaction) -> None: ...

    @voice.subcommand(name="set", description="Set a voice")
    async def set_voice(
        interaction: Interaction, name: str, speed: int = SlashOption(min_value=1, max_value=5)
    ) -> None:
        await interaction.send(f"{name} speaks at {speed}", ephemeral=True)

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("character voice set", scene.tavern, name="Lilith", speed=3)

    assert answer.content == "Lilith speaks at 3"
    assert answer.is_ephemeral
    assert answer.seen is not None
    assert answer.seen.used == "alice used /character voice set"
    assert [each.content for each in scene.alice.sees(scene.tavern)] == ["Lilith speaks at 3"]
    assert scene.bob.sees(scene.tavern) == ()


async def test_autocomplete_suggests_while_somebody_types(scene: Scene) -> None:
    client = new_client()

    @client.slash_command(description="View")
    async def view(interaction: Interaction, name: str = SlashOption(autocomplete=True)) -> None:
        await interaction.send(f"here is {name}")

    @view.on_autocomplete("name")
    async def names(interaction: Interaction, typed: str) -> dict[str, str]:
        return {each: each.lower() for each in ("Lilith", "Lilian", "Baal") if each.lower().startswith(typed)}

    async with connected(scene.discord, scene.bot, client):
        choices = await scene.alice.autocomplete("view", "name", "li")
        answer = await scene.alice.slash("view", name=choices[0])

    assert [(choice.name, choice.value) for choice in choices] == [("Lilith", "lilith"), ("Lilian", "lilian")]
    assert answer.content == "here is lilith"


async def test_options_arrive_as_the_people_channels_and_roles_they_name(scene: Scene) -> None:
    client = new_client()
    keeper = scene.discord.world.guilds[scene.tavern.state.guild_id or 0].everyone

    @client.slash_command(description="Resolve")
    async def resolve(
        interaction: Interaction, who: nextcord.Member, where: nextcord.TextChannel, what: nextcord.Role
    ) -> None:
        await interaction.send(f"{who.name} {where.name} {what.name}")

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("resolve", who=scene.bob, where=scene.tavern, what=keeper)

    assert answer.content == "bob tavern @everyone"


async def test_a_deferred_answer_thinks_until_it_is_edited(scene: Scene) -> None:
    client, go = new_client(), asyncio.Event()

    @client.slash_command(description="Think")
    async def think(interaction: Interaction) -> None:
        await interaction.response.defer()
        await go.wait()
        await interaction.edit_original_message(content="42")

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("think", scene.tavern)
        assert answer.is_thinking
        assert "Tzurot is thinking…" in answer.as_text()
        go.set()
        await answer.finished()

    assert answer.content == "42"
    assert not answer.is_edited
    assert [each.content for each in scene.bob.sees(scene.tavern)] == ["42"]


async def test_the_first_follow_up_fulfils_a_deferred_answer_and_keeps_its_visibility(scene: Scene) -> None:
    client = new_client()

    @client.slash_command(description="Think")
    async def think(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send("first", ephemeral=False)
        await interaction.followup.send("second", ephemeral=False)

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("think", scene.tavern)
        await scene.discord.until(lambda: answer.followups)

    assert answer.content == "first"
    assert answer.is_ephemeral
    assert [each.content for each in answer.followups] == ["second"]
    assert [each.content for each in scene.bob.sees(scene.tavern)] == ["second"]


async def test_an_answer_is_edited_and_deleted_with_its_file_and_follow_ups_too(scene: Scene) -> None:
    client, go = new_client(), asyncio.Event()

    @client.slash_command(description="Export")
    async def export(interaction: Interaction) -> None:
        await interaction.send("here", file=nextcord.File(fp=__file__, filename="card.json"))
        extra = await interaction.followup.send("and this", wait=True)
        await extra.edit(content="and that")
        await interaction.edit_original_message(content="there")
        await go.wait()
        await extra.delete()
        await interaction.delete_original_message()

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("export", scene.tavern)
        await scene.discord.until(lambda: answer.content == "there")
        assert [file.name for file in answer.files] == ["card.json"]
        assert answer.is_edited
        assert [each.content for each in answer.followups] == ["and that"]
        go.set()
        await scene.discord.until(lambda: answer.seen is None)

    assert scene.alice.sees(scene.tavern) == ()


async def test_a_button_changes_its_message_or_answers_beside_it(scene: Scene) -> None:
    client = new_client()

    class Confirm(nextcord.ui.View):
        @nextcord.ui.button(label="Yes", custom_id="yes")
        async def yes(self, _: nextcord.ui.Button, interaction: Interaction) -> None:
            await interaction.response.edit_message(content="done", view=None)

        @nextcord.ui.button(label="No", custom_id="no")
        async def no(self, _: nextcord.ui.Button, interaction: Interaction) -> None:
            await interaction.response.send_message("kept", ephemeral=True)

    @client.slash_command(description="Delete")
    async def delete(interaction: Interaction) -> None:
        await interaction.send("Sure?", view=Confirm())

    async with connected(scene.discord, scene.bot, client):
        question = await scene.alice.slash("delete", scene.tavern)
        refused = await scene.bob.click(question, "No")
        accepted = await scene.alice.click(question, "yes")

    assert (refused.content, refused.is_ephemeral) == ("kept", True)
    assert scene.alice.looks_at(question).content == "done"
    assert accepted.message is question.message
    assert question.components == ()
    with pytest.raises(ImpossibleAct, match="no component 'Yes'"):
        await scene.alice.click(question, "Yes")


async def test_a_select_gives_what_was_chosen_and_a_deferred_update_comes_later(scene: Scene) -> None:
    client = new_client()

    class Choose(nextcord.ui.View):
        @nextcord.ui.string_select(
            custom_id="who", max_values=2, options=[nextcord.SelectOption(label=each) for each in ("A", "B", "C")]
        )
        async def who(self, select: nextcord.ui.StringSelect, interaction: Interaction) -> None:
            await interaction.response.defer()
            await interaction.edit_original_message(content=" and ".join(select.values), view=self)

    @client.slash_command(description="Pick")
    async def pick(interaction: Interaction) -> None:
        await interaction.send("Whom?", view=Choose(), ephemeral=True)

    async with connected(scene.discord, scene.bot, client):
        question = await scene.alice.slash("pick", scene.tavern)
        await scene.alice.select(question, "who", "A", "C")
        await scene.discord.until(lambda: question.content == "A and C")
        with pytest.raises(ImpossibleAct, match="'D' is not among the options"):
            await scene.alice.select(question, "who", "D")
        with pytest.raises(ImpossibleAct, match="takes 1 to 2 choices, not 3"):
            await scene.alice.select(question, "who", "A", "B", "C")
        with pytest.raises(ImpossibleAct, match="only somebody else does"):
            await scene.bob.select(question, "who", "A")


async def test_a_modal_takes_4000_characters_and_what_stood_in_it(scene: Scene) -> None:
    client = new_client()
    heard: dict[str, str | None] = {}

    class Edit(nextcord.ui.Modal):
        def __init__(self) -> None:
            super().__init__("Edit Lilith", custom_id="edit")
            self.name = nextcord.ui.TextInput("Name", custom_id="name", default_value="Lilith", max_length=20)
            self.story = nextcord.ui.TextInput("Story", custom_id="story", style=nextcord.TextInputStyle.paragraph)
            self.add_item(self.name)
            self.add_item(self.story)

        async def callback(self, interaction: Interaction) -> None:
            heard.update(name=self.name.value, story=self.story.value)
            await interaction.send("saved", ephemeral=True)

    @client.slash_command(description="Edit")
    async def edit(interaction: Interaction) -> None:
        await interaction.response.send_modal(Edit())

    async with connected(scene.discord, scene.bot, client):
        shown = await scene.alice.slash("edit", scene.tavern)
        assert shown.modal is not None
        with pytest.raises(ImpossibleAct, match="at most 4000 characters, and these are 4001"):
            await scene.alice.submit(shown, {"Story": "x" * 4001})
        with pytest.raises(ImpossibleAct, match="not shown to bob"):
            await scene.bob.submit(shown.modal, {"Story": "mine"})
        with pytest.raises(ImpossibleAct, match="has to be filled in"):
            await scene.alice.submit(shown)
        saved = await scene.alice.submit(shown, {"Story": "x" * 4000})
        with pytest.raises(ImpossibleAct, match="sent off already"):
            await scene.alice.submit(shown, {"Story": "again"})

    assert shown.seen is None
    assert shown.as_text().splitlines() == [
        "┌ Edit Lilith",
        "│ Name *",
        "│   [ Lilith",
        "│ Story *",
        "│   [ (empty)",
        "└ [ Cancel ] [ Submit ]",
    ]
    assert heard == {"name": "Lilith", "story": "x" * 4000}
    assert saved.content == "saved"


async def test_a_late_answer_finds_the_interaction_unknown_and_people_see_that_nobody_answered() -> None:
    clock = VirtualClock(datetime.now(UTC))
    async with SimulatedDiscord(clock=clock) as discord:
        bot, harbour = discord.application("Tzurot"), discord.guild("Harbour")
        tavern, alice = harbour.text_channel("tavern"), harbour.member("alice")
        client = new_client()
        refusals: list[nextcord.HTTPException] = []

        @client.slash_command(description="Sleep")
        async def sleep(interaction: Interaction) -> None:
            clock.advance(3.1)
            try:
                await interaction.send("good morning")
            except nextcord.NotFound as refusal:
                refusals.append(refusal)

        async with connected(discord, bot, client):
            answer = await alice.slash("sleep", tavern)
            await discord.until(lambda: refusals)

        assert [(each.status, each.code) for each in refusals] == [(404, 10062)]
        assert answer.failure == "The application did not respond"
        assert "The application did not respond" in answer.as_text()
        assert alice.sees(tavern) == ()


async def test_a_second_answer_is_refused(scene: Scene) -> None:
    client = new_client()
    refusals: list[nextcord.HTTPException] = []

    @client.slash_command(description="Twice")
    async def twice(interaction: Interaction) -> None:
        other = Interaction(data=interaction_data[0], state=interaction._state)
        await interaction.response.send_message("one")
        try:
            await other.response.send_message("two")
        except nextcord.HTTPException as refusal:
            refusals.append(refusal)

    interaction_data: list[nextcord.types.interactions.Interaction] = []
    scene.discord.world.listeners.append(
        lambda dispatch: interaction_data.append(dispatch.data) if dispatch.name == "INTERACTION_CREATE" else None
    )
    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("twice", scene.tavern)
        await scene.discord.until(lambda: refusals)

    assert [(each.status, each.code) for each in refusals] == [(400, 40060)]
    assert answer.content == "one"


async def test_a_token_lasts_fifteen_minutes() -> None:
    clock = VirtualClock(datetime.now(UTC))
    async with SimulatedDiscord(clock=clock) as discord:
        bot, harbour = discord.application("Tzurot"), discord.guild("Harbour")
        tavern, alice = harbour.text_channel("tavern"), harbour.member("alice")
        client = new_client()
        refusals: list[nextcord.HTTPException] = []

        @client.slash_command(description="Linger")
        async def linger(interaction: Interaction) -> None:
            await interaction.response.defer()
            clock.advance(14 * 60)
            await interaction.followup.send("in time")
            clock.advance(61)
            try:
                await interaction.followup.send("too late")
            except nextcord.HTTPException as refusal:
                refusals.append(refusal)

        async with connected(discord, bot, client):
            answer = await alice.slash("linger", tavern)
            await discord.until(lambda: refusals)

        assert [(each.status, each.code) for each in refusals] == [(401, 50027)]
        assert answer.content == "in time"
        assert answer.followups == ()


async def test_a_persistent_view_answers_after_its_client_was_started_anew(scene: Scene) -> None:
    class Dashboard(nextcord.ui.View):
        def __init__(self) -> None:
            super().__init__(timeout=None)

        @nextcord.ui.button(label="Refresh", custom_id="dashboard:refresh")
        async def refresh(self, _: nextcord.ui.Button, interaction: Interaction) -> None:
            await interaction.response.edit_message(content="fresh")

    first, second = new_client(), new_client()
    async with connected(scene.discord, scene.bot, first):
        channel = first.get_channel(scene.tavern.id)
        assert isinstance(channel, nextcord.TextChannel)
        await channel.send("stale", view=Dashboard())
    async with connected(scene.discord, scene.bot, second):
        second.add_view(Dashboard())
        shown = scene.alice.sees(scene.tavern)[0]
        assert shown.buttons == ("Refresh",)
        await scene.alice.click(shown, "Refresh")

    assert scene.alice.looks_at(shown).content == "fresh"


async def test_commands_of_a_messages_and_of_a_persons_menu_are_told_of_their_target(scene: Scene) -> None:
    client = new_client()

    @client.message_command(name="Who said this")
    async def who(interaction: Interaction, message: nextcord.Message) -> None:
        await interaction.send(f"{message.author.name} said {message.content}", ephemeral=True)

    @client.user_command(name="Greet")
    async def greet(interaction: Interaction, member: nextcord.Member) -> None:
        await interaction.send(f"hello {member.name}")

    async with connected(scene.discord, scene.bot, client):
        said = await scene.bob.say(scene.tavern, "ahoy")
        about = await scene.alice.message_command("Who said this", said)
        greeting = await scene.alice.user_command("Greet", scene.bob)

    assert about.content == "bob said ahoy"
    assert greeting.content == "hello bob"


async def test_commands_work_in_a_direct_message(scene: Scene) -> None:
    client = new_client()

    @client.slash_command(description="Hello")
    async def hello(interaction: Interaction) -> None:
        assert interaction.guild is None
        await interaction.send(f"hello {interaction.user.name if interaction.user else 'nobody'}")

    async with connected(scene.discord, scene.bot, client):
        await scene.alice.dm(scene.bot, "anybody there?")
        answer = await scene.alice.slash("hello")

    assert answer.content == "hello alice"
    assert [each.content for each in scene.alice.sees(scene.alice.dm_with(scene.bot))] == [
        "anybody there?",
        "hello alice",
    ]


async def test_an_answer_names_people_without_pinging_them_unless_it_may(scene: Scene) -> None:
    client = new_client()

    @client.slash_command(description="Shout")
    async def shout(interaction: Interaction) -> None:
        none = nextcord.AllowedMentions.none()
        await interaction.send(f"@everyone {scene.bob.mention}", allowed_mentions=none)
        await interaction.followup.send(f"@everyone {scene.bob.mention}")

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("shout", scene.tavern)
        await scene.discord.until(lambda: answer.followups)

    silent, loud = scene.bob.sees(scene.tavern)
    assert (silent.content, silent.pings_me) == ("@everyone @bob", False)
    assert (loud.content, loud.pings_me) == ("@everyone @bob", True)
    assert [ping.everyone for ping in scene.discord.world.pings] == [False]


async def test_an_answer_that_breaks_a_limit_is_refused_with_discords_tree(scene: Scene) -> None:
    client = new_client()
    refusals: list[nextcord.HTTPException] = []

    @client.slash_command(description="Too much")
    async def much(interaction: Interaction) -> None:
        view = nextcord.ui.View()
        view.add_item(nextcord.ui.Button(label="one", custom_id="same"))
        view.add_item(nextcord.ui.Button(label="two", custom_id="same"))
        for attempt in ({"content": "x" * 2001}, {"content": "hm", "view": view}, {"content": ""}):
            try:
                await interaction.response.send_message(**attempt)
            except nextcord.HTTPException as refusal:
                refusals.append(refusal)
        await interaction.response.send_message("fits")

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("much", scene.tavern)

    assert [refusal.code for refusal in refusals] == [50035, 50035, 50006]
    assert "In data.content: Must be 2000 or fewer in length." in refusals[0].text
    assert "Component custom id cannot be duplicated" in refusals[1].text
    assert answer.content == "fits"


async def test_a_modal_opened_from_a_button_may_change_the_buttons_message_but_opens_no_other(scene: Scene) -> None:
    client = new_client()
    refusals: list[nextcord.HTTPException] = []

    class Rename(nextcord.ui.Modal):
        def __init__(self) -> None:
            super().__init__("Rename", custom_id="rename")
            self.name = nextcord.ui.TextInput("Name", custom_id="name")
            self.add_item(self.name)

        async def callback(self, interaction: Interaction) -> None:
            try:
                await interaction.response.send_modal(Rename())
            except nextcord.HTTPException as refusal:
                refusals.append(refusal)
            await interaction.response.edit_message(content=f"Her name is {self.name.value}")

    class Card(nextcord.ui.View):
        @nextcord.ui.button(label="Rename", custom_id="rename")
        async def rename(self, _: nextcord.ui.Button, interaction: Interaction) -> None:
            await interaction.response.send_modal(Rename())

    @client.slash_command(description="Card")
    async def card(interaction: Interaction) -> None:
        await interaction.send("Her name is not known", view=Card(), ephemeral=True)

    async with connected(scene.discord, scene.bot, client):
        shown = await scene.alice.slash("card", scene.tavern)
        opened = await scene.alice.click(shown, "Rename")
        await scene.alice.submit(opened, {"Name": "Lilith"})

    assert shown.content == "Her name is Lilith"
    assert [(refusal.status, refusal.code) for refusal in refusals] == [(400, 50035)]
    assert "Value must be one of {4, 5, 6, 7}." in refusals[0].text


async def test_kinds_of_answers_that_do_not_fit_are_refused(scene: Scene) -> None:
    client = new_client()
    codes: list[tuple[int, int]] = []

    @client.slash_command(description="Odd")
    async def odd(interaction: Interaction) -> None:
        url = f"{scene.discord.api_base}/interactions/{interaction.id}/{interaction.token}/callback"
        original = url.replace("/callback", "/messages/@original").replace(
            f"interactions/{interaction.id}", f"webhooks/{interaction.application_id}"
        )
        async with aiohttp.ClientSession() as session:
            async with session.get(original) as answer:
                codes.append((answer.status, (await answer.json())["code"]))
            for kind in (1, 6, 7, 8, 10, 12, 99):
                async with session.post(url, json={"type": kind, "data": {}}) as answer:
                    codes.append((answer.status, (await answer.json())["code"]))
            async with session.post(url, json={"type": 5, "data": {"flags": 4}}) as answer:
                codes.append((answer.status, (await answer.json())["code"]))
            async with session.post(url.replace(interaction.token, "nobodys"), json={"type": 5}) as answer:
                codes.append((answer.status, (await answer.json())["code"]))
        await interaction.send("plain")

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("odd", scene.tavern)
        scene.discord.journal.exchanges.clear()  # they contradict the description on purpose

    assert codes == [(404, 10015), *[(400, 50035)] * 8, (404, 10062)]
    assert answer.content == "plain"


async def test_with_response_tells_of_the_message_and_numbers_its_components(scene: Scene) -> None:
    client = new_client()
    told: list[dict[str, Any]] = []

    @client.slash_command(description="Tell")
    async def tell(interaction: Interaction) -> None:
        url = f"{scene.discord.api_base}/interactions/{interaction.id}/{interaction.token}/callback"
        button = {"type": 2, "style": 1, "label": "one", "custom_id": "one"}
        rows = [{"type": 1, "components": [button, button | {"custom_id": "two", "id": 2}]}]
        body = {"type": 4, "data": {"content": "hello", "components": rows}}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json=body, params={"with_response": "true"}) as answer,
        ):
            assert answer.status == 200
            told.append(await answer.json())

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("tell", scene.tavern)
        await scene.discord.until(lambda: told)

    [callback] = told
    assert answer.message is not None
    assert callback["interaction"]["response_message_id"] == str(answer.message.id)
    assert callback["resource"]["type"] == 4
    [row] = callback["resource"]["message"]["components"]
    assert (row["id"], [button["id"] for button in row["components"]]) == (1, [3, 2])


async def test_no_more_than_25_choices_are_suggested(scene: Scene) -> None:
    client = new_client()

    @client.slash_command(description="View")
    async def view(interaction: Interaction, name: str = SlashOption(autocomplete=True)) -> None: ...

    refusals: list[nextcord.HTTPException] = []

    @view.on_autocomplete("name")
    async def names(interaction: Interaction, typed: str) -> None:
        for number in (26, 25):
            try:
                await interaction.response.send_autocomplete([str(each) for each in range(number)])
            except nextcord.HTTPException as refusal:
                refusals.append(refusal)

    async with connected(scene.discord, scene.bot, client):
        choices = await scene.alice.autocomplete("view", "name", "", scene.tavern)

    assert len(choices) == 25
    assert [refusal.code for refusal in refusals] == [50035]
    with pytest.raises(ImpossibleAct, match="has no option colour"):
        await scene.alice.autocomplete("view", "colour", "r", scene.tavern)


async def test_an_answer_may_be_made_of_components_only(scene: Scene) -> None:
    client = new_client()

    @client.slash_command(description="Card")
    async def card(interaction: Interaction) -> None:
        url = f"{scene.discord.api_base}/interactions/{interaction.id}/{interaction.token}/callback"
        button = {"type": 2, "style": 2, "label": "More", "custom_id": "more"}
        text = {"type": 10, "content": f"# Lilith\nby {scene.alice.mention}"}
        section = {"type": 9, "components": [text], "accessory": button}
        container = {"type": 17, "components": [section, {"type": 14}, {"type": 10, "content": "small print"}]}
        data = {"flags": 1 << 15, "components": [container]}
        async with aiohttp.ClientSession() as session:
            wrong = {"type": 4, "data": data | {"content": "not both"}}
            async with session.post(url, json=wrong) as answer:
                assert answer.status == 400
            async with session.post(url, json={"type": 4, "data": data}) as answer:
                assert answer.status == 204

    async with connected(scene.discord, scene.bot, client):
        answer = await scene.alice.slash("card", scene.tavern)

    assert answer.seen is not None
    assert answer.seen.buttons == ("More",)
    assert answer.as_text().splitlines() == [
        "╭ alice used /card",
        "Tzurot [APP]",
        "  ┃ # Lilith",
        "  ┃ by @alice",
        "  ┃ [ More ]",
        "  ┃ ───",
        "  ┃ small print",
    ]


async def test_a_command_installed_for_a_person_works_where_the_bot_is_not_and_follows_up_five_times(
    scene: Scene,
) -> None:
    client = new_client()
    codes: list[int] = []
    abroad = scene.discord.application("Abroad", joins_guilds=False)
    user_install = nextcord.IntegrationType.user_install

    @client.slash_command(description="Note", integration_types=[user_install])
    async def note(interaction: Interaction) -> None:
        assert interaction.authorizing_integration_owners == {user_install: scene.alice.id}
        await interaction.send("noted")
        for number in range(6):
            try:
                await interaction.followup.send(str(number))
            except nextcord.HTTPException as refusal:
                codes.append(refusal.code)

    async with connected(scene.discord, abroad, client):
        with pytest.raises(ImpossibleAct, match="not installed here"):
            await scene.alice.slash("note", scene.tavern)
        scene.alice.install(abroad)
        answer = await scene.alice.slash("note", scene.tavern)
        await scene.discord.until(lambda: codes)

    assert answer.content == "noted"
    assert len(answer.followups) == 5
    assert codes == [40094]


async def test_an_answer_that_is_never_finished_fails_when_its_token_does() -> None:
    clock = VirtualClock(datetime.now(UTC))
    async with SimulatedDiscord(clock=clock) as discord:
        bot, harbour = discord.application("Tzurot"), discord.guild("Harbour")
        tavern, alice = harbour.text_channel("tavern"), harbour.member("alice")
        client = new_client()

        @client.slash_command(description="Forget")
        async def forget(interaction: Interaction) -> None:
            await interaction.response.defer()

        async with connected(discord, bot, client):
            answer = await alice.slash("forget", tavern)
            assert answer.failure is None
            clock.advance(15 * 60 + 1)

        assert answer.failure == "The application did not respond"
