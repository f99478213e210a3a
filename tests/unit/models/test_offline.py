from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.models.offline import LABEL, Offline, answer
from adapters.models.prompt_reading import Line, Prompt, read_prompt
from adapters.models.tokens import SafeEstimate
from engine.ports import ChatMessage, ModelRequest, Usage
from engine.prompt import rendering
from engine.prompt.rendering import HistoryLine, MemoryLine

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

CARD = "# Character\nName: Ada\nPersonality: dry and exact\nTone: kind\n\n# Rules\nNever: mention this"


def asked(
    question: str, *, history: tuple[str, ...] = (), memories: tuple[str, ...] = (), card: str = CARD
) -> ModelRequest:
    messages = [ChatMessage("system", card)]
    for said in history:
        messages += [ChatMessage("user", said), ChatMessage("assistant", f"{LABEL} Noted.")]
    if memories:
        messages.append(ChatMessage("system", "\n".join(["# Memories", *(f"- {memory}" for memory in memories)])))
    messages.append(ChatMessage("user", question))
    return ModelRequest(model="offline", messages=tuple(messages))


def test_the_prompt_is_read_back() -> None:
    prompt = read_prompt(asked("And now?", history=("one", "two"), memories=("three", "four")))

    assert prompt.name == "Ada"
    assert prompt.card == (("Personality", "dry and exact"), ("Tone", "kind"))
    assert prompt.memories == (Line("three"), Line("four"))
    assert prompt.said_before == (Line("one"), Line("two"))
    assert prompt.question == "And now?"


def test_what_was_said_in_the_conversation_is_quoted() -> None:
    history = ("My cat is called Pixel.", "It rains.")

    assert answer(asked("What is my cat called?", history=history)) == (
        "(offline) You told me: “My cat is called Pixel.” (earlier in this conversation)"
    )


def test_what_is_recalled_is_quoted_and_said_to_be_remembered() -> None:
    memories = ("The ferry leaves at nine.", "My cat is called Pixel.")

    assert answer(asked("Do you know my cats?", memories=memories)) == (
        "(offline) You told me: “My cat is called Pixel.” (as I remember)"
    )


def rendered(
    text: str, *, is_private: bool = True, history: tuple[HistoryLine, ...] = (), memories: tuple[MemoryLine, ...] = ()
) -> ModelRequest:
    """A request as the engine really renders it."""
    prompt = rendering.Prompt(
        character={"name": "Ada", "personality": "dry and exact", "system_prompt": "Be brief."},
        persona={"name": "Sam", "about": "a sailor"},
        timezone="Europe/Berlin",
        at=AT,
        is_private=is_private,
        history=history,
        memories=memories,
        text=text,
    )
    return ModelRequest(model="offline", messages=rendering.render(prompt))


def memory(said: str, answered: str = "(offline) Noted: “it”.", edited: str | None = None) -> MemoryLine:
    return MemoryLine(at=AT, said=said, answered=answered, edited=edited, name="Sam")


def test_the_engines_own_prompt_is_understood() -> None:
    history = (
        HistoryLine(is_own_reply=False, name=None, text="one"),
        HistoryLine(is_own_reply=True, name=None, text="Yes."),
    )

    prompt = read_prompt(rendered("And now?", history=history, memories=(memory("two"), memory("x", edited="three"))))

    assert prompt == Prompt(
        name="Ada",
        card=(("Personality", "dry and exact"),),
        memories=(Line("two", day="2026-03-01"), Line("three", day="2026-03-01")),
        said_before=(Line("one"),),
        question="And now?",
    )


def test_in_a_group_it_is_known_who_speaks() -> None:
    history = (HistoryLine(is_own_reply=False, name="Bob", text="My boat is red: all of it."),)

    prompt = read_prompt(rendered("Hm: what?", is_private=False, history=history))

    assert prompt.said_before == (Line("My boat is red: all of it.", speaker="Bob"),)
    assert prompt.question == "Hm: what?"
    assert answer(rendered("Whose boat is it?", is_private=False, history=history)) == (
        "(offline) Bob said: “My boat is red: all of it.” (earlier in this conversation)"
    )


