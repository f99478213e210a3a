"""Which settings hold: the nearest layer that says anything, field by field, and what of them reaches the model."""

import itertools

import pytest

from engine.domain.event import JSON
from engine.domain.preset import MODEL_PARAMETERS, PresetFields
from engine.prompt.composing import compose_request
from engine.prompt.effective import BUILT_IN, NOT_SETTINGS, Setting, effective, model_parameters, presets_in_order
from engine.reading import Context, FieldsAt
from tests.prompts import CountsWords, a_context, asked

LAYERS = ("choice", "person", "character")

STORED: dict[str, JSON] = {
    "temperature": 0.0,
    "top_p": 0.25,
    "frequency_penalty": -1.5,
    "presence_penalty": 0.5,
    "max_tokens": 77,
    "seed": 0,
    "stop": ["\n\n", "END"],
    "reasoning_effort": "none",
}


def layered(**by_layer: dict[str, JSON] | None) -> Context:
    """A context in which each layer's preset has these fields; a layer left out names none."""
    named = {layer: {"preset": f"preset.p.{layer}"} if layer in by_layer else {} for layer in LAYERS}
    return a_context(
        choice=named["choice"],
        person=named["person"],
        character={"name": "Lyra", **named["character"]},
        presets=[
            FieldsAt(f"preset.p.{layer}", 1, {"name": layer, **(fields or {})}, "p", is_deleted=fields is None)
            for layer, fields in by_layer.items()
        ],
    )


@pytest.mark.parametrize("nearest", range(5))
def test_the_nearest_layer_that_says_anything_wins_and_is_named(nearest: int) -> None:
    """Each layer with all farther ones behind it."""
    values: dict[str, JSON] = {"choice": 0.1, "person": 0.2, "character": 0.3, "instance": 0.4, "built-in": 0.7}
    said = dict(itertools.islice(values.items(), nearest, None))
    context = layered(**{layer: {"temperature": said[layer]} for layer in LAYERS if layer in said})
    instance = {"temperature": said["instance"]} if "instance" in said else {}
    layer, value = next(iter(said.items()))
    assert effective(context, instance)["temperature"] == Setting(value, layer)  # type: ignore[arg-type]


def test_each_field_has_a_layer_of_its_own() -> None:
    context = layered(choice={"seed": 1}, person={"seed": 2, "top_p": 0.2}, character={"top_p": 0.3, "model": "m"})
    settings = effective(context, {"model": "operators", "temperature": 0.9})
    assert settings["seed"] == Setting(1, "choice")
    assert settings["top_p"] == Setting(0.2, "person")
    assert settings["model"] == Setting("m", "character")
    assert settings["temperature"] == Setting(0.9, "instance")
    assert settings["max_tokens"] == Setting(BUILT_IN["max_tokens"], "built-in")


def test_a_field_that_no_layer_sets_is_absent() -> None:
    settings = effective(layered(choice={"temperature": 0.1}), {})
    assert settings.keys() == BUILT_IN.keys()
    assert "seed" not in model_parameters(settings)


def test_null_is_not_a_value() -> None:
    context = layered(choice={"temperature": None}, character={"temperature": 0.3})
    assert effective(context, {})["temperature"] == Setting(0.3, "character")


@pytest.mark.parametrize(("name", "nothing"), [("temperature", 0.0), ("seed", 0), ("memory_limit", 0)])
def test_zero_is_a_value(name: str, nothing: JSON) -> None:
    assert effective(layered(choice={name: nothing}, person={name: 1}), {})[name] == Setting(nothing, "choice")


def test_a_deleted_preset_is_passed_over() -> None:
    context = layered(choice=None, person={"temperature": 0.2})
    assert [layer for layer, _ in presets_in_order(context)] == ["person"]
    assert effective(context, {})["temperature"] == Setting(0.2, "person")


def test_a_preset_that_is_not_there_is_passed_over() -> None:
    context = a_context(choice={"preset": "preset.p.never"}, character={"name": "Lyra"})
    assert presets_in_order(context) == []
    assert effective(context, {})["temperature"].source == "built-in"


def test_a_name_is_no_setting() -> None:
    settings = effective(layered(choice={"description": "calm"}), {})
    assert not NOT_SETTINGS & settings.keys()


@pytest.mark.parametrize("name", MODEL_PARAMETERS)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_stored_parameter_reaches_the_models_request(name: str, layer: str) -> None:
    value = STORED[name]
    assert PresetFields.model_validate({name: value}), "the test's value is one that can be stored"
    context = layered(**{layer: {name: value}})
    assert model_parameters(effective(context, {}))[name] == value
    request = compose_request(context, asked(), instance={}, tokens=CountsWords()).request
    assert request.parameters[name] == value


def test_what_is_no_parameter_of_a_model_is_not_sent_to_it() -> None:
    every = dict.fromkeys(PresetFields.model_fields.keys() - {"model"}, 1_000)
    sent = model_parameters(effective(layered(choice={**every, "model": "m"}), {}))
    assert sent.keys() == set(MODEL_PARAMETERS)


def test_the_model_is_the_nearest_layers() -> None:
    composed = compose_request(
        layered(character={"model": "theirs"}), asked(), instance={"model": "operators"}, tokens=CountsWords()
    )
    assert composed.request.model == composed.because.model == "theirs"


def test_where_layers_leave_the_prompt_no_room_the_answer_gives_way_and_the_windows_layer_is_named() -> None:
    context = layered(choice={"max_tokens": 8_000}, character={"context_tokens": 4_000})
    settings = effective(context, {})
    assert settings["context_tokens"] == Setting(4_000, "character")
    assert settings["max_tokens"] == Setting(3_000, "character")
    request = compose_request(context, asked(), instance={}, tokens=CountsWords())
    assert request.request.parameters["max_tokens"] == 3_000


def test_an_answer_that_leaves_the_prompt_room_is_as_long_as_its_layer_says() -> None:
    context = layered(choice={"max_tokens": 3_000}, character={"context_tokens": 4_000})
    assert effective(context, {})["max_tokens"] == Setting(3_000, "choice")
