"""A postman whose platform lies in memory: what stands there, and everything that can go wrong on the way."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from engine.errors import PostUncertain
from engine.ports import Posting

type Fault = Exception | Callable[[Posting], Awaitable[None]]


@dataclass
class Postbox:
    """Implements the port Postman, and keeps what was posted in the order of posting.

    Every post has an id of its own, also the second of the same chunk: nothing is recognised here by itself. Faults
    are taken one for each posting: those of `before` happen instead of it, those of `after` once it stands.
    """

    platform: str = "terminal"
    tells_failures: bool = False
    posted: list[Posting] = field(default_factory=list)
    standing: dict[str, Posting] = field(default_factory=dict)
    taken_back: list[str] = field(default_factory=list)
    looked: list[Posting] = field(default_factory=list)
    kept: deque[Exception] = field(default_factory=deque)
    """Raised one for each post that is to be taken back, which then stays."""
    before: deque[Fault] = field(default_factory=deque)
    after: deque[Fault] = field(default_factory=deque)
    chunk_chars: int = 2_000
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def split(self, text: str) -> tuple[str, ...]:
        return tuple(text[start : start + self.chunk_chars] for start in range(0, len(text), self.chunk_chars))

    async def find(self, posting: Posting) -> tuple[str, ...]:
        self.looked.append(posting)
        return tuple(
            post
            for post, there in self.standing.items()
            if (there.place, there.character, there.text) == (posting.place, posting.character, posting.text)
        )

    async def post(self, posting: Posting) -> str:
        await _meet(self.before, posting)
        post = f"post-{next(self._numbers)}"
        self.posted.append(posting)
        self.standing[post] = posting
        await _meet(self.after, posting)
        return post

    async def withdraw(self, place: str, post: str) -> None:
        if self.kept:
            raise self.kept.popleft()
        self.taken_back.append(post)
        self.standing.pop(post, None)

    def texts(self, place: str) -> list[str]:
        return [posting.text for posting in self.posted if posting.place == place]

    def stands(self, place: str) -> list[str]:
        """The texts that people read in a place now."""
        return [posting.text for posting in self.standing.values() if posting.place == place]


def cut_off() -> PostUncertain:
    """The connection broke: whether the platform took the post is not known."""
    return PostUncertain("The connection to the platform was cut.")


async def _meet(faults: deque[Fault], posting: Posting) -> None:
    if not faults:
        return
    fault = faults.popleft()
    if isinstance(fault, Exception):
        raise fault
    await fault(posting)
