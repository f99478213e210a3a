"""From an interaction to the command it means, and from the command's answer back to Discord.

    interaction ─► arrived ─► command or reaction ─► acknowledge ─► do ─► draw ─► change what was acknowledged

Discord wants a first response within three seconds. So everything but forms and suggestions is acknowledged at once
and filled in when it is ready; a form cannot be, so whatever makes one has to be quick, or says that it was not.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.discord.commands.answering import (
    CHOICES,
    DEFERRED_MESSAGE,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    Answering,
)
from adapters.discord.commands.answers import Answer, Document, Form, Shown, Tone, said
from adapters.discord.commands.arrived import Arrived, Interaction, arrived
from adapters.discord.commands.custom_ids import CustomId, custom_id
from adapters.discord.commands.declaring import Asked, Command, Do, Group, Reaction, Upload, check
from adapters.discord.commands.drawing import EPHEMERAL, form, message, suggestions
from adapters.discord.commands.servers import Servers
from adapters.discord.commands.sessions import Sessions
from adapters.discord.failures import in_short
from adapters.discord.publishing import Publishing
from adapters.discord.rest.refusals import NOT_FOUND, Denied, Unanswered
from engine.application import Engine
from engine.domain.avatar import Picture
from engine.domain.ids import place_id
from engine.errors import Invalid, Refused, TzurotError

logger = logging.getLogger(__name__)

PLATFORM = "discord"
QUICK_S = 2.2
"""What has to be there in Discord's three seconds has so long, the way there and back included."""

MOST_REMEMBERED = 10_000
"""Interactions, by their ids: Discord may tell of one again for as long as a connection can be resumed."""

TOO_SLOW = "That took too long: try again."
BROKEN = "Something went wrong on our side. Nothing was lost; try again, and tell whoever runs this bot if it stays so."
UNKNOWN = "I do not know that command any more. Discord may show an old list: restart it, then look again."


