"""What a button, a menu or a form is told to say when somebody uses it: one format, made and read here alone.

    group::action::key::extra        such as  character::page::3  or  channel::confirm::9f2c…::deactivate

`key` says what it is about, `extra` how. What does not fit into 100 characters belongs into a session, with its token
as the key.
"""

from dataclasses import dataclass

from engine.errors import Invalid

MAX_CHARS = 100
"""Of a custom id, by Discord's documentation of components."""

SEPARATOR = "::"
MOST_PARTS = 4
LEAST_PARTS = 2


@dataclass(frozen=True, slots=True)
class CustomId:
    """Whose it is, what it asks for, and about what."""

    group: str
    action: str
    key: str = ""
    extra: str = ""

    def __post_init__(self) -> None:
        parts = (self.group, self.action, self.key, self.extra)
        if not self.group or not self.action or any(":" in part for part in parts):
            raise Invalid("A custom id needs a group and an action, and no colon in any part.")
        if len(str(self)) > MAX_CHARS:
            raise Invalid(f"A custom id has at most {MAX_CHARS} characters: keep the rest in a session.")

    def __str__(self) -> str:
        return SEPARATOR.join((self.group, self.action, self.key, self.extra)).rstrip(":")


def custom_id(text: str) -> CustomId:
    """Read one. Raises Invalid for what is none of ours."""
    parts = text.split(SEPARATOR)
    if not LEAST_PARTS <= len(parts) <= MOST_PARTS:
        raise Invalid("That button is not one of mine any more: run the command again.")
    return CustomId(*parts)
