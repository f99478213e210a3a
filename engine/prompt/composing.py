"""From what was read to a request, and the record of why it is as it is."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from engine.domain.because import Because, Used, UsedMemory, UsedReference, UsedTurn
from engine.domain.event import JSON
from engine.domain.ids import memory_id
from engine.ports import ChatMessage, ModelRequest, TokenCounter
from engine.prompt.effective import Settings, effective, model_parameters, presets_in_order, whole_number
from engine.prompt.rendering import (
    CURRENT_RENDERER,
    HistoryLine,
    MemoryLine,
    Prompt,
    ReferenceLine,
    reference_block,
    render,
)
from engine.prompt.selection import Costs, budget_tokens, select, tokens_of
from engine.reading import Context, FieldsAt, Recalled, Reference, Turn

DEFAULT_TIMEZONE = "UTC"
REPEATED_OVERHEAD_TOKENS = 24
"""What stands around the words of a reference, a name of some length included."""
SOMEONE = "Someone"
"""Who has no name here."""
YOU = "you"
"""The character, in what it is told of its own replies."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The message that is answered, as it is now."""

    id: str
    version: int
    text: str
    at: datetime
    is_private: bool


@dataclass(frozen=True, slots=True)
class ComposedRequest:
    """A request and what decided it; `because` still lacks the hash and what the model will report."""

    request: ModelRequest
    settings: Settings
    because: Because
    timezone: str


def compose_request(
    context: Context, asked: Asked, *, instance: Mapping[str, JSON], tokens: TokenCounter
) -> ComposedRequest:
    """Decide everything about a request."""
    settings = effective(context, instance)
    timezone = str(context.person.fields.get("timezone") or DEFAULT_TIMEZONE)
    without_past = Prompt(
        character=context.character.fields,
        persona=context.persona.fields,
        timezone=timezone,
        at=asked.at,
        is_private=asked.is_private,
        history=(),
        memories=(),
        text=asked.text,
        references=tuple(reference_line(reference, context.character) for reference in context.references),
    )
    fixed_tokens = tokens_of(render(without_past), tokens)
    context_tokens, max_tokens = whole_number(settings, "context_tokens"), whole_number(settings, "max_tokens")
    history_limit = whole_number(settings, "history_messages")
    turns = context.history[-history_limit:] if history_limit else ()
    chosen = select(
        turns,
        tuple(_counted(memory, tokens) for memory in context.memories),
        budget=budget_tokens(context_tokens, max_tokens, fixed_tokens),
        memory_limit=whole_number(settings, "memory_limit"),
        history_is_complete=len(context.history) <= history_limit,
        costs=_costs(context, turns, tokens, is_private=asked.is_private),
    )
    character = context.character
    shown = {turn.id for turn in chosen.history}
    references = not_repeated(context.references, chosen.history)
    prompt = Prompt(
        character=character.fields,
        persona=context.persona.fields,
        timezone=timezone,
        at=asked.at,
        is_private=asked.is_private,
        history=tuple(
            history_line(turn, character, is_private=asked.is_private, shown=shown) for turn in chosen.history
        ),
        memories=tuple(memory_line(memory) for memory in chosen.memories),
        text=asked.text,
        references=tuple(reference_line(reference, character) for reference in references),
    )
    model = str(settings["model"].value)
    parameters = model_parameters(settings)
    messages: tuple[ChatMessage, ...] = render(prompt)
    nearest = presets_in_order(context)
    because = Because(
        renderer=CURRENT_RENDERER,
        at=asked.at.isoformat(),
        timezone=timezone,
        is_private=asked.is_private,
        character=used(character),
        person=used(context.person),
        persona=used(context.persona),
        presets=tuple(used(preset) for _, preset in nearest),
        choice=used(context.choice) if context.choice.version else None,
        message=Used(id=asked.id, version=asked.version),
        references=tuple(map(_used_reference, references)),
        history=tuple(_used_turn(turn, shown) for turn in chosen.history),
        memories=tuple(_used_memory(memory) for memory in chosen.memories),
        tokens={
            "fixed": fixed_tokens,
            "history": chosen.history_tokens,
            "memories": chosen.memory_tokens,
            "budget": context_tokens,
        },
        token_counter=tokens.name,
        model=model,
        parameters=parameters,
        prompt_hash="",
    )
    return ComposedRequest(ModelRequest(model, messages, parameters), settings, because, timezone)


