"""docs/reference/configuration.md, made from the code.

`python -m tests.settings_reference` writes it, a test compares it.
"""

import inspect
import sys
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from adapters.terminal.performing import TRACEBACK
from engine.log import factory
from engine.settings import Settings

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "configuration.md"

INTRODUCTION = """\
# Configuration

<!-- Written by `python -m tests.settings_reference` from the code. Change the descriptions there, not this page. -->

Everything is configured by environment variables. They are read once, when a process starts; one that is set to
nothing counts as not set. A wrong value is refused with the variable's name, never with its value.
`tzurot doctor` shows what came of them.
"""

SETTINGS_TELLING = """\
## Tzurot's own and the usual ones

Names that other programs use as well are used as they are (`NATS_URL`, `DATABASE_URL`, `OPENAI_…`). Those marked
*secret* are never printed, neither in logs nor in errors.
"""

LOG_TELLING = """\
## The log's store

Read by the log itself, [a persistence module](../explanation/the-log.md) that works for any application of the
event sourcing library.
"""

FAULTS_TELLING = f"""\
## When something goes wrong in Tzurot itself

With `{TRACEBACK}` set to anything, the command line raises such an error as it is, with where it happened, instead of
one line about it.
"""

LOG_VARIABLES = (factory.MAX_BYTES, factory.REPLICAS)
NO_DEFAULT = "not set"
COMPUTED_DEFAULTS = {"data_dir": "the user's data folder of this system, `tzurot` below it"}
TYPES = {Path: "path", str: "text", float: "number", int: "integer", SecretStr: "text, *secret*"}


def variable_of(setting: FieldInfo) -> str:
    assert isinstance(setting.validation_alias, str)
    return setting.validation_alias


def type_of(setting: FieldInfo) -> str:
    annotation: Any = setting.annotation
    if get_origin(annotation) is UnionType:
        (annotation,) = (part for part in get_args(annotation) if part is not NoneType)
    return TYPES[annotation]


def default_of(name: str, setting: FieldInfo) -> str:
    if setting.default is PydanticUndefined:
        return COMPUTED_DEFAULTS[name]
    if setting.default is None:
        return NO_DEFAULT
    return f"`{setting.default:g}`" if isinstance(setting.default, float) else f"`{setting.default}`"


def log_meanings() -> dict[str, str]:
    """What the log's module says of its variables, by name."""
    lines = [line.split(None, 1) for line in (inspect.getdoc(factory) or "").splitlines() if line]
    return {name: meaning.strip() for name, meaning in lines if name in LOG_VARIABLES}


def settings_reference() -> str:
    settings = [
        f"| `{variable_of(setting)}` | {type_of(setting)} | {default_of(name, setting)} | {setting.description} |"
        for name, setting in Settings.model_fields.items()
    ]
    log = []
    for name, told in log_meanings().items():
        meaning, _, default = told.partition("; default ")
        log.append(f"| `{name}` | integer | {default} | {meaning[0].upper()}{meaning[1:]}. |")
    heading = "| variable | type | default | meaning |\n| --- | --- | --- | --- |"
    own, store = "\n".join([heading, *settings]), "\n".join([heading, *log])
    return f"{INTRODUCTION}\n{SETTINGS_TELLING}\n{own}\n\n{LOG_TELLING}\n{store}\n\n{FAULTS_TELLING}"


if __name__ == "__main__":
    REFERENCE.write_text(settings_reference(), encoding="utf-8")
    sys.stdout.write(f"{REFERENCE}\n")
