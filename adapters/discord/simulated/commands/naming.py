"""How commands and options may be called. Source: docs, application-commands, "Application Command Naming"."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.discord.simulated.problems import Problem, at, bad_text

LONGEST_NAME_CHARS = 32
LONGEST_DESCRIPTION_CHARS = 100
# Whose vowel signs are marks, neither letters nor numbers (\p{sc=Deva} and \p{sc=Thai} of Discord's expression).
SCRIPTS_WITH_MARKS = ("DEVANAGARI ", "THAI ")
# Source: the API description, AvailableLocalesEnum.
LOCALES = frozenset(
    {
        *("ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr", "hu"),
        *("id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi"),
        *("zh-CN", "zh-TW"),
    }
)


def name_problems(path: str, name: object) -> Iterator[Problem]:
    """Of a CHAT_INPUT command or an option: letters, numbers, `-_'`, all in lower case."""
    wrong_length = list(bad_text(path, name, 1, LONGEST_NAME_CHARS))
    yield from wrong_length
    if isinstance(name, str) and not wrong_length and not (all(map(_is_allowed, name)) and name == _lowered(name)):
        yield Problem(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def description_problems(path: str, description: object) -> Iterator[Problem]:
    yield from bad_text(path, description, 1, LONGEST_DESCRIPTION_CHARS)


def localization_problems(path: str, body: Mapping[str, Any]) -> Iterator[Problem]:
    """`name_localizations` and `description_localizations` obey the rules of what they stand for."""
    for field, problems in (("name_localizations", name_problems), ("description_localizations", description_problems)):
        for locale, text in (body.get(field) or {}).items():
            where = at(at(path, field), locale)
            if locale in LOCALES:
                yield from problems(where, text)
            else:
                yield Problem(where, "ENUM_TYPE_COERCE", f'Value "{locale}" is not a valid enum value.')


def longest(body: Mapping[str, Any], field: str) -> int:
    """How much a field counts towards a command's size: its longest localization, the default one included."""
    texts = [body.get(field) or "", *(body.get(f"{field}_localizations") or {}).values()]
    return max(len(text) for text in texts)


def _is_allowed(char: str) -> bool:
    return (
        char in "-_'"
        or unicodedata.category(char)[0] in "LN"
        or unicodedata.name(char, "").startswith(SCRIPTS_WITH_MARKS)
    )


def _lowered(name: str) -> str:
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in name)
