"""The characters that come with Tzurot, as data: one JSON file each, the default one first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from engine.domain.event import JSON

FILES = ("thessaly.json", "bramble.json")


@dataclass(frozen=True, slots=True)
class BundledCharacter:
    """A character's card; `token` fixes its id, so that it is the same one in every instance."""

    token: str
    fields: Mapping[str, JSON]

    @property
    def slug(self) -> str:
        return str(self.fields["slug"])


@cache
def bundled_characters() -> tuple[BundledCharacter, ...]:
    """All of them; who talks without saying to whom talks to the first."""
    folder = resources.files(__name__)
    loaded = [json.loads((folder / name).read_text(encoding="utf-8")) for name in FILES]
    return tuple(BundledCharacter(token=card["token"], fields=card["fields"]) for card in loaded)
