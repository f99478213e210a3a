"""`chat`: talking at a prompt. A line is said; one that begins with / is a command of the command line."""

import shlex
from dataclasses import dataclass, replace

import typer
from rich.console import Group

from adapters.terminal.host import ALL_ROLES
from adapters.terminal.options import As, Character
from adapters.terminal.performing import WrongUsage, parsed, perform
from adapters.terminal.screen import Screen, words
from adapters.terminal.session import LogRequest, Request, Session
from adapters.terminal.tables import pairs
from adapters.terminal.talking import Said, Saying, say
from engine.errors import Invalid, TzurotError

SLASH_COMMANDS = {
    "/history clear|undo|stats": "what the character sees of this conversation",
    "/memory list|search|forget|restore": "what it remembers of you",
    "/why": "what made the last reply",
    "/undo [EVENT]": "take back your last change, or that of an event",
    "/character list|view|create|edit|delete": "who there is",
    "/preset list|create|edit|delete": "model parameters",
    "/message erase|edit MESSAGE": "what you said",
    "/log": "the audit trail",
    "/talk SLUG": "talk to somebody else",
    "/help": "this list; --help after a command explains it",
    "/quit": "leave (so does the end of input)",
}

OFFLINE_NOTE = (
    "The offline model answers: it understands nothing, and shows what reaches a model. For a real one set "
    "OPENAI_API_KEY (or OPENAI_BASE_URL for a compatible server) and OPENAI_MODEL."
)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat as it was asked for."""

    app: typer.Typer
    character: str | None
    name: str | None

    async def perform(self, session: Session) -> None:
        session = replace(
            session, name=self.name or session.name, character=self.character or session.character, is_chat=True
        )
        person = await session.speaker()
        await session.caught_up()
        await _greet(session, person)
        while (line := await session.screen.ask(f"{session.name}: ")) is not None:
            try:
                if not await self._heed(line.strip(), session, person):
                    return
            except TzurotError as error:  # told to the person, who goes on talking
                session.screen.fail(error.message)
        session.screen.end_line()

    async def _heed(self, line: str, session: Session, person: str) -> bool:
        """Do what a line asks for; False ends the chat."""
        if not line:
            return True
        if not line.startswith("/"):
            _show(await say(Saying(line), session), session.screen)
            return True
        match _words_of(line):
            case ["quit" | "exit" | "bye"]:
                return False
            case ["help"] | []:
                session.screen.note(pairs(SLASH_COMMANDS))
            case ["talk", slug]:
                found = await session.whom(slug, person)
                session.character = slug
                session.screen.note(words(f"You talk to {found.fields.get('name', slug)} now.", "dim"))
            case ["character"]:
                await self._command(["character", "view", session.character], session)
            case command:
                await self._command(command, session)
        return True

    async def _command(self, command: list[str], session: Session) -> None:
        try:
            request = parsed(self.app, command, program="tzurot")
        except WrongUsage as wrong:
            raise Invalid(str(wrong) or "Something is missing.") from None
        if isinstance(request, int) or request is None:  # its help was shown
            return
        if not (isinstance(request, LogRequest) or (isinstance(request, Request) and request.works_in_chat)):
            raise Invalid(f"{command[0]} does not work in a chat: run `tzurot {command[0]}`.")
        result = await perform(request, session)
        if result is not None:
            shown = Screen(as_json=True) if request.as_json else session.screen
            shown.show(result)


async def _greet(session: Session, person: str) -> None:
    character = await session.whom(None, person)
    name = character.fields.get("name", session.character)
    model = session.opened.model_name
    answers = OFFLINE_NOTE if model == "offline" else f"Answers come from {model}."
    session.screen.note(Group(words(f"You talk to {name}. /help lists commands.", "bold"), words(answers, "dim")))


def _show(said: Said, screen: Screen) -> None:
    if said.text is None:
        screen.fail(said.problem or "No reply.")
        return
    screen.note(words(f"{said.character_name}: ", "bold cyan").append_text(words(said.text)))


def _words_of(line: str) -> list[str]:
    try:
        return shlex.split(line.removeprefix("/"))
    except ValueError:
        raise Invalid("A quotation mark is not closed.") from None


def register(app: typer.Typer) -> None:
    @app.command("chat")
    def chat_command(*, character: Character = None, name: As = None) -> Request:
        """Talk to a character at a prompt. Lines beginning with / are commands: /help lists them."""
        return Request(Chat(app, character, name).perform, roles=ALL_ROLES, works_in_chat=False)
