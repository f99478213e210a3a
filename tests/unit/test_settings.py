"""Settings that need one another are refused without it, by their names and never by their values."""

import pytest

from engine.errors import Misconfigured
from engine.settings import Settings


@pytest.fixture(autouse=True)
def nothing_else_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_VISION_MODEL", "OPENAI_TRANSCRIPTION_MODEL"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("variable", ["OPENAI_VISION_MODEL", "OPENAI_TRANSCRIPTION_MODEL"])
def test_a_model_that_sees_or_hears_is_somewhere(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "some-model")
    with pytest.raises(Misconfigured, match=f"{variable}.* OPENAI_BASE_URL") as caught:
        Settings.from_environment()
    assert "some-model" not in caught.value.message

    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert "some-model" in (
        Settings.from_environment().openai_vision_model,
        Settings.from_environment().openai_transcription_model,
    )


def test_nobody_sees_or_hears_unless_it_is_said() -> None:
    settings = Settings.from_environment()
    assert (settings.openai_vision_model, settings.openai_transcription_model) == (None, None)
