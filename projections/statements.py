"""Named statements out of the `.sql` file that stands beside a module.

    -- name: recall
    -- The memories of one scope that match a question, best first.
    select ...

A statement's first comment says what it answers. Placeholders are psycopg's: `%s` and `%(name)s`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def statements(module_file: str) -> Mapping[str, bytes]:
    """The statements of the `.sql` beside this module, by name."""
    path = Path(module_file).with_suffix(".sql")
    _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
    named = {name: text.strip().encode() for name, text in zip(parts[::2], parts[1::2], strict=True)}
    assert len(named) == len(parts) // 2, f"two statements of one name in {path.name}"
    return MappingProxyType(named)
