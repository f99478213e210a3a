import pytest
import typer

from adapters.terminal.characters import app as character_app
from adapters.terminal.field_options import changes_from, limits_of
from adapters.terminal.presets import app as preset_app
from adapters.terminal.reference import commands, options
from engine.domain.character import CharacterFields
from engine.domain.preset import Preset, PresetFields
from engine.domain.settable import Fields
from engine.errors import Invalid


@pytest.mark.parametrize(
    ("app", "schema"), [(character_app, CharacterFields), (preset_app, PresetFields)], ids=["character", "preset"]
)
@pytest.mark.parametrize("name", ["create", "edit"])
def test_every_field_has_an_option(app: typer.Typer, schema: type[Fields], name: str) -> None:
    command = dict(commands(typer.main.get_command(app), "it"))[f"it {name}"]
    spelled = {spelling for option in options(command) for spelling in option.opts}
    for field in schema.model_fields:
        assert f"--{field.removeprefix('is_').replace('_', '-')}" in spelled


def test_limits_stand_in_the_help() -> None:
    assert limits_of(PresetFields.model_fields["temperature"]) == "from 0 to 2"
    assert limits_of(PresetFields.model_fields["max_tokens"]) == "above 0 to 1,000,000"
    assert limits_of(CharacterFields.model_fields["personality"]) == "at most 4,000 characters"
    assert limits_of(CharacterFields.model_fields["slug"]).endswith("a letter first, such as night-owl")
    assert "https://" in limits_of(CharacterFields.model_fields["avatar_url"])
    assert "xhigh" in limits_of(PresetFields.model_fields["reasoning_effort"])


def test_what_was_not_given_does_not_change() -> None:
    assert changes_from(PresetFields, {"model": None, "stop": [], "temperature": "0.5"}, [], []) == {
        "temperature": "0.5"
    }


def test_a_field_is_set_by_name_and_cleared_by_name() -> None:
    assert changes_from(PresetFields, {}, ["model=a=b"], ["temperature"]) == {"model": "a=b", "temperature": None}


def test_what_is_typed_as_text_is_stored_by_its_type() -> None:
    changes = changes_from(PresetFields, {"stop": ["a"]}, ["temperature=0.3", "max_tokens=12"], [])
    assert Preset.checked(changes) == {"stop": ["a"], "temperature": 0.3, "max_tokens": 12}


@pytest.mark.parametrize(("assignments", "cleared"), [(["shoe=1"], []), ([], ["shoe"]), (["model"], [])])
def test_an_unknown_field_or_one_without_value_is_refused(assignments: list[str], cleared: list[str]) -> None:
    with pytest.raises(Invalid):
        changes_from(PresetFields, {}, assignments, cleared)
