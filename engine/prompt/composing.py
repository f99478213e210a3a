"""From what was read to a request, and the record of why it is as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.domain.because import Because, Used, UsedMemory, UsedTurn
from engine.domain.event import JSON
from engine.domain.ids import memory_id
from engine.ports import ChatMessage, ModelRequest, TokenCounter
from engine.prompt.effective import Settings, effective, model_parameters, presets_in_order, whole_number
from engine.prompt.rendering import CURRENT_RENDERER, HistoryLine, MemoryLine, Prompt, render
from engine.prompt.selection import Costs, budget_tokens, select, tokens_of
from engine.reading import Context, FieldsAt, Recalled, Turn

DEFAULT_TIMEZONE = "UTC"
SOMEONE = "Someone"
"""Who has no name here."""


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
    )
    fixed = render(without_past)
    fixed_tokens = tokens_of(fixed, tokens)
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
    prompt = Prompt(
        character=character.fields,
        persona=context.persona.fields,
        timezone=timezone,
        at=asked.at,
        is_private=asked.is_private,
        history=tuple(history_line(turn, character, is_private=asked.is_private) for turn in chosen.history),
        memories=tuple(memory_line(memory) for memory in chosen.memories),
        text=asked.text,
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
        history=tuple(_used_turn(turn) for turn in chosen.history),
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


def history_line(turn: Turn, character: FieldsAt, *, is_private: bool) -> HistoryLine:
    if turn.kind == "reply" and f"character.{turn.author}" == character.id:
        return HistoryLine(is_own_reply=True, name=None, text=turn.text)
    if turn.kind == "reply":
        return HistoryLine(is_own_reply=False, name=speaker_name(turn.speaker, "Another character"), text=turn.text)
    name = None if is_private else speaker_name(turn.speaker, SOMEONE)
    return HistoryLine(is_own_reply=False, name=name, text=turn.text)


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
    )


def used(fields: FieldsAt) -> Used:
    return Used(id=fields.id, version=fields.version)


def _used_turn(turn: Turn) -> UsedTurn:
    return UsedTurn(
        id=turn.id, version=turn.version, kind=turn.kind, speaker=used(turn.speaker) if turn.speaker else None
    )


def _used_memory(memory: Recalled) -> UsedMemory:
    return UsedMemory(
        reply=Used(id=memory.reply, version=memory.reply_version),
        message=Used(id=memory.message, version=memory.message_version),
        persona=used(memory.persona),
        memory=Used(id=memory_id(memory.reply), version=memory.memory_version),
        scores=memory.scores,
    )
