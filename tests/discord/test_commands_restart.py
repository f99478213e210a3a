"""What people have on their screens works on after the bot was started again."""

from pathlib import Path

from tests.discord.listening_scene import listening_scene


async def test_a_dashboard_that_was_opened_before_a_restart_is_used_after_it(tmp_path: Path) -> None:
    async with listening_scene(tmp_path) as scene:
        await scene.register_commands()
        alice = scene.somebody()
        form = await alice.slash("character create", scene.channel())
        filled = {"Name": "Orin of the Reach", "Short name: a-z, 0-9, hyphens": "orin", "About": "A ferryman."}
        made = await (await alice.submit(form, filled)).finished()
        assert "Only you may talk to it" in made.as_text()
        [before] = scene.discord.hub.sessions

        await scene.restart()
        assert before not in scene.discord.hub.sessions

        refreshed = await (await alice.click(made.message, "Refresh")).finished()
        assert "Orin of the Reach" in refreshed.as_text()
        await alice.click(made.message, "For everyone")
        await scene.discord.until(lambda: "Everyone may talk to it" in made.as_text())
        await scene.caught_up()
        bob = scene.somebody("bob")
        card = await (await bob.slash("character view", scene.channel(), character="orin")).finished()
        assert "A ferryman." in card.as_text()


async def test_a_reply_to_a_post_from_before_a_restart_asks_who_said_it(tmp_path: Path) -> None:
    async with listening_scene(tmp_path) as scene:
        tavern, alice = scene.channel(), scene.somebody()
        await alice.say(tavern, "@Bramble Quill, are you there?")
        [answer] = await scene.answers(tavern, seen_by=alice)
        await scene.restart()
        await alice.say(tavern, "And now?", reply_to=answer)
        *_, later = await scene.answers(tavern, seen_by=alice, many=2)
        assert later.author == "Bramble Quill"
