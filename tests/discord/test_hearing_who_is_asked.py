"""Who answers on Discord, seen by those who were there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("hearing")) as scene:
        yield scene


async def test_a_character_that_is_named_answers(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await alice.say(tavern, "Good evening, @Bramble Quill!")
    [answer] = await scene.answers(tavern, seen_by=alice)
    assert answer.author == "Bramble Quill"
    assert scene.model.reply in answer.content


async def test_several_that_are_named_answer_in_the_order_of_the_text(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.character("Dr. Vane")
    await alice.say(tavern, "**@Dr. Vane**'s cloak? @bramble, @Bramble Quill and @thessaly: look.")
    answers = await scene.answers(tavern, seen_by=alice, many=3)
    assert [answer.author.split()[0] for answer in answers] == ["Dr.", "Bramble", "Thessaly"]


async def test_a_reply_to_a_character_is_answered_by_it(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await alice.say(tavern, "@Bramble Quill, what is new?")
    [first] = await scene.answers(tavern, seen_by=alice)
    reply = await alice.say(tavern, "And then?", reply_to=first)
    answers = await scene.answers(tavern, seen_by=alice, many=2)
    assert answers[1].author == first.author
    heard = await scene.until_heard(reply)
    assert heard.asked_by == ("reply",)
    assert heard.in_reply_to is not None
    assert heard.in_reply_to.startswith("reply.")
    assert heard.refers_to == (heard.in_reply_to,)


async def test_where_a_character_is_active_it_answers_everything_once(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.activate(tavern, "bramble")
    await alice.say(tavern, "It rains.")
    await scene.answers(tavern, seen_by=alice)
    await bob.say(tavern, "@bramble, does it?")
    answers = await scene.answers(tavern, seen_by=bob, many=2)
    assert [answer.author for answer in answers] == ["Bramble Quill"] * 2


async def test_a_thread_has_its_channels_character_unless_it_is_off_there(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    corner, cellar = tavern.thread("corner"), tavern.thread("cellar")
    await scene.activate(tavern, "bramble")
    await scene.engine.places.deactivate(
        f"discord-{cellar.id}",
        person="instance",
        server=str(scene.harbour.id),
        may_manage=True,
        at=scene.engine.clock(),
        is_part=True,
    )
    await scene.caught_up()
    quiet = await alice.say(cellar, "Nobody here?")
    await alice.say(corner, "Hello?")
    [answer] = await scene.answers(corner, seen_by=alice)
    assert answer.author == "Bramble Quill"
    await scene.nothing_heard_of(quiet, as_surely_as=alice, place=cellar)


async def test_a_forums_post_is_a_place_like_any_other(scene: Scene) -> None:
    alice = scene.somebody()
    board = scene.harbour.forum(f"board-{alice.id}")
    post = await alice.post(board, "A question", "@Bramble Quill, do you read this?")
    [answer] = await scene.answers(scene.discord.world.channels[post.channel_id], seen_by=alice)
    assert answer.author == "Bramble Quill"


async def test_what_concerns_nobody_is_not_heard(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    small_talk = await alice.say(tavern, "Nice weather, bramble@example.org, and `@Bramble Quill` is code.")
    await scene.nothing_heard_of(small_talk, as_surely_as=alice, place=tavern)


async def test_a_private_character_answers_its_owner_and_nobody_else(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.character("Secret Sorrel", of=alice)
    asked_by_bob = await bob.say(tavern, "@Secret Sorrel, are you there?")
    await scene.nothing_heard_of(asked_by_bob, as_surely_as=alice, place=tavern)
    await alice.say(tavern, "@Secret Sorrel, are you there?")
    answers = await scene.answers(tavern, seen_by=bob, many=2)
    assert answers[-1].author == "Secret Sorrel"


async def test_an_active_character_that_is_private_is_explained_once_and_others_still_answer(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    hidden = await scene.character("Hidden Hyssop", of=alice)
    await scene.activate(tavern, hidden, by=alice)
    heard = await bob.say(tavern, "Hello?")
    [explained] = await scene.answers(tavern, seen_by=bob)
    assert explained.author == "Tzurot"
    assert "private" in explained.content
    assert "Hyssop" not in explained.content
    assert (await scene.until_heard(heard)).addresses == ()
    await bob.say(tavern, "@Bramble Quill then?")
    answers = await scene.answers(tavern, seen_by=bob, many=2)
    assert [answer.author for answer in answers] == ["Tzurot", "Bramble Quill"]


async def test_a_ping_of_the_bot_is_answered_with_help(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    ping = await alice.say(tavern, f"{scene.bot.user.mention} hello?")
    [answer] = await scene.answers(tavern, seen_by=alice)
    assert answer.author == "Tzurot"
    assert "@Bramble Quill" in answer.content
    assert not answer.pings_me
    assert await scene.heard(ping) is None


async def test_webhooks_and_bots_are_not_answered_whatever_they_say(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    scene.model.reply, before = "@Bramble Quill, @thessaly: answer me!", scene.model.reply
    try:
        await alice.say(tavern, "Say something to each other.")
        await scene.answers(tavern, seen_by=alice)
        await alice.say(tavern, "Anything else?")
        answers = await scene.answers(tavern, seen_by=alice, many=2)
        await scene.caught_up()
        assert len(answers) == len(scene.said_by_us(tavern, alice)) == 2
    finally:
        scene.model.reply = before


async def test_in_a_dm_the_first_contact_explains_itself(scene: Scene) -> None:
    alice = scene.somebody()
    said = await alice.dm(scene.bot, "Hello?")
    dm = alice.dm_with(scene.bot)
    [answer] = await scene.answers(dm, seen_by=alice)
    assert "one character at a time" in answer.content
    assert await scene.heard(said) is None


async def test_in_a_dm_whom_one_names_one_talks_to_until_one_names_another(scene: Scene) -> None:
    alice = scene.somebody()
    dm = alice.dm_with(scene.bot)
    turns = (
        ("@Bramble Quill, hello", "Bramble Quill"),
        ("How are you?", "Bramble Quill"),
        ("@Thessaly, and you?", "Thessaly"),
        ("Really?", "Thessaly"),
    )
    for answers, (text, expected) in enumerate(turns, 1):
        said = await alice.dm(scene.bot, text)
        seen = await scene.answers(dm, seen_by=alice, many=answers)
        assert len(seen) == answers
        assert seen[-1].content.startswith(f"**{expected}")
        assert (await scene.until_heard(said)).is_private


async def test_who_asked_not_to_be_recorded_is_not_heard(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.activate(tavern, "bramble")
    await scene.engine.recording.stop(scene.person(alice), at=scene.engine.clock())
    await scene.caught_up()
    said = [await alice.say(tavern, "I was never here."), await alice.say(tavern, "@Bramble Quill?")]
    [told] = await scene.answers(tavern, seen_by=alice)
    assert "not to be recorded" in told.content
    for one in said:
        await scene.nothing_heard_of(one, as_surely_as=bob, place=tavern)


async def test_no_more_answer_than_the_operator_allows(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    names = [f"Number {number}" for number in ("One", "Two", "Three", "Four", "Five", "Six")]
    for name in names:
        await scene.character(name)
    heard = await scene.until_heard(await alice.say(tavern, " ".join(f"@{name}!" for name in names)))
    assert len(heard.addresses) == 5
    answers = await scene.answers(tavern, seen_by=alice, many=5)
    assert [answer.author for answer in answers] == names[:5]


async def test_a_thread_that_the_bot_was_never_told_of_is_heard(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    hidden = tavern.thread("hidden")
    [client] = scene.clients
    guild = client.get_guild(scene.harbour.id)
    assert guild is not None
    await scene.discord.until(lambda: guild.get_thread(hidden.id))
    guild._threads.clear()
    await alice.say(hidden, "Hello?")
    [answer] = await scene.answers(hidden, seen_by=alice)
    assert answer.author == "Bramble Quill"
