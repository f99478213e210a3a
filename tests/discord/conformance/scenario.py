"""What people do with a bot that somebody else's library runs, and what they then see.

Each bot (`discordjs/`, `discordpy/`, `hikari/`) is the same one, written as its library wants it:

- it answers `hello` by a reply, `look` (with a file and a mention) with what it sees, `still there?` in the channel
- `persona` is answered through a webhook by Lilith, `persona edit` and `persona delete` change and delete that
- /echo, /think (deferred, then a follow-up), /find (autocomplete) and /panel (two buttons, a select, a modal)
- it notices what its library tells it: `ready`, `resumed`, `heard`, `own`, `edited`, `deleted`, `reacted`

The steps are run in order with one connection. Whatever a library finds wrong it logs: a complaint fails the step.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.actors.files import File
from adapters.discord.simulated.actors.seen import Seen
from adapters.discord.simulated.building import BuiltChannel, BuiltGuild
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from tests.discord.conformance.clients import Client

READY_WITHIN_S = 30
COMMANDS = ["echo", "find", "panel", "think"]


@dataclass(slots=True)
class Scene:
    discord: SimulatedDiscord
    bot: Application
    client: Client
    harbour: BuiltGuild
    tavern: BuiltChannel
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

    letter = await scene.alice.click(panel, "Write")
    assert letter.modal is not None
    assert [field.label for field in letter.modal.fields] == ["Subject", "Body"]
    sent = await scene.alice.submit(letter, {"Subject": "Ships", "Body": "They sail.\nAt dawn."})
    assert sent.content == "Ships: They sail.\nAt dawn."


async def resumes_and_hears_once_what_it_missed(scene: Scene) -> None:
    scene.discord.gateway.abort()
    missed = await scene.alice.say(scene.tavern, "still there?")
    await scene.until(lambda: scene.client.noticed("resumed"), READY_WITHIN_S)
    await scene.until(lambda: [each for each in scene.said(scene.tavern) if each.content == "still here"])
    after = await scene.alice.say(scene.tavern, "well then")
    await scene.until(lambda: scene.client.noticed("heard", id=str(after.id)))

    assert len(scene.client.noticed("heard", id=str(missed.id))) == 1
    assert [each.content for each in scene.said(scene.tavern)].count("still here") == 1
    assert len(scene.client.noticed("ready")) == 1


type Step = Callable[[Scene], Awaitable[None]]

STEPS: Sequence[Step] = (
    becomes_ready,
    hears_and_replies,
    sees_files_and_mentions,
    hears_edits_reactions_and_deletions,
    answers_in_a_dm,
    speaks_as_a_persona,
    speaks_as_a_persona_in_a_thread,
    answers_a_slash_command,
    thinks_and_follows_up,
    suggests_while_somebody_types,
    answers_a_button_a_select_and_a_modal,
    resumes_and_hears_once_what_it_missed,
)
