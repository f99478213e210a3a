"""`why`: everything that made a reply, rebuilt from the log and the key ring alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.host import LogOnly
from adapters.terminal.options import Json
from adapters.terminal.screen import Result, words
from adapters.terminal.session import LogRequest
from adapters.terminal.tables import one_line, pairs, table
from engine.errors import Invalid
from engine.why import Explanation

SHOWN_CHARS = 160
HASH_CHARS = 16


@dataclass(frozen=True)
class Because(Result):
    """An explanation, ready to be shown."""

    explanation: Explanation

    @override
    def as_json(self) -> dict[str, Any]:
        it = self.explanation
        return {
            "reply": it.reply,
            "state": it.state,
            "text": it.text,
            "settings": it.settings,
            "history": list(it.history),
            "memories": list(it.memories),
            "tokens": dict(it.tokens),
            "usage": dict(it.usage),
            "model": it.model,
            "answered_by": it.answered_by,
            "prompt": [{"role": message.role, "content": message.content} for message in it.prompt],
            "prompt_hash": it.prompt_hash,
            "rebuilt_hash": it.rebuilt_hash,
            "match": it.match,
            "erased": list(it.erased),
            "because": it.because.model_dump(mode="json") if it.because else None,
        }

    @override
    def __rich__(self) -> RenderableType:
        it = self.explanation
        parts: list[RenderableType] = [words(it.reply, "bold"), words(f"{it.state}: {it.text}")]
        if it.because is None:
            return Group(*parts, words(_without_prompt(it)))
        answered = f" (answered by {it.answered_by})" if it.answered_by and it.answered_by != it.model else ""
        parts += [
            _heading("Model"),
            words(f"{it.model}{answered}"),
            _heading("Settings"),
            table(("setting", "value", "from"), _settings(it.settings)),
            _heading(f"History that it saw ({len(it.history)})"),
            _turns(it),
            _heading(f"Memories that it recalled ({len(it.memories)})"),
            _memories(it),
            _heading("Tokens"),
            pairs({**{f"{name} (counted)": n for name, n in it.tokens.items()}, **it.usage}),
            _heading("The prompt, as it was sent"),
            *(_message(message.role, message.content) for message in it.prompt),
            _heading("Is this what was sent?"),
            words(_verdict(it), "green" if it.match else "yellow"),
        ]
        return Group(*parts)


def _heading(text: str) -> RenderableType:
    return words(f"\n{text}", "bold")


def _settings(settings: Mapping[str, Any]) -> list[tuple[str, object, str]]:
    return [(name, setting["value"], setting["source"]) for name, setting in sorted(settings.items())]


def _turns(it: Explanation) -> RenderableType:
    if not it.history:
        return words("none: the conversation begins here, or its history was cleared")
    rows = [(turn["kind"], turn["name"] or "", one_line(str(turn["text"]), SHOWN_CHARS)) for turn in it.history]
    return table(("turn", "name", "text"), rows)


def _memories(it: Explanation) -> RenderableType:
    if not it.memories:
        return words("none")
    rows = []
    for memory in it.memories:
        scores = memory["scores"]
        parts = ", ".join(f"{name} {value:.3g}" for name, value in scores.items()) if isinstance(scores, dict) else ""
        said = one_line(str(memory["edited"] or memory["said"]), SHOWN_CHARS)
        rows.append((memory["id"], said, one_line(str(memory["answered"] or ""), SHOWN_CHARS), parts))
    return table(("memory", "said", "answered", "score"), rows)


def _message(role: str, content: str) -> RenderableType:
    return Group(words(f"[{role}]", "cyan"), words(content, "dim"))


def _verdict(it: Explanation) -> str:
    if it.match:
        return f"Yes: the prompt rebuilt from the log has the hash that was recorded ({it.prompt_hash[:HASH_CHARS]}…)."
    lost = f" Lost since: {', '.join(it.erased)}." if it.erased else ""
    return (
        f"No longer: recorded {it.prompt_hash[:HASH_CHARS]}…, rebuilt {it.rebuilt_hash[:HASH_CHARS]}….{lost}"
        " What was erased reads [erased] above."
    )


def _without_prompt(it: Explanation) -> str:
    if it.erased:
        return f"It was erased: receipt {', '.join(it.erased)}."
    return "No prompt was answered: there is nothing to explain."


async def explain(reply: str | None, log: LogOnly, last_reply: str | None) -> Because:
    wanted = reply or last_reply
    if wanted is None:
        raise Invalid("Say which reply: `tzurot say --json` and `tzurot log --type ReplyComposed` show their ids.")
    return Because(await log.why.explain(wanted if wanted.startswith("reply.") else f"reply.{wanted}"))


def register(app: typer.Typer) -> None:
    @app.command("why")
    def why_command(
        reply: Annotated[
            str | None, typer.Argument(metavar="REPLY", help="The reply's id; in a chat the last one if left out.")
        ] = None,
        *,
        json: Json = False,
    ) -> LogRequest:
        """Explain a reply: its settings with their source, history, memories with scores, tokens, prompt and hashes."""
        return LogRequest(partial(explain, reply), as_json=json)
