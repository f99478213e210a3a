"""What people do to the history of a conversation."""

from datetime import datetime

from engine.domain import History
from engine.domain.ids import history_id
from engine.errors import CannotUndo, NotFound
from engine.event_log import EventLog, Outcome


class Histories:
    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def clear(self, *, person: str, persona: str, character: str, at: datetime) -> Outcome[History]:
        """From now on the character sees nothing of what was said before. Nothing is deleted."""
        history = history_id(person, persona, character)
        return await self._log.change(
            History, history, lambda found: found.clear(at=at), create=lambda: History.first_clear(history, at=at)
        )

    async def undo_clear(self, *, person: str, persona: str, character: str, at: datetime) -> Outcome[History]:
        """The last clear in force no longer counts. Raises CannotUndo."""
        try:
            return await self._log.change(
                History, history_id(person, persona, character), lambda found: found.undo_clear(at=at)
            )
        except NotFound:
            raise CannotUndo("This history was never cleared: there is nothing to undo.") from None
