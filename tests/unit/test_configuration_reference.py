"""What the reference says of the configuration is what the code reads."""

import re
from pathlib import Path

import pytest

from engine.settings import Settings
from tests.settings_reference import LOG_VARIABLES, REFERENCE, log_meanings, settings_reference, variable_of

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"TZUROT_[A-Z_]+[A-Z]")
SOURCES = [*(path for part in ("engine", "adapters", "projections") for path in (ROOT / part).rglob("*.py"))]


def test_the_configuration_reference_is_what_the_code_says() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == settings_reference(), "write it: python -m tests.settings_reference"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_told_with_its_name_default_and_meaning(name: str) -> None:
    setting = Settings.model_fields[name]
    variable = variable_of(setting)
    (row,) = (line for line in REFERENCE.read_text("utf-8").splitlines() if line.startswith(f"| `{variable}` |"))
    default = [part.strip() for part in row.split("|")][3]

    assert setting.description
    assert setting.description in row
    assert default, "a default, or that there is none"


def test_every_variable_of_the_log_is_told() -> None:
    assert tuple(log_meanings()) == LOG_VARIABLES


def test_no_variable_is_read_or_named_in_the_code_that_the_reference_does_not_tell() -> None:
    named = {found for path in SOURCES for found in VARIABLE.findall(path.read_text("utf-8"))}

    assert named
    assert named <= set(VARIABLE.findall(REFERENCE.read_text("utf-8")))
