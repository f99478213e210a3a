"""People on the simulated Discord do what their clients let them, and see what they may."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import nextcord
import pytest
from nextcord import Interaction, SlashOption

from adapters.discord.simulated.actors import Actor, File, ImpossibleAct, as_text
from adapters.discord.simulated.building import BuiltChannel, BuiltGuild
from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.clock import VirtualClock
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.users import Application, WebhookAuthor
from tests.discord.simulated.nextcord_client import agrees, connected, new_client


@dataclass(slots=True)
class Scene:
    discord: SimulatedDiscord
    clock: VirtualClock
    bot: Application
    harbour: BuiltGuild
    tavern: BuiltChannel
    alice: Actor
    bob: Actor


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = VirtualClock(datetime.now(UTC))
    async with SimulatedDiscord(clock=clock) as discord:
        discord.rate_limits.is_on = False  # on a clock that stands still they would never reset
        bot = discord.application("Tzurot")
        harbour = discord.guild("Harbour")
        tavern = harbour.text_channel("tavern")
        yield Scene(discord, clock, bot, harbour, tavern, harbour.member("alice"), harbour.member("bob"))
        agrees(discord)


# --- writing ---


async def test_what_is_said_stands_before_everyone_with_names_instead_of_ids(scene: Scene) -> None:
    crew = scene.harbour.role("crew")
    ann = scene.harbour.member("ann", nick="Captain Ann")
    said = await scene.alice.say(
        scene.tavern, f" {ann.mention} {crew.mention} {scene.tavern.mention} <:wave:1234> `{ann.mention}` <t:0:d> "
    )
    [seen] = scene.bob.sees(scene.tavern)

    assert seen.content == f"@Captain Ann @crew #tavern :wave: `{ann.mention}` 01 January 1970 00:00"
    assert (seen.author, seen.is_app, seen.is_edited) == ("alice", False, False)
    assert ann.looks_at(said).pings_me
    assert not seen.pings_me


async def test_nobody_writes_where_they_may_not_or_cannot_see(scene: Scene) -> None:
    quiet, hidden = scene.harbour.text_channel("quiet"), scene.harbour.text_channel("hidden")
    quiet.deny(scene.alice.user, Permission.SEND_MESSAGES)
    hidden.deny(scene.alice.user, Permission.VIEW_CHANNEL)
    locked = scene.tavern.thread("locked")
    locked.archive(is_locked=True)
    board = scene.harbour.forum("board")

    for place, why in (
        (quiet, "may not write in #quiet"),
        (hidden, "does not see #hidden"),
        (locked, "#locked is locked"),
        (board, "a forum has posts"),
    ):
        with pytest.raises(ImpossibleAct, match=why):
            await scene.alice.say(place, "hello")
        with pytest.raises(ImpossibleAct, match=why):
            await scene.alice.typing_in(place)
    with pytest.raises(ImpossibleAct, match="does not see"):
        scene.alice.sees(hidden)
    stranger = scene.discord.person("stranger")
    with pytest.raises(ImpossibleAct, match="does not see"):
        await stranger.say(scene.tavern, "hello")
    with pytest.raises(ImpossibleAct, match="share no server"):
        await stranger.dm(scene.bot, "hello")


async def test_a_message_has_something_in_it_and_at_most_2000_characters(scene: Scene) -> None:
    await scene.alice.say(scene.tavern, "x" * 2000)
    with pytest.raises(ImpossibleAct, match="up to 2000 characters, and these are 2001"):
        await scene.alice.say(scene.tavern, "x" * 2001)
    with pytest.raises(ImpossibleAct, match="empty"):
        await scene.alice.say(scene.tavern, "  \n ")
    await scene.alice.say(scene.tavern, files=[File("picture.png")])
    with pytest.raises(ImpossibleAct, match="larger than"):
        await scene.alice.say(scene.tavern, files=[File("huge.bin", b"\0" * (10 * 1024 * 1024 + 1))])
    scene.tavern.deny(scene.alice.user, Permission.ATTACH_FILES)
    with pytest.raises(ImpossibleAct, match="may not attach files"):
        await scene.alice.say(scene.tavern, files=[File("picture.png")])


async def test_a_file_can_be_fetched_from_where_it_is_seen(scene: Scene) -> None:
    await scene.alice.say(scene.tavern, "look", files=[File("a.txt", b"abc"), File("SPOILER_b.ogg", duration_s=1.5)])
    [seen] = scene.bob.sees(scene.tavern)

    assert [(file.name, file.size, file.is_spoiler) for file in seen.files] == [
        ("a.txt", 3, False),
        ("SPOILER_b.ogg", 1, True),
    ]
    path = seen.files[0].url.removeprefix(f"{scene.discord.cdn_base}/")
    assert scene.discord.world.files[path].data == b"abc"
    picture = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000020000000308060000009bf3b3f8")
    said = await scene.alice.say(scene.tavern, files=[File("a.png", picture)])
    assert [(each.width, each.height, each.content_type) for each in said.attachments] == [(2, 3, "image/png")]


async def test_people_edit_their_own_messages_only_and_are_seen_to_have_done_so(scene: Scene) -> None:
    said = await scene.alice.say(scene.tavern, "helo")
    await scene.alice.edit(said, "hello")

    [seen] = scene.bob.sees(scene.tavern)
    assert (seen.content, seen.is_edited) == ("hello", True)
    with pytest.raises(ImpossibleAct, match="cannot edit a message of somebody else"):
        await scene.bob.edit(said, "goodbye")


async def test_people_delete_their_own_messages_and_others_with_the_permission(scene: Scene) -> None:
    warden = scene.harbour.member("warden", permissions=[Permission.MANAGE_MESSAGES])
    first, second = await scene.alice.say(scene.tavern, "one"), await scene.alice.say(scene.tavern, "two")
    with pytest.raises(ImpossibleAct, match="may not delete messages of others"):
        await scene.bob.delete(first)
    await scene.alice.delete(first)
    await warden.delete(second)

    assert scene.bob.sees(scene.tavern) == ()
    with pytest.raises(ImpossibleAct, match="has been deleted"):
        await scene.alice.edit(second, "three")


async def test_reactions_are_counted_and_need_the_permission_for_a_new_emoji(scene: Scene) -> None:
    said = await scene.alice.say(scene.tavern, "hello")
    await scene.alice.react(said, "👍")
    scene.tavern.deny(scene.bob.user, Permission.ADD_REACTIONS)
    await scene.bob.react(said, "👍")
    with pytest.raises(ImpossibleAct, match="may not add reactions"):
        await scene.bob.react(said, "🎉")
    assert scene.alice.looks_at(said).reactions == {"👍": 2}
    await scene.alice.unreact(said, "👍")
    assert scene.alice.looks_at(said).reactions == {"👍": 1}
    with pytest.raises(ImpossibleAct, match="has not reacted"):
        await scene.alice.unreact(said, "👍")
    with pytest.raises(ImpossibleAct, match="has no emoji :wave:"):
        await scene.alice.react(said, ":wave:")


async def test_a_reply_shows_what_it_answers_and_pings_unless_switched_off(scene: Scene) -> None:
    said = await scene.alice.say(scene.tavern, "anyone?\nplease")
    loud = await scene.bob.say(scene.tavern, "me", reply_to=said)
    quiet = await scene.bob.say(scene.tavern, "me too", reply_to=said, pings_author=False)

    assert scene.alice.looks_at(loud).replies_to == "alice: anyone?"
    assert scene.alice.looks_at(loud).pings_me
    assert not scene.alice.looks_at(quiet).pings_me
    elsewhere = scene.harbour.text_channel("elsewhere")
    with pytest.raises(ImpossibleAct, match="same channel"):
        await scene.bob.say(elsewhere, "me", reply_to=said)
    await scene.alice.delete(said)
    assert scene.bob.looks_at(loud).replies_to == "Original message was deleted"


async def test_a_forward_shows_the_words_without_their_author(scene: Scene) -> None:
    said = await scene.alice.say(scene.tavern, "secret plan")
    elsewhere = scene.harbour.text_channel("elsewhere")
    await scene.bob.forward(said, elsewhere)

    [seen] = scene.alice.sees(elsewhere)
    assert (seen.author, seen.content, seen.forwarded) == ("bob", "", ("secret plan",))


async def test_everyone_is_pinged_only_by_who_may(scene: Scene) -> None:
    herald = scene.harbour.member("herald", permissions=[Permission.MENTION_EVERYONE])
    crew = scene.harbour.role("crew")
    ann = scene.harbour.member("ann", roles=[crew])
    await scene.alice.say(scene.tavern, f"@everyone {crew.mention}")
    await herald.say(scene.tavern, f"@everyone {crew.mention}")

    plain, loud = ann.sees(scene.tavern)
    assert (plain.content, plain.pings_me) == ("@everyone @crew", False)
    assert (loud.content, loud.pings_me) == ("@everyone @crew", True)


async def test_slow_mode_makes_people_wait_but_not_moderators(scene: Scene) -> None:
    scene.tavern.state.rate_limit_per_user_s = 10
    warden = scene.harbour.member("warden", permissions=[Permission.MANAGE_MESSAGES])
    await scene.alice.say(scene.tavern, "one")
    with pytest.raises(ImpossibleAct, match="slow mode"):
        await scene.alice.say(scene.tavern, "two")
    scene.clock.advance(10)
    await scene.alice.say(scene.tavern, "two")
    for text in ("one", "two"):
        await warden.say(scene.tavern, text)


async def test_a_forum_post_is_a_thread_that_begins_with_its_message(scene: Scene) -> None:
    board = scene.harbour.forum("board")
    first = await scene.alice.post(board, "Where is Lilith?", "I cannot find her")
    thread = scene.discord.world.channels[first.channel_id]
    await scene.bob.say(thread, "behind you")

    assert first.id == thread.id
    assert [each.content for each in scene.alice.sees(thread)] == ["I cannot find her", "behind you"]


async def test_writing_wakes_an_archived_thread(scene: Scene) -> None:
    thread = scene.tavern.thread("corner")
    thread.archive()
    await scene.alice.say(thread, "hello")
    assert thread.state.thread is not None
    assert not thread.state.thread.is_archived


async def test_who_may_not_read_the_history_sees_none_of_it(scene: Scene) -> None:
    await scene.alice.say(scene.tavern, "hello")
    scene.tavern.deny(scene.bob.user, Permission.READ_MESSAGE_HISTORY)
    assert scene.bob.sees(scene.tavern) == ()


async def test_a_poll_is_asked_within_its_limits(scene: Scene) -> None:
    await scene.alice.poll(scene.tavern, "Tea?", "Yes", "No")
    assert scene.bob.sees(scene.tavern)[0].poll == ("Tea?", "Yes", "No")
    with pytest.raises(ImpossibleAct, match=r"\(poll.answers\): Must be between 1 and 10"):
        await scene.alice.poll(scene.tavern, "Tea?", *map(str, range(11)))
    scene.tavern.deny(scene.alice.user, Permission.SEND_POLLS)
    with pytest.raises(ImpossibleAct, match="may not ask polls"):
        await scene.alice.poll(scene.tavern, "Tea?", "Yes")


# --- commands and components ---


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[nextcord.Client]:
    """Commands with every kind of limit."""
    client = new_client()

    @client.slash_command(description="Plain")
    async def plain(
        interaction: Interaction,
        text: str = SlashOption(min_length=2, max_length=5),
        number: int = SlashOption(required=False, min_value=1, max_value=9),
        mood: str = SlashOption(required=False, choices={"Happy": "h", "Sad": "s"}),
    ) -> None:
        await interaction.send(f"{text} {number} {mood}")

    @client.slash_command(description="Greet")
    async def greet(interaction: Interaction, who: nextcord.Member, *, loudly: bool) -> None:
        await interaction.send(f"hello {who.name}{'!' if loudly else '.'}")

    @client.slash_command(description="Managers", default_member_permissions=Permission.MANAGE_GUILD)
    async def managers(interaction: Interaction) -> None:
        await interaction.send("managed")

    @client.slash_command(description="Adults", nsfw=True)
    async def adults(interaction: Interaction) -> None:
        await interaction.send("adult")

    @client.slash_command(description="Guilds", contexts=[nextcord.InteractionContextType.guild])
    async def guilds(interaction: Interaction) -> None:
        await interaction.send("guild")

    @client.slash_command(description="Parent")
    async def parent(interaction: Interaction) -> None: ...

    @parent.subcommand(description="Child")
    async def child(interaction: Interaction) -> None:
        await interaction.send("child")

    async with connected(scene.discord, scene.bot, client):
        yield client


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("typed", "options", "why"),
    [
        ("nothing", {}, "there is no command /nothing"),
        ("parent", {}, "not a command by itself: choose one of child"),
        ("parent other", {}, "/parent has no other"),
        ("plain", {}, "/plain needs text"),
        ("plain", {"text": "abc", "colour": "red"}, "/plain has no option colour"),
        ("plain", {"text": "a"}, "takes 2 to 5 characters, not 1"),
        ("plain", {"text": "abcdef"}, "takes 2 to 5 characters, not 6"),
        ("plain", {"text": 5}, "takes a text, not 5"),
        ("plain", {"text": "abc", "number": 10}, "takes 1 to 9, not 10"),
        ("plain", {"text": "abc", "number": "3"}, "takes a whole number, not '3'"),
        ("plain", {"text": "abc", "number": True}, "takes a whole number, not True"),
        ("plain", {"text": "abc", "mood": "Angry"}, "'Angry' is not among the choices of mood"),
        ("greet", {"who": "bob", "loudly": True}, "takes a user, not 'bob'"),
        ("greet", {"loudly": "yes", "who": "bob"}, "takes True or False, not 'yes'"),
        ("managers", {}, "not shown to members without its permissions"),
        ("adults", {}, "age-restricted channels only"),
    ],
)
async def test_a_command_takes_only_what_its_client_lets_through(
    scene: Scene, typed: str, options: dict[str, object], why: str
) -> None:
    with pytest.raises(ImpossibleAct, match=why):
        await scene.alice.slash(typed, scene.tavern, **options)
    assert scene.discord.world.interactions == {}


@pytest.mark.usefixtures("client")
async def test_a_choice_is_picked_by_the_name_that_is_read(scene: Scene) -> None:
    answer = await scene.alice.slash("plain", scene.tavern, text="abc", number=9, mood="Sad")
    assert answer.content == "abc 9 s"


@pytest.mark.usefixtures("client")
async def test_commands_show_to_those_and_where_they_are_meant_for(scene: Scene) -> None:
    manager = scene.harbour.member("manager", permissions=[Permission.MANAGE_GUILD])
    cellar = scene.harbour.text_channel("cellar", is_nsfw=True)
    child = scene.harbour.member("child")
    child.is_adult = False
    mute = scene.harbour.member("mute")
    scene.tavern.deny(mute.user, Permission.USE_APPLICATION_COMMANDS)

    assert set(scene.alice.commands(scene.tavern)) == {"plain", "greet", "guilds", "parent"}
    assert set(manager.commands(scene.tavern)) == {"plain", "greet", "guilds", "parent", "managers"}
    assert set(scene.alice.commands(cellar)) == {"plain", "greet", "guilds", "parent", "adults"}
    assert set(child.commands(cellar)) == {"plain", "greet", "guilds", "parent"}
    assert mute.commands(scene.tavern) == ()
    dm = scene.alice.dm_with(scene.bot)
    assert set(scene.alice.commands(dm)) == {"plain", "greet", "parent", "managers"}
    scene.alice.allows_age_restricted_in_dms = True
    assert "adults" in scene.alice.commands(dm)
    assert (await manager.slash("managers", scene.tavern)).content == "managed"
    assert (await scene.alice.slash("adults", cellar.thread("deep"))).content == "adult"


async def test_a_component_is_used_only_while_it_is_there_enabled_and_of_a_bot(scene: Scene) -> None:
    row = {
        "type": 1,
        "id": 1,
        "components": [
            {"type": 2, "id": 2, "style": 1, "label": "Gone", "custom_id": "gone", "disabled": True},
            {"type": 2, "id": 3, "style": 5, "label": "Docs", "url": "https://example.org"},
        ],
    }
    draft = changes.Draft(content="hm", components=[row])
    message = changes.post(scene.discord.world, scene.tavern.state, scene.bot.user, draft)
    orphan = changes.post(scene.discord.world, scene.tavern.state, WebhookAuthor(5, "Nobody"), draft)

    for name, why in (("gone", "disabled"), ("Docs", "opens https://example.org"), ("Other", "no component 'Other'")):
        with pytest.raises(ImpossibleAct, match=why):
            await scene.alice.click(message, name)
    with pytest.raises(ImpossibleAct, match="Nobody listens"):
        await scene.alice.click(orphan, "gone")


async def test_what_is_seen_can_be_drawn(scene: Scene) -> None:
    row = {
        "type": 1,
        "id": 1,
        "components": [
            {"type": 2, "id": 2, "style": 1, "label": "Yes", "custom_id": "yes"},
            {"type": 2, "id": 3, "style": 4, "label": "No", "custom_id": "no", "disabled": True},
        ],
    }
    menu = {
        "type": 3,
        "id": 5,
        "custom_id": "who",
        "placeholder": "Choose",
        "min_values": 1,
        "max_values": 1,
        "options": [{"label": "Lilith", "value": "l", "description": "of the night"}],
    }
    embed = {"title": "Lilith", "description": "A character\nof yours", "fields": [{"name": "Slug", "value": "lilith"}]}
    draft = changes.Draft(content="Here", embeds=[embed], components=[row, {"type": 1, "id": 4, "components": [menu]}])
    message = changes.post(scene.discord.world, scene.tavern.state, scene.bot.user, draft)

    assert as_text(scene.alice.looks_at(message)).splitlines() == [
        "Tzurot [APP]",
        "  Here",
        "  ┃ **Lilith**",
        "  ┃ A character",
        "  ┃ of yours",
        "  ┃ **Slug**",
        "  ┃ lilith",
        "  [ Yes ] ( No )",
        "  [ Choose ▾ ]",
        "      • Lilith — of the night",
    ]
