"""Every error the engine raises, split by whose fault it is.

    TzurotError
    ├── Refused                 the request cannot be granted: tell the person why
    │   ├── Invalid             a value is out of range or badly formed
    │   ├── NotFound            what was named does not exist
    │   ├── AlreadyExists       what should be new is there
    │   ├── Forbidden           the asker may not do this
    │   ├── NotRecorded         whose words these are asked not to be recorded
    │   └── CannotUndo          this event is one of those that are never undone
    ├── Misconfigured           the operator has to change something
    │   ├── WrongStreamSettings the stream would lose or refuse events as it stands
    │   ├── WrongKeyRing        the key ring does not belong to this log
    │   └── ServersUnavailable  an embedded or configured server does not start or answer
    ├── LogError                the log could not take or give an event
    │   ├── LogUnavailable      no server answered in time
    │   ├── LogFull             the store has reached its limit
    │   ├── EventTooLarge       the event exceeds the server's payload limit
    │   ├── LogWentBackwards    a position lies beyond the log's end: the log lost data
    │   └── ShapeUnknown        an event on the log has a type or version this code does not know
    ├── ProjectionsBehind       the projections did not reach a position in time
    ├── NotFetched              a file could not be had from where it lies
    ├── ModelError              the model did not answer (see engine/ports.py for its reasons)
    └── PostError               the platform did not take a post
        ├── PostRefused         and never will (see engine/ports.py for its reasons)
        └── PostUncertain       or may have taken it: look before posting again

The class docstring is the default message. Messages say what to do next and never hold a key, a token or what
someone said.
"""


class TzurotError(Exception):
    """Something went wrong in Tzurot."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        return str(self.args[0])


class Refused(TzurotError):
    """The request cannot be granted."""


class Invalid(Refused):
    """A value is out of range or badly formed."""


class NotFound(Refused):
    """There is nothing of that name."""


class AlreadyExists(Refused):
    """That exists already: choose another name."""


class Forbidden(Refused):
    """You may not do this."""


class NotRecorded(Refused):
    """This person asked not to be recorded: nothing of it was kept."""


class CannotUndo(Refused):
    """This cannot be undone."""


class Misconfigured(TzurotError):
    """The configuration has to be changed before Tzurot can start."""


class WrongStreamSettings(Misconfigured):
    """The stream's settings would lose or refuse events: correct them, then start again."""


class WrongKeyRing(Misconfigured):
    """The key ring does not belong to this log: point TZUROT_KEY_RING at the one that does."""


class ServersUnavailable(Misconfigured):
    """A server that Tzurot needs does not start or answer: run `tzurot doctor`."""


class LogError(TzurotError):
    """The log could not take or give an event."""


class LogUnavailable(LogError):
    """The log did not answer in time: nothing was recorded, try again."""


class LogFull(LogError):
    """The log's store is full: raise its limit (TZUROT_LOG_MAX_BYTES) or free disk space."""


class EventTooLarge(LogError):
    """The event is larger than the log's server accepts: shorten it."""


class LogWentBackwards(LogError):
    """A position lies beyond the end of the log: the log has lost events. Restore it before starting."""


class ShapeUnknown(LogError):
    """An event on the log is of a type or version this release does not know: upgrade Tzurot."""


class NotFetched(TzurotError):
    """The file could not be had from where it lies: try again.

    `is_permanent` says that it never will be.
    """

    def __init__(self, message: str | None = None, *, is_permanent: bool = False) -> None:
        super().__init__(message or "The file could not be had from where it lies: try again.")
        self.is_permanent = is_permanent


class ModelError(TzurotError):
    """The model did not answer."""


class PostError(TzurotError):
    """The platform did not take a post."""


class PostUncertain(PostError):
    """The platform may or may not have taken the post: look whether it stands there, then try again.

    `retry_after_s` is the platform's own wish, None when it stated none.
    """

    def __init__(self, message: str | None = None, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ProjectionsBehind(TzurotError):
    """The projections are still catching up with the log: try again in a moment."""
