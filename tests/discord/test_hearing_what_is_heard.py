"""What is heard on Discord, as it stands on the log."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.discord.hearing.recording import message_of
from adapters.discord.simulated.actors import File
from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.world.guilds import Sticker
from adapters.discord.simulated.world.messages import Message as Posted
from adapters.discord.simulated.world.messages import Poll
from adapters.discord.simulated.world.permissions import Permission
from engine.domain import Message, Quote
from engine.domain.ids import quote_id
from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("heard")) as scene:
        yield scene


async def quoted(scene: Scene, message: Message) -> list[Quote]:
    found = [await scene.engine.log.find(Quote, id_) for id_ in message.refers_to if id_.startswith("quote.")]
    return [quote for quote in found if quote is not None]


def link(posted: Posted) -> str:
    return f"https://discord.com/channels/{posted.guild_id or '@me'}/{posted.channel_id}/{posted.id}"


async def test_names_stand_where_discord_has_ids(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob", nick="Bobby")
    role = scene.harbour.role("Sailors")
    said = await alice.say(
        tavern, f"@Bramble Quill: {bob.mention}, <@&{role.id}> in {tavern.mention} <:wave:123456789012345678> `<@1>`"
    )
    heard = await scene.until_heard(said)
    assert heard.text == f"@Bramble Quill: @Bobby, @Sailors in #{tavern.state.name} :wave: `<@1>`"


async def test_an_edit_is_heard_and_the_old_words_are_gone(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    said = await alice.say(tavern, "@Bramble Quill, I like tea.")
    await scene.answers(tavern, seen_by=alice)
    await alice.edit(said, "@Bramble Quill, I like coffee.")
    await scene.until(lambda heard: heard is not None and heard.text == "@Bramble Quill, I like coffee.", said)


async def test_an_edit_of_what_was_never_heard_is_not_heard_either(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    said = await alice.say(tavern, "Nothing in particular.")
    await alice.edit(said, "@Bramble Quill, come!")
    await scene.nothing_heard_of(said, as_surely_as=alice, place=tavern)


async def test_a_deletion_takes_the_answer_with_it(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    said = await alice.say(tavern, "@Bramble Quill, forget this.")
    await scene.answers(tavern, seen_by=alice)
    await alice.delete(said)
    await scene.until(lambda heard: heard is not None and heard.receipt is not None, said)
    await scene.discord.until(lambda: not scene.said_by_us(tavern, alice))


async def test_a_deletion_in_bulk_is_a_deletion_of_each(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    said = [await alice.say(tavern, f"This is number {number}.") for number in range(3)]
    for one in said:
        await scene.until_heard(one)
    changes.delete_many(scene.discord.world, scene.discord.world.channels[tavern.id], said)
    for one in said:
        await scene.until(lambda heard: heard is not None and heard.receipt is not None, one)


async def test_the_deletion_of_what_was_never_heard_leaves_nothing_on_the_log(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    said = await alice.say(tavern, "Nothing in particular.")
    await alice.delete(said)
    await scene.nothing_heard_of(said, as_surely_as=alice, place=tavern)
    message = message_of(str(said.channel_id), str(said.id))
    assert await scene.engine.log.events_of(message) == await scene.engine.log.events_of(quote_id(message)) == []


async def test_a_sticker_alone_is_something_said(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    sticker = Sticker(scene.discord.world.next_id(), scene.harbour.id, "Wave")
    scene.harbour.state.stickers[sticker.id] = sticker
    heard = await scene.until_heard(await alice.say(tavern, stickers=[sticker.id]))
    assert heard.text == "[sticker: Wave]"
    assert heard.addresses == ("bramble",)


async def test_a_poll_alone_is_something_said(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    answers = [{"answer_id": n, "poll_media": {"text": text}} for n, text in enumerate(("Tea", "Coffee"), 1)]
    draft = changes.Draft(poll=Poll("What to drink?", answers, None))
    posted = changes.post(scene.discord.world, scene.discord.world.channels[tavern.id], alice.user, draft)
    heard = await scene.until_heard(posted)
    assert heard.text == "[poll: What to drink? — 1. Tea; 2. Coffee]"


async def test_files_are_heard_with_what_is_needed_to_describe_or_transcribe_them(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    files = [File("cat.png", b"1234"), File("notes.txt")]
    heard = await scene.until_heard(await alice.say(tavern, files=files))
    voice = await scene.until_heard(
        await alice.say(tavern, files=[File("voice-message.ogg", b"12", "audio/ogg", duration_s=3.5)])
    )
    assert [(file.name, file.kind, file.size_bytes) for file in heard.attachments] == [
        ("cat.png", "image", 4),
        ("notes.txt", "file", 1),
    ]
    assert [(file.kind, file.duration_s) for file in voice.attachments] == [("voice", 3.5)]
    assert heard.attachments[0].url.startswith(scene.discord.cdn_base)


async def test_a_forward_is_heard_as_a_quote_of_nobodys_and_names_nobody(scene: Scene) -> None:
    tavern, elsewhere, alice, bob = scene.channel(), scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.activate(tavern, "bramble")
    original = await bob.say(elsewhere, "@thessaly, the lamp is out.")
    forward = await alice.forward(original, tavern)
    heard = await scene.until_heard(forward)
    [quote] = await quoted(scene, heard)
    assert heard.addresses == ("bramble",)
    assert heard.text == "[forwarded message: Reference 1]"
    assert (quote.text, quote.author, quote.is_forward) == ("@thessaly, the lamp is out.", None, True)
    assert quote.person == scene.person(alice)


async def test_a_reply_to_somebody_brings_their_words_along_in_their_own_keeping(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    bobs = await bob.say(tavern, "The lamp is out.")
    heard = await scene.until_heard(await alice.say(tavern, "@Bramble Quill, is it?", reply_to=bobs))
    [quote] = await quoted(scene, heard)
    assert heard.in_reply_to == quote.id
    assert (quote.text, quote.person) == ("The lamp is out.", scene.person(bob))
    await bob.delete(bobs)
    subject = quote_id(message_of(str(bobs.channel_id), str(bobs.id)))
    while (found := await scene.engine.log.find(Quote, subject)) is not None and not found.is_gone:
        await scene.caught_up()


async def test_what_is_on_the_log_is_referred_to_and_not_quoted_again(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    bobs = await bob.say(tavern, "@Bramble Quill, good evening.")
    first = await scene.until_heard(bobs)
    heard = await scene.until_heard(await alice.say(tavern, f"@Bramble Quill, see {link(bobs)}!"))
    assert heard.refers_to == (first.id,)
    assert heard.text == "@Bramble Quill, see [Reference 1]!"


async def test_links_are_followed_breadth_first_and_each_message_once(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    deepest = await bob.say(tavern, "deepest")
    deep = await bob.say(tavern, f"deep: {link(deepest)}")
    other = await bob.say(tavern, f"other: {link(deepest)} {link(deep)}")
    heard = await scene.until_heard(await alice.say(tavern, f"@Bramble Quill {link(deep)} {link(other)}"))
    assert [quote.text.split(":")[0] for quote in await quoted(scene, heard)] == ["deep", "other", "deepest"]
    assert heard.text == "@Bramble Quill [Reference 1] [Reference 2]"


async def test_an_edit_brings_along_what_it_links_to_now(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    first, second = await bob.say(tavern, "first"), await bob.say(tavern, "second")
    said = await alice.say(tavern, f"@Bramble Quill {link(first)}")
    await scene.until_heard(said)
    await alice.edit(said, f"@Bramble Quill {link(second)} {link(first)}")
    text = "@Bramble Quill [Reference 1] [Reference 2]"
    await scene.until(lambda heard: heard is not None and heard.text == text, said)
    assert [quote.text for quote in await quoted(scene, await scene.until_heard(said))] == ["second", "first"]


async def test_a_link_shows_nothing_that_its_sender_could_not_open(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    captain = scene.somebody("captain", permissions=[Permission.ADMINISTRATOR])
    cabin = scene.channel()
    cabin.deny(scene.harbour.state.everyone, Permission.VIEW_CHANNEL)
    cabin.allow(scene.bot.user, Permission.VIEW_CHANNEL)
    secret = await captain.say(cabin, "The treasure is under the mast.")
    by_alice = await scene.until_heard(await alice.say(tavern, f"@Bramble Quill, what is {link(secret)}?"))
    by_captain = await scene.until_heard(await captain.say(tavern, f"@Bramble Quill, what is {link(secret)}?"))
    assert by_alice.refers_to == ()
    assert by_alice.text == f"@Bramble Quill, what is {link(secret)}?"
    assert [quote.text for quote in await quoted(scene, by_captain)] == ["The treasure is under the mast."]


async def test_a_link_into_a_private_thread_shows_nothing_to_who_is_not_in_it(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    nook = tavern.thread("nook", is_private=True, owner=bob.user, members=[bob.user, scene.bot.user])
    secret = await bob.say(nook, "Between us.")
    by_alice = await scene.until_heard(await alice.say(tavern, f"@Bramble Quill {link(secret)}"))
    by_bob = await scene.until_heard(await bob.say(tavern, f"@Bramble Quill {link(secret)}"))
    assert by_alice.refers_to == ()
    assert [quote.text for quote in await quoted(scene, by_bob)] == ["Between us."]


async def test_a_link_to_another_server_is_followed_for_its_members_only(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    island = scene.discord.guild("Island")
    island.member(bob.user.username)
    beach = island.text_channel("beach")
    posted = await bob.say(beach, "Sand everywhere.")
    by_alice = await scene.until_heard(await alice.say(tavern, f"@Bramble Quill {link(posted)}"))
    by_bob = await scene.until_heard(await bob.say(tavern, f"@Bramble Quill {link(posted)}"))
    assert by_alice.refers_to == ()
    assert [quote.text for quote in await quoted(scene, by_bob)] == ["Sand everywhere."]


async def test_who_asked_not_to_be_recorded_is_not_quoted(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.engine.recording.stop(scene.person(bob), at=scene.engine.clock())
    bobs = await bob.say(tavern, "I was never here.")
    heard = await scene.until_heard(await alice.say(tavern, "@Bramble Quill, who was that?", reply_to=bobs))
    assert (heard.refers_to, heard.in_reply_to) == ((), None)


async def test_a_reply_to_a_deleted_message_is_heard_without_it(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    bobs = await bob.say(tavern, "Soon gone.")
    said = await alice.say(tavern, "What was that?", reply_to=bobs)
    await bob.delete(bobs)
    answered = await alice.say(tavern, f"@Bramble Quill {link(bobs)} {link(said)}")
    heard = await scene.until_heard(answered)
    assert [quote.text for quote in await quoted(scene, heard)] == ["What was that?"]


async def test_what_a_person_is_called_is_known_from_their_first_message_on(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody(nick="Alice of the Sea")
    await scene.until_heard(await alice.say(tavern, "@Bramble Quill, hello."))
    await scene.caught_up()
    person = f"person.{scene.person(alice)}"
    assert (await scene.engine.read.fields(person))[person].fields["name"] == "Alice of the Sea"
