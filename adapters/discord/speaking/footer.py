"""The small print below a reply's last message: who answered, and under which circumstances.

It belongs to the post, never to the reply: whoever reads a post back takes it off again.
"""

import re

from engine.ports import Footer

SMALL = "-# "
MODEL_CHARS = 80

_AUTOMATIC = "📍 auto"
_GUEST = "🆓 guest: answered by the free model"
_FOCUS = "🔒 focus: memories are not read"
_INCOGNITO = "👻 incognito: this is not remembered"
_BETWEEN = " • "

_LINE = re.compile(
    rf"-# (?:model: [^\n]{{1,{MODEL_CHARS}}}?(?:{_BETWEEN}{_AUTOMATIC})?|{_AUTOMATIC}|{_GUEST}|{_FOCUS}|{_INCOGNITO})"
)


def footer_of(footer: Footer) -> str:
    return small_print(model=footer.model, is_automatic=footer.is_automatic)


def small_print(
    *,
    model: str | None = None,
    is_automatic: bool = False,
    is_guest: bool = False,
    is_focused: bool = False,
    is_incognito: bool = False,
) -> str:
    """The lines of a footer; empty if there is nothing to say."""
    name = " ".join((model or "").split())[:MODEL_CHARS]
    first = _BETWEEN.join((*((f"model: {name}",) if name else ()), *((_AUTOMATIC,) if is_automatic else ())))
    further = ((is_guest, _GUEST), (is_focused, _FOCUS), (is_incognito, _INCOGNITO))
    lines = [*((first,) if first else ()), *(line for is_so, line in further if is_so)]
    return "\n".join(f"{SMALL}{line}" for line in lines)


def without_small_print(content: str) -> str:
    """What was said in a post of ours, without the footer that stands below it."""
    lines = content.rstrip().split("\n")
    while lines and _LINE.fullmatch(lines[-1].rstrip()):
        lines.pop()
    return "\n".join(lines).rstrip()
