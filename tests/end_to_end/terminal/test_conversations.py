import subprocess

from tests.end_to_end.terminal.installed import Installed

SAME = ("--message-id", "1")


def test_the_same_message_id_is_the_same_message(tzurot: Installed) -> None:
    first = tzurot.json("say", "Hello there.", "--as", "Ann", *SAME)
    assert first["message"].startswith("message.terminal-")
    assert first["message"].endswith(".1")
    assert first["reply"].startswith("reply.terminal-")
    assert "Hello there." in first["text"]
    assert tzurot.json("say", "Something else.", "--as", "Ann", *SAME) == first
    heard = tzurot.log("--person", "Ann", "--type", "MessageHeard")
    assert [(line["subject"], line["version"], line["data"]["text"]) for line in heard] == [
        (first["message"], 1, "Hello there.")
    ]
    assert {"position", "type", "subject", "at", "version", "data"} == heard[0].keys()


def test_a_message_that_was_erased_stays_erased_when_it_is_heard_again(tzurot: Installed) -> None:
    said = tzurot.json("say", "The combination is seventeen.", "--as", "Ben", *SAME)
    receipt = tzurot.json("message", "erase", said["message"])
    assert receipt["complete"]
    assert {said["message"], said["reply"]} <= set(receipt["subjects"])
    again = tzurot.json("say", "The combination is seventeen.", "--as", "Ben", *SAME)
    assert (again["reply"], again["text"], again["state"]) == (None, None, "erased")
    assert "seventeen" not in "".join(map(str, tzurot.log("--limit", "1000")))
    assert [line["data"] for line in tzurot.log("--type", "ReplyErased")] == [
        {"receipt": receipt["receipt"], "message": said["message"], "posts": _posts(tzurot, said["reply"])}
    ]
    assert tzurot.json("why", said["reply"])["erased"] == [receipt["receipt"]]


def _posts(tzurot: Installed, reply: str) -> list[str]:
    lines = tzurot.log("--type", "ReplyErased")
    return next(line["data"]["posts"] for line in lines if line["subject"] == reply)


def test_a_chat_is_read_from_a_pipe(tzurot: Installed) -> None:
    out = tzurot.in_its_own_process(
        "chat",
        "--as",
        "Cleo",
        "--character",
        "bramble",
        typed="My cat is called Pepper.\n/history clear\nWhat is my cat called?\n/undo\n/memory list\n/why\n/quit\n-\n",
    )
    assert "You talk to Bramble Quill" in out
    assert "You told me: “My cat is called Pepper.” (as I remember" in out
    assert "HistoryClearUndone" in out
    assert "Yes: the prompt rebuilt from the log has the hash that was recorded" in out
    heard = tzurot.log("--person", "Cleo", "--type", "MessageHeard")
    assert [line["data"]["text"] for line in heard] == ["My cat is called Pepper.", "What is my cat called?"]


def test_a_memory_is_searched_forgotten_and_restored(tzurot: Installed) -> None:
    reply = tzurot.json("say", "My boat is called Kittiwake.", "--as", "Dora")["reply"]
    tzurot("memory", "forget", reply, "--as", "Dora")
    assert tzurot.json("memory", "search", "boat", "--as", "Dora") == []
    tzurot("memory", "restore", reply, "--as", "Dora")
    (found,) = tzurot.json("memory", "search", "boat", "--as", "Dora")
    assert (found["said"], found["reply"]) == ("My boat is called Kittiwake.", reply)
    assert tzurot.json("memory", "list", "--as", "Somebody else") == []


def test_another_process_answers_and_this_one_shows_it(tzurot: Installed, running: subprocess.Popen[str]) -> None:
    assert "Hello" in tzurot.json("say", "Hello from beside.", "--as", "Eve")["text"]
    assert running.stdout is not None
    assert "Ctrl-C stops it." in running.stdout.readline()  # it may stand in the reader's buffer already
    running.terminate()
    _, error = running.communicate(timeout=60)
    assert (running.returncode, error) == (0, "")


def test_what_cannot_be_done_is_said_in_one_line(tzurot: Installed) -> None:
    assert "no character nobody" in tzurot.refused("say", "Hello", "--character", "nobody")
    assert "no reply" in tzurot.refused("why", "reply.terminal-x.1.lyra.1")


def test_the_doctor_finds_it_well(tzurot: Installed) -> None:
    found = tzurot.json("doctor")
    assert found["ok"]
    assert {"log", "key ring", "projections", "versions"} <= {check["name"] for check in found["checks"]}
