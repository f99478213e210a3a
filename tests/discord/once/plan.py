"""What is said in a run and what goes wrong meanwhile, as it follows from a seed and the run's name. Pure."""

from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

type Where = Literal["channel", "thread", "forum post", "DM", "no webhook", "PluralKit"]
type Answer = Literal["short", "long", "alike", "code"]
type Gateway = Literal[
    "quiet", "twice", "again later", "late", "resume", "replay", "cut before", "cut after", "closed", "re-identify"
]
type Rest = Literal[
    "well",
    "500",
    "502",
    "503",
    "504",
    "429",
    "cut before",
    "cut after it stood",
    "slow answer",
    "webhook deleted",
    "anything 503",
]
type ModelTrouble = Literal["well", "slow", "500", "429", "cut", "refuses"]
type Deletes = Literal["usual", "early", "reordered", "late"]
type Moment = Literal[
    "told",
    "heard",
    "started",
    "model asked",
    "model answered",
    "composed",
    "post arrives, lost",
    "post arrives, taken",
    "post stands",
    "post answered",
    "posted",
    "delivered",
    "any time",
]

CHARACTERS = ("Bramble Quill", "Thessaly", "Corin Vale")
TOKENS = {"Bramble Quill": "bramble", "Thessaly": "thessaly", "Corin Vale": "corin"}
MOMENTS: tuple[Moment, ...] = get_args(Moment.__value__)
AT_ONCE, SOON_S, LATER_S = 0.0, 0.03, 0.6
MOST_IN_A_WAVE = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """One message: whom it asks, in which order; the first one by being active in the place, or by name as all."""

    characters: tuple[str, ...]
    is_activation: bool = False


@dataclass(frozen=True, slots=True)
class RestFault:
    """It strikes the requests with these numbers among those of the place that post something."""

    kind: Rest
    strikes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `asks` are by different people in one place, one right after the other."""

    name: str
    where: Where
    asks: tuple[Ask, ...]
    answer: Answer = "short"
    gateway: tuple[Gateway, ...] = ("quiet",)
    rest: tuple[RestFault, ...] = ()
    model: ModelTrouble = "well"
    deletes: Deletes = "usual"
    is_pluralkit_down: bool = False
    delay_s: float = 0.2
    """How late is late."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it is counted under."""
        how_many = "several characters" if max(len(ask.characters) for ask in self.asks) > 1 else "one character"
        return (
            f"where: {self.where}",
            f"asked: {how_many}",
            f"answer: {self.answer}",
            *(f"gateway: {kind}" for kind in dict.fromkeys(self.gateway)),
            *(f"rest: {kind}" for kind in dict.fromkeys(fault.kind for fault in self.rest)),
            f"model: {self.model}",
        )


@dataclass(frozen=True, slots=True)
class Kill:
    """When the engine is killed: so long after the moment of one of the runs comes for the n-th time."""

    moment: Moment
    of: int
    nth: int
    delay_s: float


@dataclass(frozen=True, slots=True)
class Wave:
    """Runs that are under way at the same time when the engine is killed, and its kills one after the other."""

    name: str
    plans: tuple[Plan, ...]
    kills: tuple[Kill, ...]


def run_plan(seed: int, number: int) -> Plan:
    """A run of an engine that lives on."""
    choose = Random(f"{seed}:r{number}")
    where = choose.choices(get_args(Where.__value__), (36, 15, 13, 15, 13, 8))[0]
    direct, pluralkit = where == "DM", where == "PluralKit"
    answer = choose.choices(get_args(Answer.__value__), (50, 20, 18, 12))[0]
    return Plan(
        name=f"r{number}",
        where=where,
        asks=_asks(choose, direct=direct, many=answer == "short", may_be_two=not direct and not pluralkit),
        answer=answer,
        gateway=_gateway(choose, pluralkit=pluralkit),
        rest=_rest(choose),
        model=choose.choices(get_args(ModelTrouble.__value__), (60, 15, 7, 6, 6, 6))[0],
        deletes=choose.choice(get_args(Deletes.__value__)),
        is_pluralkit_down=choose.random() < 0.3,
        delay_s=choose.uniform(0.05, 1.0),
    )


def wave_plan(seed: int, number: int) -> Wave:
    """Runs of an engine that is killed."""
    choose = Random(f"{seed}:k{number}")
    plans = tuple(_struck_plan(choose, f"k{number}.{index}") for index in range(choose.randint(1, MOST_IN_A_WAVE)))
    kills = tuple(
        Kill(
            moment=choose.choice(MOMENTS),
            of=0,
            nth=choose.choice((0, 0, 1)) if plans[0].answer != "short" else 0,
            delay_s=choose.choice((AT_ONCE, choose.uniform(0, SOON_S), choose.uniform(0, LATER_S))),
        )
        for _ in range(choose.choice((1, 1, 2)))
    )
    return Wave(f"k{number}", plans, kills)


def _struck_plan(choose: Random, name: str) -> Plan:
    where = choose.choices(get_args(Where.__value__), (34, 14, 12, 14, 16, 10))[0]
    answer = choose.choices(get_args(Answer.__value__), (40, 24, 24, 12))[0]
    return Plan(
        name=name,
        where=where,
        asks=_asks(choose, direct=where == "DM", many=answer == "short", may_be_two=where not in ("DM", "PluralKit")),
        answer=answer,
        gateway=("twice",) if choose.random() < 0.2 else ("quiet",),
        rest=_rest(choose) if choose.random() < 0.4 else (),
        model=choose.choice(("well", "well", "slow")),
        is_pluralkit_down=False,
        delay_s=choose.uniform(0.05, 1.0),
    )


def _asks(choose: Random, *, direct: bool, many: bool, may_be_two: bool) -> tuple[Ask, ...]:
    most = 1 if not many and choose.random() < 0.6 else 2 if direct else 3
    asks = [_ask(choose, most=most, direct=direct)]
    if may_be_two and choose.random() < 0.25:
        asks.append(Ask((choose.choice(CHARACTERS),)))
    if asks[0].is_activation and len(asks) > 1:  # who is active there answers everybody, and first
        active = asks[0].characters[0]
        asks[1] = Ask(tuple(dict.fromkeys((active, *asks[1].characters))), is_activation=True)
    return tuple(asks)


def _ask(choose: Random, *, most: int, direct: bool) -> Ask:
    characters = tuple(choose.sample(CHARACTERS, choose.choice((1, 1, *range(1, most + 1)))))
    return Ask(characters, is_activation=not direct and choose.random() < 0.2)


def _gateway(choose: Random, *, pluralkit: bool) -> tuple[Gateway, ...]:
    if pluralkit:
        return (choose.choice(("quiet", "twice", "again later", "resume", "cut after")),)
    kinds: tuple[Gateway, ...] = get_args(Gateway.__value__)
    return tuple(choose.sample(kinds, choose.choice((1, 1, 1, 2))))


def _rest(choose: Random) -> tuple[RestFault, ...]:
    kinds: tuple[Rest, ...] = get_args(Rest.__value__)
    weights = (22, 6, 8, 9, 6, 8, 9, 20, 5, 9, 6)
    return tuple(
        RestFault(kind, frozenset(choose.randrange(4) for _ in range(choose.choice((1, 1, 2)))))
        for kind in dict.fromkeys(choose.choices(kinds, weights, k=choose.choice((1, 1, 2))))
    )