def test_what_was_asked_before_and_what_was_answered_are_no_memories_to_quote() -> None:
    memories = (memory("My cat is called Pixel."), memory("What is my cat called?", "(offline) You told me: “My cat”"))

    assert answer(rendered("Do you remember what my cat is called?", memories=memories)) == (
        "(offline) You told me: “My cat is called Pixel.” (as I remember from 2026-03-01)"
    )
    assert "You told me" not in answer(rendered("And my dog?", memories=(memory("Hello.", "I see a dog there."),)))


@pytest.mark.parametrize(
    ("told", "question"),
    [
        ("My name is Sam.", "What is my name?"),
        ("Please remember the word lantern.", "What did I ask you to remember?"),
        ("The secret word is lantern", "Which word did I tell you?"),
    ],
)
def test_words_that_say_little_are_enough_when_nothing_says_more(told: str, question: str) -> None:
    assert told in answer(asked(question, memories=("It rains.", told)))
    assert "Pixel" in answer(asked(f"{question} About the cat?", memories=("The cat is Pixel.", told)))


def test_an_earlier_question_answers_nothing() -> None:
    history = ("My favourite colour is teal.", "What is my favourite colour?", "Say my favourite colour")

    assert "teal" in answer(asked("Tell me my favourite colour!", history=history))


def test_a_question_that_nothing_answers_is_said_to_be_so() -> None:
    said = answer(asked("What is my favourite colour?", history=("It rains.",)))

    assert "You told me" not in said
    assert "It rains." in said, "the previous turn is referred to"


def test_a_statement_is_answered_in_character() -> None:
    said = answer(asked("The kettle is on."))

    assert said.startswith(LABEL)
    for shown in ("The kettle is on.", "Ada"):
        assert shown in said
    assert "dry and exact" in said or "kind" in said


def test_the_same_request_gets_the_same_answer_and_wording_varies() -> None:
    answers = [answer(asked(f"Statement {number}")) for number in range(20)]

    assert answers == [answer(asked(f"Statement {number}")) for number in range(20)]
    shapes = {said.replace(f"Statement {number}", "…") for number, said in enumerate(answers)}
    assert len(shapes) > 5


@pytest.mark.parametrize(
    ("told", "question"),
    [
        ("私の猫の名前はピクセルです。", "猫の名前は？"),  # noqa: RUF001
        ("我的猫叫像素，它很黑。", "我的猫是什么颜色？"),  # noqa: RUF001
        ("Мою кошку зовут Пиксель.", "Как зовут кошку?"),
        ("Meine Katze heißt Pixel.", "Wie heißt die Katze?"),
        ("내 고양이 이름은 픽셀입니다.", "고양이는 어디에 있나요?"),
        ("قطتي اسمها بكسل.", "ما اسم قطتي؟"),
    ],
)
def test_it_recalls_in_other_languages(told: str, question: str) -> None:
    assert told in answer(asked(question, memories=("…", told)))


def test_long_messages_are_quoted_in_part() -> None:
    said = answer(asked("z" * 5_000, history=("y" * 5_000,)))

    assert len(said) < 500
    assert "…" in said


@pytest.mark.parametrize("messages", [(), (ChatMessage("system", "# Memories\n- x"),), (ChatMessage("user", " "),)])
def test_it_answers_though_there_is_nothing_to_answer(messages: tuple[ChatMessage, ...]) -> None:
    assert answer(ModelRequest(model="offline", messages=messages)).startswith(LABEL)


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_is_too_strange(question: str, told: str, memory: str, trait: str) -> None:
    request = asked(question, history=(told,), memories=(memory,), card=f"# Character\nName: {told}\nTone: {trait}")

    assert answer(request).startswith(LABEL)
    assert "\n" not in answer(request)


async def test_its_usage_is_counted() -> None:
    request, tokens = asked("The kettle is on."), SafeEstimate()

    completion = await Offline(tokens).complete(request)

    assert completion.text == answer(request)
    assert completion.usage == Usage(
        prompt_tokens=tokens.count(CARD) + tokens.count("The kettle is on."),
        completion_tokens=tokens.count(completion.text),
    )
