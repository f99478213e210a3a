"""The page as HTML: who there is, where one can go, what is to be seen there, and forms to act. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from adapters.discord.simulated.actors import Modal, Seen, SeenComponent, as_text
from adapters.discord.simulated.components.kinds import ComponentType

PREFIX = "/by-hand"
REFRESH_MS = 1000
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 14rem 1fr; }
nav { padding: 1rem; background: #f2f3f5; min-height: 100vh; box-sizing: border-box; }
nav a { display: block; padding: .15rem .4rem; color: inherit; text-decoration: none; border-radius: .3rem; }
nav a.here { background: #dfe1e6; font-weight: 600; }
main { padding: 1rem 1.5rem; max-width: 60rem; }
pre { white-space: pre-wrap; font: inherit; margin: 0 0 .6rem; }
form { display: inline-block; margin: 0 .4rem .4rem 0; }
form.line { display: flex; gap: .5rem; }
form.line input[type=text], textarea { flex: 1; padding: .4rem; font: inherit; width: 100%; }
.told { background: #fff6d6; padding: .5rem .8rem; border-radius: .3rem; }
"""
# The messages are fetched anew while nothing is being typed into them.
SCRIPT = """
setInterval(async () => {
  const seen = document.getElementById("seen");
  if (seen.contains(document.activeElement)) return;
  const text = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("seen");
  if (fresh && fresh.innerHTML !== seen.innerHTML) seen.innerHTML = fresh.innerHTML;
}, %d);
"""


@dataclass(frozen=True, slots=True)
class View:
    """What one page shows."""

    people: tuple[str, ...]
    me: str
    places: tuple[tuple[int, str], ...]  # channel id and what it is called
    here: int
    messages: tuple[Seen, ...]
    commands: tuple[str, ...]
    modal: Modal | None = None
    told: str | None = None  # what the client says to the last act


def address(me: str, here: int) -> str:
    return f"{PREFIX}?as={escape(me)}&in={here}"


def page(view: View) -> str:
    people = "".join(_link(name, address(name, view.here), is_here=name == view.me) for name in view.people)
    places = "".join(_link(name, address(view.me, id_), is_here=id_ == view.here) for id_, name in view.places)
    told = f'<p class="told">{escape(view.told)}</p>' if view.told else ""
    return f"""<!doctype html><meta charset="utf-8"><title>Discord, simulated</title><style>{STYLE}</style>
<nav><strong>I am</strong>{people}<p><strong>I am in</strong></p>{places}</nav>
<main>{told}<div id="seen">{"".join(_message(view, each) for each in view.messages)}</div>
{"" if view.modal is None else _modal(view, view.modal)}
{_line(view, "say", "Say something")}
{_line(view, "slash", "/command option=value")}
<p>Commands here: {escape(", ".join("/" + each for each in view.commands) or "none yet")}</p></main>
<script>{SCRIPT % REFRESH_MS}</script>"""


def _link(name: str, target: str, *, is_here: bool) -> str:
    return f'<a href="{target}"{" class=here" if is_here else ""}>{escape(name)}</a>'


def _message(view: View, shown: Seen) -> str:
    controls = "".join(_control(view, shown, each) for each in shown.controls if not each.is_disabled)
    return f"<pre>{escape(as_text(shown))}</pre>{controls}"


def _control(view: View, shown: Seen, control: SeenComponent) -> str:
    if control.custom_id is None:
        return ""
    hidden = _hidden(("message", str(shown.id)), ("custom_id", control.custom_id))
    if control.kind is ComponentType.BUTTON:
        return _form(view, "click", f"{hidden}<button>{escape(control.label or control.custom_id)}</button>")
    options = _options((each.value, each.label) for each in control.options)
    return _form(view, "select", f'{hidden}<select name="choice">{options}</select><button>Choose</button>')


def _modal(view: View, modal: Modal) -> str:
    fields = "".join(_fields(modal))
    return f"<h2>{escape(modal.title)}</h2>{_form(view, 'submit', f'{fields}<p><button>Submit</button></p>')}"


def _fields(modal: Modal) -> Iterator[str]:
    for field in modal.fields:
        name = escape(f"field.{field.custom_id}")
        yield f"<p><label>{escape(field.label)}<br>"
        if field.options:
            yield f'<select name="{name}">{_options((each.value, each.label) for each in field.options)}</select>'
        elif field.is_paragraph:
            yield f'<textarea name="{name}" rows="5">{escape(field.value or "")}</textarea>'
        else:
            yield f'<input type="text" name="{name}" value="{escape(field.value or "")}">'
        yield "</label></p>"


def _line(view: View, act: str, words: str) -> str:
    field = f'<input type="text" name="text" placeholder="{escape(words)}" autocomplete="off"><button>Send</button>'
    return _form(view, act, field, kind="line")


def _form(view: View, act: str, inside: str, kind: str = "") -> str:
    place = _hidden(("as", view.me), ("in", str(view.here)), ("act", act))
    return f'<form method="post" action="{PREFIX}" class="{kind}">{place}{inside}</form>'


def _hidden(*pairs: tuple[str, str]) -> str:
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in pairs)


def _options(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in pairs)
