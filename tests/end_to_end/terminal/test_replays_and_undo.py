from tests.end_to_end.terminal.installed import Installed


def test_a_reply_is_explained_as_before_after_settings_changed_and_the_database_was_dropped(tzurot: Installed) -> None:
    tzurot.json("say", "My boat is called Kittiwake.", "--as", "Ann")
    reply = tzurot.json("say", "What is my boat called?", "--as", "Ann")["reply"]
    before = tzurot.json("why", reply)
    assert before["match"] is True
    assert before["prompt_hash"] == before["rebuilt_hash"]
    assert [turn["kind"] for turn in before["history"]] == ["message", "reply"]
    assert {setting["source"] for setting in before["settings"].values()} == {"instance", "built-in"}
    tzurot.json("character", "edit", "thessaly", "--tone", "Gruff.")
    rebuilt = tzurot.json("rebuild", "--drop-database")
    in_small_batches = tzurot.json("rebuild", "--drop-database", "--batch-size", "3")
    verified = tzurot.json("verify")
    assert verified["ok"] is True
    assert verified["differences"] == []
    assert rebuilt["projections"] == in_small_batches["projections"] == verified["projections"]
    assert all({"rows", "state_hash"} == state.keys() for state in rebuilt["projections"].values())
    assert {"history", "memory", "characters", "presets", "people", "audit"} <= rebuilt["projections"].keys()
    assert rebuilt["events"] > 0
    assert tzurot.json("why", reply) == before


def test_a_rebuild_can_be_switched_back_until_something_is_taken_back(tzurot: Installed) -> None:
    tzurot.json("say", "My boat is called Fulmar.", "--as", "Eva")
    tzurot.json("rebuild", "--drop-database")
    assert "there is nothing to switch back to" in tzurot.refused("rebuild", "memory", "--switch-back")
    tzurot.json("rebuild", "memory")
    (generation,) = tzurot.json("rebuild", "memory", "--switch-back")["generations"]
    assert generation.startswith("memory_")
    assert tzurot.json("verify")["ok"] is True


def test_a_prompt_that_held_what_was_erased_no_longer_matches_and_names_the_receipt(tzurot: Installed) -> None:
    told = tzurot.json("say", "My parrot is called Basil.", "--as", "Bob")
    asked = tzurot.json("say", "What is my parrot called?", "--as", "Bob")
    receipt = tzurot.json("message", "erase", told["message"])["receipt"]
    why = tzurot.json("why", asked["reply"])
    assert (why["match"], why["erased"]) == (False, [receipt])
    assert "Basil" not in str([why["history"], why["memories"]])


def test_undoing_an_edit_gives_back_just_its_fields_and_can_be_undone(tzurot: Installed) -> None:
    made = tzurot.json("preset", "create", "--name", "Warm", "--temperature", "1.2", "--stop", "END")
    edited = tzurot.json("preset", "edit", "warm", "--temperature", "0.2", "--set", "max_tokens=50", "--clear", "stop")
    assert edited["fields"] == {"name": "Warm", "temperature": 0.2, "max_tokens": 50}
    tzurot("preset", "edit", "Warm", "--description", "kept")
    undone = tzurot.json("undo", str(edited["position"]))
    assert undone["restores"] == {"temperature": 1.2, "max_tokens": None, "stop": ["END"]}
    assert undone["changed_since"] == []
    (found,) = tzurot.json("preset", "list")
    assert found["fields"] == {**made["fields"], "description": "kept"}
    assert tzurot.log("--type", "PresetEdited")[-1]["position"] == undone["undone"]["position"]
    tzurot("undo", str(undone["undone"]["position"]), "--yes")
    assert tzurot.json("preset", "list")[0]["fields"] == {**edited["fields"], "description": "kept"}


def test_a_character_is_made_edited_deleted_and_brought_back(tzurot: Installed) -> None:
    tzurot("character", "create", "--name", "Mira", "--slug", "mira", "--tone", "Bright", "--likes", "Tea")
    edited = tzurot.json("character", "edit", "mira", "--tone", "Dark")
    tzurot("undo", str(edited["position"]))
    assert tzurot.json("character", "view", "mira")["fields"]["tone"] == "Bright"
    assert "Mira" in tzurot("say", "Hello", "--character", "mira")
    deleted = tzurot.json("character", "delete", "mira")
    assert "no character mira" in tzurot.refused("character", "view", "mira")
    tzurot("undo", str(deleted["position"]))
    assert "mira" in {found["fields"]["slug"] for found in tzurot.json("character", "list")}
    assert "taken" in tzurot.refused("character", "create", "--name", "Other", "--slug", "mira")


def test_a_cleared_history_comes_back_by_undo(tzurot: Installed) -> None:
    said = tzurot.json("say", "Remember the heron.", "--as", "Cat")
    cleared = tzurot.json("history", "clear", "--as", "Cat")
    stats = tzurot.json("history", "stats", "--as", "Cat")
    assert (stats["visible_messages"], stats["hidden_messages"], stats["can_undo"]) == (0, 1, True)
    undone = tzurot.json("undo", str(cleared["position"]))
    assert undone["effect"] == "That clear no longer counts: Thessaly Wren sees 1 message and 1 reply again."
    assert undone["said"]["opening"] == "Remember the heron."
    stats = tzurot.json("history", "stats", "--as", "Cat")
    assert (stats["visible_messages"], stats["hidden_messages"], stats["can_undo"]) == (1, 0, False)
    assert "never cleared" in tzurot.refused("history", "undo", "--as", "Dan")
    (heard,) = tzurot.log("--type", "MessageHeard", "--person", "Cat")
    assert heard["subject"] == said["message"]
    assert "cannot be unsaid" in tzurot.refused("undo", str(heard["position"]))


def test_the_demo_tells_its_story_to_the_end(tzurot: Installed) -> None:
    out = tzurot.in_its_own_process("demo")
    assert "All of it held" in out
    word = out.partition("chosen at random just now: ")[2].split()[0]
    assert f"“The password of my sea chest is {word}.” (as I remember" in out
