"""Who is in a made-up log: people with their personas, characters, presets, places. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from adapters.benchmarks.words import text_of
from engine.domain import Aggregate, Character, Claim, Persona, Preset
from engine.domain.ids import character_id, claim_id, persona_id, place_id, preset_id
from engine.domain.person import Person

PEOPLE_TO_A_PLACE = 3
PEOPLE_TO_A_PRESET = 10
NAMES = ("Lyra", "Moss", "Orin", "Vesna", "Tarn", "Quill", "Sable", "Juno", "Brask", "Ilex", "Fenn", "Wyle")
OWNER = "instance"

type Hash = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone, with the events that introduce them still pending; what belongs to one append stands together."""

    people: Sequence[str]
    characters: Sequence[str]
    places: Sequence[str]
    personas: Sequence[Persona]
    presets: Sequence[Preset]
    cards: Sequence[Character]
    introductions: Sequence[Sequence[Aggregate]]


def cast_of(random: Random, people: int, keyed_hash: Hash, at: datetime) -> Cast:
    ids = [keyed_hash("person", str(number)) for number in range(people)]
    names = {person: f"{random.choice(NAMES)} {number}" for number, person in enumerate(ids)}
    met = [
        Person.create(f"person.{person}", person=person, fields={"name": name}, at=at) for person, name in names.items()
    ]
    personas = [
        Persona.create(persona_id(person), person=person, fields={"name": name}, at=at)
        for person, name in names.items()
    ]
    presets = [_preset(random, owner, keyed_hash, at) for owner in ids[::PEOPLE_TO_A_PRESET]]
    tokens = [f"bench-{name.lower()}" for name in NAMES]
    cards = [_card(random, name, token, at) for name, token in zip(NAMES, tokens, strict=True)]
    slugs = [Claim.first(claim_id("slug", keyed_hash("slug", card.id)), by=card.id, at=at) for card in cards]
    preset_names = [
        Claim.first(claim_id("preset", keyed_hash("preset name", preset.id)), by=preset.id, at=at) for preset in presets
    ]
    return Cast(
        people=ids,
        characters=tokens,
        places=[place_id("terminal", f"bench-{number}") for number in range(max(1, people // PEOPLE_TO_A_PLACE))],
        personas=personas,
        presets=presets,
        cards=cards,
        introductions=[
            *zip(cards, slugs, strict=True),
            *zip(met, personas, strict=True),
            *zip(presets, preset_names, strict=True),
        ],
    )


def _preset(random: Random, owner: str, keyed_hash: Hash, at: datetime) -> Preset:
    return Preset.create(
        preset_id(owner, keyed_hash("preset id", owner)[:12]),
        person=owner,
        fields={"name": "My preset", "model": "bench/model", "temperature": round(random.uniform(0, 2), 3)},
        at=at,
    )


def _card(random: Random, name: str, token: str, at: datetime) -> Character:
    return Character.create(
        character_id(token),
        person=OWNER,
        fields={
            "name": name,
            "slug": f"bench-{name.lower()}",
            "description": text_of(random, 40, 80),
            "personality": text_of(random, 40, 80),
            "goals": text_of(random, 20, 40),
            "is_public": True,
        },
        at=at,
    )
