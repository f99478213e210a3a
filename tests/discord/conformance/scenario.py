"""What people do with a bot that somebody else's library runs, and what they then see.

Each bot (`discordjs/`, `discordpy/`, `hikari/`) is the same one, written as its library wants it:

- it answers `hello` by a reply, `look` (with a file and a mention) with what it sees, `history` with what stood before,
  `still there?` in the channel
- `gallery` is answered by an embed and a file, `thread` in a thread of its own, `like` by a reaction, `shout` by a
  mention of everyone that must not ping, `too much` by what Discord refuses
- `persona` is answered through a webhook by Lilith, `persona edit` and `persona delete` change and delete that
- /echo, /think (deferred, then a follow-up), /find (autocomplete), /introduce (somebody, a channel and a role),
  /character voice set, Quote and Wave in the menus of messages and people, and /panel (buttons, selects, a modal)
- it notices what its library tells it: `ready`, `resumed`, `heard`, `own`, `edited`, `deleted`, `reacted`, `refused`

The steps are run in order with one connection. Whatever a library finds wrong it logs: a complaint fails the step.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.actors.files import File
from adapters.discord.simulated.actors.seen import Seen
from adapters.discord.simulated.building import BuiltChannel, BuiltGuild
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.users import Application
from tests.discord.conformance.clients import Client

READY_WITHIN_S = 30
COMMANDS = ["Quote", "Wave", "character", "echo", "find", "introduce", "panel", "think"]


@dataclass(slots=True)
class Scene:
    discord: SimulatedDiscord
    bot: Application
    client: Client
    harbour: BuiltGuild
    tavern: BuiltChannel
    pier: BuiltChannel  # where it may post while the tavern's rate limit is used up
    alice: Actor
    bob: Actor

    async def until(self, condition: Callable[[], object], timeout_s: float = 10) -> None:
        """Wait for the condition, or until the client is no more."""
        await self.discord.until(lambda: self.client.has_ended or condition(), timeout_s=timeout_s)
        assert not self.client.has_ended, "the client has ended"

    async def answered(self, place: BuiltChannel, text: str) -> Seen:
        """The bot's answer to what alice says there."""
        before = len(self.said(place))
        await self.alice.say(place, text)
        await self.until(lambda: len(self.said(place)) > before)
        return self.said(place)[-1]

    def said(self, place: BuiltChannel) -> Sequence[Seen]:
        """What stands there and is not of a person, as alice sees it."""
        return [each for each in self.alice.sees(place) if each.is_app]


async def becomes_ready(scene: Scene) -> None:
    await scene.until(lambda: scene.client.noticed("ready"), READY_WITHIN_S)

    [ready] = scene.client.noticed("ready")
    assert ready == {
        "event": "ready",
        "name": "Tzurot",
        "application": str(scene.bot.id),
        "guilds": ["Harbour"],
        "commands": COMMANDS,
    }


async def hears_and_replies(scene: Scene) -> None:
    answer = await scene.answered(scene.tavern, "hello")

    assert answer.content == "Hello Alice, this is #tavern of Harbour"
    assert answer.author == "Tzurot"
    assert answer.replies_to == "Alice: hello"
    assert answer.pings_me


async def sees_files_and_mentions(scene: Scene) -> None:
    note = File("note.txt", b"Beware!", "text/plain")
    before = len(scene.said(scene.tavern))
    await scene.alice.say(scene.tavern, f"look, {scene.bob.mention}", files=[note])
    await scene.until(lambda: len(scene.said(scene.tavern)) > before)

    assert scene.said(scene.tavern)[-1].content == "note.txt says Beware! to Bob"


async def hears_edits_reactions_and_deletions(scene: Scene) -> None:
    message = await scene.alice.say(scene.tavern, "a slip")
    await scene.until(lambda: scene.client.noticed("heard", id=str(message.id), author="alice", content="a slip"))
    await scene.alice.edit(message, "a slip of the pen")
    await scene.until(lambda: scene.client.noticed("edited", id=str(message.id), content="a slip of the pen"))
    await scene.alice.react(message, "👍")
    await scene.until(lambda: scene.client.noticed("reacted", id=str(message.id), emoji="👍", author="alice"))
    await scene.alice.delete(message)
    await scene.until(lambda: scene.client.noticed("deleted", id=str(message.id)))


async def answers_in_a_dm(scene: Scene) -> None:
    asked = await scene.alice.dm(scene.bot, "hello")
    dm = scene.discord.world.channels[asked.channel_id]
    await scene.until(lambda: len(scene.alice.sees(dm)) > 1)

    assert scene.alice.sees(dm)[-1].content == "Hello Alice, we are alone"


async def answers_in_a_forum(scene: Scene) -> None:
    board = scene.harbour.forum("board")
    post = await scene.alice.post(board, "A question", "hello")
    thread = scene.discord.world.channels[post.channel_id]
    await scene.until(lambda: len(scene.alice.sees(thread)) > 1)

    assert scene.alice.sees(thread)[-1].content == "Hello Alice, this is #A question of Harbour"


