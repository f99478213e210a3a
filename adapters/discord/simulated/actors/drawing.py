"""Messages and modals drawn as plain text, so that a page of documentation can show what people see."""

from collections.abc import Iterator

from adapters.discord.simulated.actors.modals import Modal
from adapters.discord.simulated.actors.seen import Seen, SeenComponent, SeenEmbed
from adapters.discord.simulated.components.kinds import SELECTS, ComponentType

ONLY_YOU = "Only you can see this"
THINKING = "is thinking…"


def as_text(shown: Seen | Modal) -> str:
    return "\n".join(_modal(shown) if isinstance(shown, Modal) else _message(shown))


def _message(shown: Seen) -> Iterator[str]:
    if shown.used is not None:
        yield f"╭ {shown.used}"
    if shown.replies_to is not None:
        yield f"╭ {shown.replies_to}"
    yield shown.author + (" [APP]" if shown.is_app else "")
    if shown.is_thinking:
        yield f"  {shown.author} {THINKING}"
    yield from _indented(shown.content + (" (edited)" if shown.is_edited and shown.content else ""))
    for text in shown.forwarded:
        yield "  ↱ Forwarded"
        yield from _indented(text, "  │ ")
    for embed in shown.embeds:
        yield from _embed(embed)
    for file in shown.files:
        yield f"  📎 {file.name}" + (" (spoiler)" if file.is_spoiler else "")
    yield from (f"  [sticker: {name}]" for name in shown.stickers)
    yield from (f"  {'📊' if not number else '  ○'} {text}" for number, text in enumerate(shown.poll))
    for component in shown.components:
        yield from _component(component)
    if shown.reactions:
        yield "  " + "  ".join(f"{emoji} {count}" for emoji, count in shown.reactions.items())
    if shown.is_ephemeral:
        yield f"  👁 {ONLY_YOU} • Dismiss message"


def _embed(embed: SeenEmbed) -> Iterator[str]:
    if embed.author is not None:
        yield f"  ┃ {embed.author}"
    if embed.title is not None:
        yield f"  ┃ **{embed.title}**"
    yield from _indented(embed.description, "  ┃ ")
    for name, value in embed.fields:
        yield f"  ┃ **{name}**"
        yield from _indented(value, "  ┃ ")
    if embed.image_url is not None:
        yield f"  ┃ 🖼 {embed.image_url}"
    if embed.thumbnail_url is not None:
        yield f"  ┃ 🖼 {embed.thumbnail_url}"
    if embed.footer is not None:
        yield f"  ┃ {embed.footer}"


def _component(component: SeenComponent, indent: str = "  ") -> Iterator[str]:
    match component.kind:
        case ComponentType.ACTION_ROW if all(each.kind is ComponentType.BUTTON for each in component.inside):
            yield indent + " ".join(_button(each) for each in component.inside)
        case ComponentType.BUTTON:
            yield indent + _button(component)
        case kind if kind in SELECTS:
            yield from _select(component, indent)
        case ComponentType.TEXT_DISPLAY:
            yield from _indented(component.label, indent)
        case ComponentType.SEPARATOR:
            yield f"{indent}───"
        case ComponentType.CONTAINER:
            for each in component.inside:
                yield from _component(each, f"{indent}┃ ")
        case _:
            for each in component.inside:
                yield from _component(each, indent)


def _button(button: SeenComponent) -> str:
    mark = " ↗" if button.url is not None else ""
    label = f"{button.label}{mark}"
    return f"( {label} )" if button.is_disabled else f"[ {label} ]"


def _select(select: SeenComponent, indent: str) -> Iterator[str]:
    chosen = [option.label for option in select.options if option.is_chosen]
    yield f"{indent}[ {', '.join(chosen) or select.label or 'Make a selection'} ▾ ]"
    for option in select.options:
        about = "" if option.description is None else f" — {option.description}"
        yield f"{indent}    • {option.label}{about}"


def _modal(shown: Modal) -> Iterator[str]:
    yield f"┌ {shown.title}"
    for text in shown.texts:
        yield from _indented(text, "│ ")
    for field in shown.fields:
        yield f"│ {field.label}" + (" *" if field.is_required else "")
        if field.description is not None:
            yield f"│   {field.description}"
        if field.options:
            yield from (f"│   ○ {option.label}" for option in field.options)
            continue
        placeholder = "" if field.placeholder is None else f"({field.placeholder})"
        yield from _indented(field.value or placeholder or "(empty)", "│   [ ")
    yield "└ [ Cancel ] [ Submit ]"


def _indented(text: str | None, indent: str = "  ") -> Iterator[str]:
    return (f"{indent}{line}" for line in (text or "").splitlines())