def not_repeated(references: Sequence[Reference], history: Sequence[Turn]) -> tuple[Reference, ...]:
    """What is shown of what the asked message brings along: nothing that the history shows, except what it answers;
    and not even that where it is what was said last.
    """
    shown = {turn.id for turn in history}
    last = history[-1].id if history else None
    return tuple(it for it in references if it.id not in shown or (it.is_direct and it.id != last))


def reference_line(reference: Reference, character: FieldsAt) -> ReferenceLine:
    how: Literal["answered", "quoted", "forwarded"] = "answered" if reference.is_direct else "quoted"
    match reference.kind:
        case "quote":
            name = reference.name
            how = "forwarded" if reference.is_forward else how
        case "reply" if f"character.{reference.author}" == character.id:
            name = YOU
        case "reply":
            name = speaker_name(reference.speaker, "another character")
        case "message":
            name = speaker_name(reference.speaker, SOMEONE)
    return ReferenceLine(how, name, reference.text)


def history_line(turn: Turn, character: FieldsAt, *, is_private: bool, shown: Container[str] = ()) -> HistoryLine:
    """A turn as the prompt has it. What it brings along is left out where it is one of those that are shown anyway."""
    if turn.kind == "reply" and f"character.{turn.author}" == character.id:
        return HistoryLine(is_own_reply=True, name=None, text=turn.text)
    if turn.kind == "reply":
        return HistoryLine(is_own_reply=False, name=speaker_name(turn.speaker, "Another character"), text=turn.text)
    name = None if is_private else speaker_name(turn.speaker, SOMEONE)
    references = tuple(reference_line(it, character) for it in turn.references if it.id not in shown)
    return HistoryLine(is_own_reply=False, name=name, text=turn.text, references=references)


def speaker_name(speaker: FieldsAt | None, otherwise: str) -> str:
    name = speaker.fields.get("name") if speaker else None
    return " ".join(str(name or "").split()) or otherwise


def memory_line(memory: Recalled) -> MemoryLine:
    return MemoryLine(
        at=memory.at,
        said=memory.said,
        answered=memory.answered,
        edited=memory.edited,
        name=speaker_name(memory.persona, SOMEONE),
    )


def _counted(memory: Recalled, tokens: TokenCounter) -> Recalled:
    """A memory with the tokens of what the prompt will say: its person's own words were never counted."""
    return memory if memory.edited is None else replace(memory, tokens=tokens.count(memory.edited))


def _costs(context: Context, turns: Sequence[Turn], tokens: TokenCounter, *, is_private: bool) -> Costs:
    """What names and dates add, each name counted once."""
    names = {turn.id: history_line(turn, context.character, is_private=is_private).name for turn in turns}
    cost = {name: tokens.count(f"{name}: ") for name in names.values() if name is not None}
    asker = speaker_name(context.persona, SOMEONE)
    character = speaker_name(context.character, "The character")
    return Costs(
        names={turn: cost[name] for turn, name in names.items() if name is not None},
        memory_line=tokens.count(f"\n- 0000-00-00: {asker}: / {character}: "),
        references=_reference_costs(context.character, turns, tokens),
    )


def _reference_costs(character: FieldsAt, turns: Sequence[Turn], tokens: TokenCounter) -> dict[str, dict[str, int]]:
    """What the turns bring along, counted where it is going to be shown, and not too low where it hardly ever is."""
    known = {turn.id: turn for turn in turns}
    return {
        turn.id: {
            it.id: known[it.id].tokens + REPEATED_OVERHEAD_TOKENS + 2 * it.text.count("\n")
            if it.id in known
            else tokens.count("\n" + reference_block(reference_line(it, character)))
            for it in turn.references
        }
        for turn in turns
        if turn.references
    }


def used(fields: FieldsAt) -> Used:
    return Used(id=fields.id, version=fields.version)


def _used_turn(turn: Turn, shown: Container[str]) -> UsedTurn:
    return UsedTurn(
        id=turn.id,
        version=turn.version,
        kind=turn.kind,
        speaker=used(turn.speaker) if turn.speaker else None,
        references=tuple(_used_reference(it) for it in turn.references if it.id not in shown),
    )


def _used_reference(reference: Reference) -> UsedReference:
    return UsedReference(
        id=reference.id,
        version=reference.version,
        kind=reference.kind,
        speaker=used(reference.speaker) if reference.speaker else None,
        is_direct=reference.is_direct,
    )


def _used_memory(memory: Recalled) -> UsedMemory:
    return UsedMemory(
        reply=Used(id=memory.reply, version=memory.reply_version),
        message=Used(id=memory.message, version=memory.message_version),
        persona=used(memory.persona),
        memory=Used(id=memory_id(memory.reply), version=memory.memory_version),
        scores=memory.scores,
    )