async def shows_an_embed_and_a_file(scene: Scene) -> None:
    shown = await scene.answered(scene.tavern, "gallery")

    [embed], [file] = shown.embeds, shown.files
    assert (embed.title, embed.description, embed.colour) == ("A harbour", "At dawn", 0x336699)
    assert (embed.fields, embed.footer) == ((("Ships", "3"),), "drawn by hand")
    assert (file.name, file.size) == ("chart.txt", len("Here be dragons"))


async def opens_a_thread(scene: Scene) -> None:
    started = await scene.alice.say(scene.tavern, "thread")
    world = scene.discord.world
    await scene.until(lambda: started.id in world.channels and len(scene.alice.sees(world.channels[started.id])) > 0)

    thread = world.channels[started.id]
    assert thread.name == "aside"
    await scene.until(lambda: scene.alice.sees(thread)[-1].content == "come here")


async def reads_what_was_said_before(scene: Scene) -> None:
    await scene.alice.say(scene.tavern, "one")
    await scene.alice.say(scene.tavern, "two")
    answer = await scene.answered(scene.tavern, "history")

    assert answer.content == "earlier: two | one"


async def pings_nobody_when_it_says_so(scene: Scene) -> None:
    answer = await scene.answered(scene.pier, "shout")

    assert answer.content == "@everyone"
    assert not scene.bob.looks_at(answer).pings_me


async def reacts(scene: Scene) -> None:
    message = await scene.alice.say(scene.pier, "like")

    await scene.until(lambda: scene.alice.looks_at(message).reactions == {"👍": 1})


async def understands_a_refusal(scene: Scene) -> None:
    await scene.alice.say(scene.pier, "too much")

    await scene.until(lambda: scene.client.noticed("refused", status=400, code=50035))


async def waits_when_it_is_told_to(scene: Scene) -> None:
    fault = scene.discord.faults.rest("POST", f"/channels/{scene.pier.id}/messages", status=429, retry_after_s=0.3)
    answer = await scene.answered(scene.pier, "hello")

    assert fault.struck == 1
    assert answer.content == "Hello Alice, this is #pier of Harbour"


async def speaks_as_a_persona(scene: Scene) -> None:
    await _persona(scene, scene.tavern)


async def speaks_as_a_persona_in_a_thread(scene: Scene) -> None:
    await _persona(scene, scene.tavern.thread("corner"))


async def _persona(scene: Scene, place: BuiltChannel) -> None:
    spoken = await scene.answered(place, "persona")
    assert (spoken.author, spoken.content) == ("Lilith", "I am Lilith")
    assert spoken.avatar_url == "https://pictures.example/lilith.png"
    # A bot hears what its webhooks say, by the persona's name.
    await scene.until(lambda: scene.client.noticed("own", id=str(spoken.id), author="Lilith", content="I am Lilith"))

    await scene.alice.say(place, "persona edit")
    await scene.until(lambda: scene.alice.looks_at(spoken).is_edited)
    assert scene.alice.looks_at(spoken).content == "I am Lilith still"

    await scene.alice.say(place, "persona delete")
    await scene.until(lambda: spoken.id not in scene.discord.world.messages)


async def answers_a_slash_command(scene: Scene) -> None:
    loud = await scene.alice.slash("echo", scene.tavern, text="good evening")
    quiet = await scene.alice.slash("echo", scene.tavern, text="psst", quietly=True)

    assert (loud.content, loud.is_ephemeral) == ("Alice says good evening", False)
    assert (quiet.content, quiet.is_ephemeral) == ("Alice says psst", True)
    assert "Alice says psst" not in [each.content for each in scene.bob.sees(scene.tavern)]


async def answers_a_sub_command(scene: Scene) -> None:
    answer = await scene.alice.slash("character voice set", scene.tavern, name="Lilith", speed=3, tone="Softly")

    assert answer.content == "Lilith speaks Softly at 3"


async def is_given_people_channels_and_roles(scene: Scene) -> None:
    sailor = scene.harbour.role("Sailor")
    answer = await scene.alice.slash("introduce", scene.tavern, person=scene.bob, place=scene.tavern, rank=sailor)

    assert answer.content == "Bob, Sailor, in #tavern"


async def answers_from_the_menus_of_messages_and_people(scene: Scene) -> None:
    message = await scene.bob.say(scene.tavern, "ahoy")
    quoted = await scene.alice.message_command("Quote", message)
    waved = await scene.alice.user_command("Wave", scene.bob, scene.tavern)

    assert (quoted.content, waved.content) == ("Bob said ahoy", "Hello Bob")


async def thinks_and_follows_up(scene: Scene) -> None:
    answer = await scene.alice.slash("think", scene.tavern)
    await answer.finished()
    await scene.until(lambda: answer.followups)

    assert (answer.content, answer.is_ephemeral) == ("42", False)
    [followup] = answer.followups
    assert (followup.content, followup.is_ephemeral) == ("but tell nobody", True)


async def suggests_while_somebody_types(scene: Scene) -> None:
    choices = await scene.alice.autocomplete("find", "name", "li", scene.tavern)
    answer = await scene.alice.slash("find", scene.tavern, name=choices[0])

    assert [(choice.name, choice.value) for choice in choices] == [("Lilith", "lilith"), ("Lilian", "lilian")]
    assert answer.content == "Found lilith"


