"""What is explained to people who wrote something that nobody answers."""

from collections.abc import Sequence

from adapters.discord.hearing.deciding import Notice, Rules
from engine.reading import FieldsAt

MAX_SUGGESTED = 5


def explanation(notice: Notice, characters: Sequence[FieldsAt], rules: Rules) -> str:
    """The text of a notice; `characters` are those that the person may talk to."""
    names = [str(character.fields.get("name") or "") for character in characters]
    suggested = ", ".join(f"{rules.prefix}{name}" for name in names[:MAX_SUGGESTED] if name)
    example = f"{rules.prefix}{names[0]}" if names else f"{rules.prefix}name"
    listed = f" Here: {suggested}." if suggested else ""
    match notice:
        case "help":
            return (
                f"Name a character to talk to it, as in “{example} hello”, or reply to one of its messages.{listed}\n"
                "`/character list` shows them all, `/help` everything else, `/help privacy` what is recorded."
            )
        case "first contact":
            return (
                f"Here you talk to one character at a time. Name the one you want to talk to, as in “{example} hello”, "
                f"and it answers from then on, until you name another.{listed}\n"
                "What you say to characters is recorded; `/help privacy` says how, and how to have it erased."
            )
        case "hidden":
            return (
                "The character that is active here is private, and you are not among those whom it answers. "
                f"Others you can call by name, as in “{example} hello”."
            )
        case "not recorded":
            return (
                "You asked not to be recorded, so characters cannot hear you. `/help privacy` says how to change that."
            )
