"""What was said in one go and what became of it, as figures. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from adapters.benchmarks.spread import percentile

MS = 1_000
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everyone says one thing after the other, in rounds: `rate_per_s` of them a second, all at once without."""

    messages: int
    rate_per_s: float | None
    seed: int


@dataclass(slots=True)
class Turn:
    """One message and its answer, in seconds by the simulated Discord's clock.

    `asked_s` is when its request reached the model and `answered_s` when the model's answer had gone out, None for a
    bot that asks no model; `posted_s` is when each answer's request arrived.
    """

    said_s: float
    asked_s: float | None = None
    answered_s: float | None = None
    posted_s: list[float] = field(default_factory=list)

    @property
    def until_asked_ms(self) -> float:
        """Our own share of the way there: to the model's door, or all of it."""
        return ((self.asked_s or self.posted_s[0]) - self.said_s) * MS

    @property
    def after_answer_ms(self) -> float:
        """Our own share of the way back."""
        return (self.posted_s[0] - self.answered_s) * MS if self.answered_s else 0.0

    @property
    def overhead_ms(self) -> float:
        return self.until_asked_ms + self.after_answer_ms


@dataclass(frozen=True, slots=True)
class Talk:
    """Everything that was said in one go."""

    turns: Sequence[Turn]

    @property
    def answered(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.posted_s]

    @property
    def replies_per_s(self) -> float:
        """From the first thing said to the last answer."""
        answered = self.answered
        began_s = min(turn.said_s for turn in answered)
        return len(answered) / (max(turn.posted_s[0] for turn in answered) - began_s)

    def overhead_ms(self, share: float) -> float:
        return percentile([turn.overhead_ms for turn in self.answered], share)


@dataclass(frozen=True, slots=True)
class Standing:
    """What people saw in the end. Each message has one answer, below it, in the order of the messages."""

    said: int = 0
    unanswered: int = 0
    answered_again: int = 0
    channels: int = 0
    channels_out_of_order: int = 0


def standing_of(channels: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Standing:
    """Of the numbers of what was said in each channel, and of what was answered there, as they stand."""
    return Standing(
        said=sum(len(said) for said, _ in channels),
        unanswered=sum(len(set(said) - set(answers)) for said, answers in channels),
        answered_again=sum(len(answers) - len(set(answers)) for _, answers in channels),
        channels=len(channels),
        channels_out_of_order=sum(list(answers) != _in_order_of(said, answers) for said, answers in channels),
    )


def _in_order_of(said: Sequence[int], answers: Sequence[int]) -> list[int]:
    place = {number: at for at, number in enumerate(said)}
    return sorted(answers, key=lambda number: place.get(number, -1))


@dataclass(frozen=True, slots=True)
class Pulse:
    """A bot's heartbeats: how many came, how many were missed, and by how much the latest was late."""

    beats: int
    missed: int
    latest_ms: float


def pulse_of(beats_s: Sequence[float], *, until_s: float, every_s: float, dead_after_s: float) -> Pulse:
    """Of the times of connecting and of each heartbeat. One is missed when the server would have given up waiting."""
    gaps_s = [later - earlier for earlier, later in zip(beats_s, [*beats_s[1:], until_s], strict=True)]
    return Pulse(
        beats=len(beats_s) - 1,
        missed=sum(gap_s > dead_after_s for gap_s in gaps_s),
        latest_ms=max((gap_s - every_s for gap_s in gaps_s), default=0.0) * MS,
    )


def moments_s(plan: Plan) -> Iterator[float]:
    """When each thing is said, counted from the beginning: at random moments, as people speak, or all at once."""
    random = Random(plan.seed)  # noqa: S311 - moments, not keys
    at_s = 0.0
    for _ in range(plan.messages):
        yield at_s
        at_s += random.expovariate(plan.rate_per_s) if plan.rate_per_s else 0.0


def seats(plan: Plan, channels: int, speakers: int) -> Iterator[tuple[int, int]]:
    """Who says each thing, by channel and speaker: every channel once in a random order, then every channel again."""
    random = Random(plan.seed)  # noqa: S311 - an order, not keys
    left = plan.messages
    turn = 0
    while left > 0:
        for channel in random.sample(range(channels), channels)[:left]:
            yield channel, turn % speakers
        left -= channels
        turn += 1