async def answers_a_button_a_select_and_a_modal(scene: Scene) -> None:
    panel = await scene.alice.slash("panel", scene.tavern)
    assert panel.content == "A panel"
    await scene.alice.click(panel, "Press")
    assert panel.content == "Pressed by Alice"

    chosen = await scene.alice.select(panel, "Colour", "Blue")
    assert (chosen.content, chosen.is_ephemeral) == ("You chose blue", True)

    person = await scene.alice.select(panel, "Whom", scene.bob)
    assert (person.content, person.is_ephemeral) == ("You chose Bob", True)

    letter = await scene.alice.click(panel, "Write")
    assert letter.modal is not None
    assert [field.label for field in letter.modal.fields] == ["Subject", "Body"]
    sent = await scene.alice.submit(letter, {"Subject": "Ships", "Body": "They sail.\nAt dawn."})
    assert sent.content == "Ships: They sail.\nAt dawn."


async def stays_calm_while_much_happens(scene: Scene) -> None:
    """Every kind of event that people and owners of guilds cause reaches the library's parsers."""
    alice, bob, harbour, tavern = scene.alice, scene.bob, scene.harbour, scene.tavern
    spoken = await alice.say(tavern, "listen", files=[File("voice.ogg", b"OggS", "audio/ogg", duration_s=2)])
    answer = await bob.say(tavern, f"what? {alice.mention}", reply_to=spoken)
    await bob.forward(spoken, scene.pier)
    await alice.poll(tavern, "Where to?", "East", "West")
    await alice.typing_in(tavern)
    await alice.react(answer, "🎉")
    await alice.unreact(answer, "🎉")
    await alice.dm(scene.bot, "a secret")

    sailor = harbour.role("Captain", Permission.MANAGE_MESSAGES)
    carol = harbour.member("carol", roles=[sailor], nick="Caro")
    harbour.member("carol", nick="Captain Caro")
    cabin = harbour.text_channel("cabin", topic="below deck")
    cabin.deny(carol.user, Permission.SEND_MESSAGES)
    cabin.allow(sailor, Permission.SEND_MESSAGES)
    corner = cabin.thread("nook", is_private=True, owner=alice.user, members=[scene.bot.user, alice.user])
    await alice.say(corner, "hush")
    corner.archive(is_locked=True)
    corner.delete()
    harbour.announcements("news")
    harbour.voice_channel("deck")
    harbour.category("below")
    cabin.delete()
    harbour.kick(carol.user)
    await bob.delete(answer)

    another = scene.discord.guild("Elsewhere")
    another.text_channel("square")
    another.kick(scene.bot.user)
    answered = await scene.answered(scene.pier, "hello")
    assert answered.content == "Hello Alice, this is #pier of Harbour"


async def resumes_when_it_is_asked_to(scene: Scene) -> None:
    scene.discord.gateway.reconnect()
    await scene.until(lambda: scene.client.noticed("resumed"), READY_WITHIN_S)
    answer = await scene.answered(scene.tavern, "hello")

    assert answer.content == "Hello Alice, this is #tavern of Harbour"
    assert len(scene.discord.hub.sessions) == 1, "it did not begin anew"


async def resumes_and_hears_once_what_it_missed(scene: Scene) -> None:
    before = len(scene.client.noticed("resumed"))
    scene.discord.gateway.abort()
    missed = await scene.alice.say(scene.tavern, "still there?")
    await scene.until(lambda: len(scene.client.noticed("resumed")) > before, READY_WITHIN_S)
    await scene.until(lambda: [each for each in scene.said(scene.tavern) if each.content == "still here"])
    after = await scene.alice.say(scene.tavern, "well then")
    await scene.until(lambda: scene.client.noticed("heard", id=str(after.id)))

    assert len(scene.client.noticed("heard", id=str(missed.id))) == 1
    assert [each.content for each in scene.said(scene.tavern)].count("still here") == 1
    assert len(scene.discord.hub.sessions) == 1, "it did not begin anew"


type Step = Callable[[Scene], Awaitable[None]]

STEPS: Sequence[Step] = (
    becomes_ready,
    hears_and_replies,
    sees_files_and_mentions,
    hears_edits_reactions_and_deletions,
    answers_in_a_dm,
    answers_in_a_forum,
    shows_an_embed_and_a_file,
    opens_a_thread,
    reads_what_was_said_before,
    pings_nobody_when_it_says_so,
    reacts,
    understands_a_refusal,
    waits_when_it_is_told_to,
    speaks_as_a_persona,
    speaks_as_a_persona_in_a_thread,
    answers_a_slash_command,
    answers_a_sub_command,
    is_given_people_channels_and_roles,
    answers_from_the_menus_of_messages_and_people,
    thinks_and_follows_up,
    suggests_while_somebody_types,
    answers_a_button_a_select_and_a_modal,
    stays_calm_while_much_happens,
    resumes_when_it_is_asked_to,
    resumes_and_hears_once_what_it_missed,
)