class Dispatch:
    """Knows every command of the given groups."""

    def __init__(
        self,
        engine: Engine,
        groups: Sequence[Group],
        *,
        answering: Answering,
        sessions: Sessions,
        fetch: Callable[[Upload, int], Awaitable[bytes]],
        fit: Callable[[bytes], Awaitable[Picture]],
        publishing: Publishing,
        servers: Servers,
        show_typing: Callable[[str, Sequence[str]], None],
        operators: Collection[int],
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._commands = {command.path: command for group in groups for command in group.commands}
        self._reactions = {
            (reaction.group, reaction.action): reaction for group in groups for reaction in group.reactions
        }
        self._answering = answering
        self._sessions = sessions
        self._fetch = fetch
        self._fit = fit
        self._publishing = publishing
        self._servers = servers
        self._show_typing = show_typing
        self._operators = frozenset(operators)
        self._clock = clock
        self._taken: dict[int, None] = {}

    async def take(self, payload: Mapping[str, Any]) -> None:
        """Answer an interaction as Discord sent it. What goes wrong is told to whoever asked, and never raised."""
        try:
            it = arrived(payload)
            if not self._was_taken(it.id):
                await self.answer(it)
        except Denied as denied:
            if denied.status == NOT_FOUND:
                logger.warning("An interaction was answered too late: Discord no longer takes an answer to it.")
            else:
                logger.warning("Discord refused the answer to an interaction: %s", denied)
        except Unanswered as unanswered:
            logger.warning("An interaction was not answered: %s", unanswered)
        except Refused as refused:
            logger.warning("An interaction could not be read: %s", refused.message)
        except Exception as error:  # noqa: BLE001 -- this one interaction is lost; Discord tells the person so
            logger.error("An interaction could not be answered: %s", in_short(error))  # noqa: TRY400 -- no words of it

    def _was_taken(self, interaction: int) -> bool:
        """Whether it came before. Once is enough: what it did is not done again."""
        if interaction in self._taken:
            return True
        self._taken[interaction] = None
        if len(self._taken) > MOST_REMEMBERED:
            del self._taken[next(iter(self._taken))]
        return False

    async def answer(self, it: Arrived) -> None:
        match it.kind:
            case Interaction.COMMAND:
                await self._run_command(it)
            case Interaction.TYPING:
                await self._suggest(it)
            case Interaction.COMPONENT | Interaction.FORM:
                await self._run_reaction(it)

    async def _run_command(self, it: Arrived) -> None:
        command = self._commands.get(it.path)
        asked = self._asked(it)
        refusal = _refusal(command, asked)
        if command is None or refusal is not None:
            await self._refuse(it, refusal or UNKNOWN)
        elif command.seen == "as a form":
            await self._show_form(it, command.do, asked)
        else:
            is_private = command.seen == "privately"
            await self._answering.respond(it, DEFERRED_MESSAGE, {"flags": EPHEMERAL} if is_private else {})
            await self._fill_in(it, await _outcome(command.do, asked, it))

    async def _run_reaction(self, it: Arrived) -> None:
        try:
            about = custom_id(it.custom_id)
        except Invalid as stale:
            await self._refuse(it, stale.message)
            return
        reaction = self._reactions.get((about.group, about.action))
        asked = self._asked(it, about)
        refusal = _refusal(reaction, asked)
        if reaction is None or refusal is not None:
            await self._refuse(it, refusal or UNKNOWN)
        elif reaction.after == "as a form" and it.kind is Interaction.COMPONENT:
            await self._show_form(it, reaction.do, asked)
        else:
            await self._react(it, reaction, asked)

    async def _react(self, it: Arrived, reaction: Reaction, asked: Asked) -> None:
        updates = reaction.after == "updates" and it.is_on_message
        if updates:
            await self._answering.respond(it, DEFERRED_UPDATE)
        else:
            await self._answering.respond(it, DEFERRED_MESSAGE, {"flags": EPHEMERAL})
        outcome = await _outcome(reaction.do, asked, it)
        if updates and isinstance(outcome, TzurotError):
            await self._answering.follow(it, _private(outcome), ())
        else:
            await self._fill_in(it, outcome)

    async def _show_form(self, it: Arrived, do: Do, asked: Asked) -> None:
        try:
            async with asyncio.timeout(QUICK_S):
                outcome = await _outcome(do, asked, it)
        except TimeoutError:  # nothing was changed: forms only read
            outcome = TzurotError(TOO_SLOW)
        try:
            kind, data = (MODAL, form(outcome)) if isinstance(outcome, Form) else (MESSAGE, _private(outcome))
        except Invalid as refused:
            kind, data = MESSAGE, _private(refused)
        await self._answering.respond(it, kind, data)

    async def _suggest(self, it: Arrived) -> None:
        """Suggest values for the option that is being typed; none when that fails, so that typing goes on."""
        command = self._commands.get(it.path)
        option = next((one for one in command.options if one.name == it.focused), None) if command else None
        choices: Sequence[Any] = ()
        if command is not None and option is not None and option.complete is not None:
            try:
                async with asyncio.timeout(QUICK_S):
                    choices = await option.complete(self._asked(it), str(it.options.get(option.name, "")))
            except Exception as error:  # noqa: BLE001 -- whatever it is, the person goes on typing
                logger.warning("No suggestions for /%s: %s", it.path, in_short(error))
        await self._answering.respond(it, CHOICES, suggestions(choices))

    async def _fill_in(self, it: Arrived, outcome: Answer | TzurotError) -> None:
        body, documents = _drawn(outcome)
        await self._answering.change(it, body, documents)

    async def _refuse(self, it: Arrived, reason: str) -> None:
        await self._answering.respond(it, MESSAGE, _private(TzurotError(reason)))

    def _asked(self, it: Arrived, about: CustomId | None = None) -> Asked:
        return Asked(
            engine=self._engine,
            sessions=self._sessions,
            fetch=self._fetch,
            fit=self._fit,
            publishing=self._publishing,
            servers=self._servers,
            show_typing=self._show_typing,
            at=self._clock(),
            interaction=it.id,
            person=self._engine.person(PLATFORM, str(it.account)),
            account=it.account,
            name=it.name,
            channel=it.channel,
            place=place_id(PLATFORM, str(it.channel)),
            parent=place_id(PLATFORM, str(it.parent)) if it.parent is not None else None,
            server=it.server,
            permissions=it.permissions,
            is_operator=it.account in self._operators,
            options=it.options,
            uploads=it.uploads,
            key=about.key if about else "",
            extra=about.extra if about else "",
            values=it.values,
            inputs=it.inputs,
        )


def _refusal(what: Command | Reaction | None, asked: Asked) -> str | None:
    """Why this may not be done; None if it may."""
    if what is None:
        return UNKNOWN
    try:
        check(what, asked)
    except Refused as refused:
        return refused.message
    return None


async def _outcome(do: Do, asked: Asked, it: Arrived) -> Answer | TzurotError:
    """What a command answers, or why it cannot."""
    try:
        return await do(asked)
    except TzurotError as error:
        return error
    except Exception as error:  # noqa: BLE001 -- told to the person in plain words; the rest of the bot is not touched
        logger.error("/%s failed: %s", it.path or it.custom_id.partition("::")[0], in_short(error))  # noqa: TRY400
        return TzurotError(BROKEN)


def _shown(outcome: Answer | TzurotError) -> Shown:
    match outcome:
        case Shown():
            return outcome
        case TzurotError():
            return said(outcome.message, tone=Tone.CAREFUL)
        case Form():
            return said("A form cannot be shown here: use the command again.", tone=Tone.CAREFUL)


def _drawn(outcome: Answer | TzurotError) -> tuple[dict[str, Any], Sequence[Document]]:
    """The message and its documents; of an answer that Discord would not take, why."""
    shown = _shown(outcome)
    try:
        return message(shown), shown.documents
    except Invalid as refused:
        return message(_shown(refused)), ()


def _private(outcome: Answer | TzurotError) -> dict[str, Any]:
    return {**_drawn(outcome)[0], "flags": EPHEMERAL}
