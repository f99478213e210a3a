"""The configuration of a process, read once from the environment and given to the composition root.

Standard names are used where there are any (NATS_URL, DATABASE_URL, OPENAI_API_KEY, ...); ours begin with TZUROT_.
Every setting is listed in docs/reference/configuration.md.
"""

from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.domain.event import JSON
from engine.errors import Misconfigured

OPENAI_BASE_URL = "https://api.openai.com/v1"


class Settings(BaseSettings):
    """Everything that can be configured."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("tzurot"),
        validation_alias="TZUROT_DATA_DIR",
        description="Where the embedded servers keep their data, and the key ring unless it is told otherwise.",
    )
    key_ring: Path | None = Field(
        default=None,
        validation_alias="TZUROT_KEY_RING",
        description="The file of the key ring; by default in a folder of its own in the data directory.",
    )
    log_name: str = Field(
        default="Tzurot", validation_alias="TZUROT_LOG_NAME", description="The name of the log's stream."
    )
    nats_url: SecretStr | None = Field(
        default=None,
        validation_alias="NATS_URL",
        description="The nats-server of the log; without it an embedded one is started.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="The Postgres of the projections (with pgvector); without it an embedded one is started.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="The key for the model. Without it and without OPENAI_BASE_URL the offline model answers.",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias="OPENAI_BASE_URL",
        description="Any OpenAI-compatible server, with its /v1 (OpenRouter, Ollama, vLLM, llama.cpp, ...).",
    )
    openai_model: str | None = Field(
        default=None,
        validation_alias="OPENAI_MODEL",
        description="The model to ask for where no preset names one.",
    )
    openai_vision_model: str | None = Field(
        default=None,
        validation_alias="OPENAI_VISION_MODEL",
        description="The model that describes images in messages; without it characters are told that there was one.",
    )
    openai_transcription_model: str | None = Field(
        default=None,
        validation_alias="OPENAI_TRANSCRIPTION_MODEL",
        description="The model that writes voice messages down; without it characters are told that there was one.",
    )
    model_first_token_s: float = Field(
        default=120.0,
        gt=0,
        validation_alias="TZUROT_MODEL_FIRST_TOKEN_S",
        description="How long a model may think before it says anything, in seconds.",
    )
    model_stall_s: float = Field(
        default=45.0,
        gt=0,
        validation_alias="TZUROT_MODEL_STALL_S",
        description="How long a model may fall silent in the middle of an answer, in seconds.",
    )
    model_total_s: float = Field(
        default=300.0,
        gt=0,
        validation_alias="TZUROT_MODEL_TOTAL_S",
        description="How long a model may take for a whole answer, in seconds.",
    )
    discord_token: SecretStr | None = Field(
        default=None,
        validation_alias="DISCORD_TOKEN",
        description="The bot's token. With it, `up` connects to Discord.",
    )
    discord_api_base: str = Field(
        default="https://discord.com/api/v10",
        validation_alias="DISCORD_API_BASE",
        description="Where Discord's API is reached: another one for a proxy, or for a simulated Discord.",
    )
    discord_cdn_base: str = Field(
        default="https://cdn.discordapp.com",
        validation_alias="DISCORD_CDN_BASE",
        description="Where Discord's files are reached.",
    )
    discord_shard_count: int | None = Field(
        default=None,
        ge=1,
        validation_alias="DISCORD_SHARD_COUNT",
        description="Into how many shards the bot's servers are divided; without it Discord is asked.",
    )
    discord_shard_ids: str | None = Field(
        default=None,
        pattern=r"^\d{1,5}(?:,\d{1,5})*$",
        validation_alias="DISCORD_SHARD_IDS",
        description=(
            "Which of the shards this process may keep, such as `0,1`; without it all. Of several processes that may, "
            "one keeps a shard and the others stand by. DISCORD_SHARD_COUNT has to be set, too."
        ),
    )
    discord_operators: str = Field(
        default="",
        pattern=r"^(?:\d{15,20}(?:,\d{15,20})*)?$",
        validation_alias="DISCORD_OPERATORS",
        description="The Discord ids of those who run this instance, with commas between them: they may use `/admin`.",
    )
    discord_name_suffix: str = Field(
        default="",
        max_length=32,
        validation_alias="DISCORD_NAME_SUFFIX",
        description="What stands behind every character's name on Discord, to tell two bots in one server apart.",
    )
    pluralkit_api_base: str = Field(
        default="https://api.pluralkit.me/v2",
        validation_alias="PLURALKIT_API_BASE",
        description="Where PluralKit is asked whose message a copy is.",
    )
    pluralkit_hold_s: float = Field(
        default=2.0,
        ge=0,
        le=30,
        validation_alias="TZUROT_PLURALKIT_HOLD_S",
        description="How long a message waits, where PluralKit is, to see whether it deletes it, in seconds.",
    )
    mention_prefix: str = Field(
        default="@",
        pattern=r"^[^\s\w]{1,3}$",
        validation_alias="TZUROT_MENTION_PREFIX",
        description="What stands before a character's name in a text to call it: one to three signs.",
    )
    max_answers: int = Field(
        default=5,
        ge=1,
        le=10,
        validation_alias="TZUROT_MAX_ANSWERS",
        description="How many characters answer one message at most.",
    )

    @model_validator(mode="after")
    def _shards_are_counted(self) -> "Settings":
        if self.discord_shard_ids is not None:
            if self.discord_shard_count is None:
                raise ValueError("DISCORD_SHARD_IDS needs DISCORD_SHARD_COUNT")
            if max(map(int, self.discord_shard_ids.split(","))) >= self.discord_shard_count:
                raise ValueError("DISCORD_SHARD_IDS are counted from 0 and lie below DISCORD_SHARD_COUNT")
        return self

    @model_validator(mode="after")
    def _senses_are_somewhere(self) -> "Settings":
        if self.is_offline and (self.openai_vision_model or self.openai_transcription_model):
            raise ValueError(
                "OPENAI_VISION_MODEL and OPENAI_TRANSCRIPTION_MODEL need OPENAI_API_KEY or OPENAI_BASE_URL"
            )
        return self

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the environment. Raises Misconfigured, naming each variable that is wrong but never its value."""
        try:
            return cls()
        except ValidationError as error:
            problems = "; ".join(
                _of(problem["loc"]) + problem["msg"].removeprefix("Value error, ")
                for problem in error.errors(include_input=False)
            )
            raise Misconfigured(f"The environment is wrong: {problems}.") from None

    @property
    def key_ring_path(self) -> Path:
        return self.key_ring or self.data_dir / "keys" / "keys.sqlite3"

    @property
    def is_offline(self) -> bool:
        """Whether no model is configured, so that the offline one answers."""
        return self.openai_api_key is None and self.openai_base_url is None

    @property
    def instance(self) -> Mapping[str, JSON]:
        """What the operator sets for every turn, below characters and people."""
        if self.is_offline:
            return {"model": "offline"}
        return {"model": self.openai_model} if self.openai_model else {}


def _of(loc: tuple[int | str, ...]) -> str:
    """The variable that a problem is about; one between several names them itself."""
    return f"{loc[0]}: " if loc else ""
