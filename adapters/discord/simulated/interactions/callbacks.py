"""The first answer to an interaction, within three seconds and once.

Source: docs, receiving-and-responding, "Interaction Response Object" and "Create Interaction Response".
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.discord.simulated.commands.kinds import OptionType
from adapters.discord.simulated.commands.options import MOST_CHOICES, choice_problems
from adapters.discord.simulated.components.modals import modal_problems
from adapters.discord.simulated.components.sending import as_asked
from adapters.discord.simulated.interactions import answering
from adapters.discord.simulated.interactions.kinds import ANSWERS, SAME_MESSAGE, CallbackType, InteractionType
from adapters.discord.simulated.payloads import messages as payloads
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.problems import Problem, bad_list, missing, not_one_of, refuse_if_any, unknown
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms import messages as forms
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message, MessageFlag

routes = Routes()

# First answers that come back with their message.
TELLS_MESSAGE = frozenset({CallbackType.CHANNEL_MESSAGE_WITH_SOURCE, CallbackType.UPDATE_MESSAGE})
# What an update of the component's message may say.
UPDATE_FIELDS = forms.EDIT


@routes.post(
    "/interactions/{interaction_id}/{interaction_token}/callback", authentication="token", query=["with_response"]
)
def create_response(call: Call) -> Answer:
    interaction = _answerable(call)
    body = call.body if isinstance(call.body, dict) else {}
    refuse_if_any(_problems(interaction, body))
    kind = CallbackType(body["type"])
    message = ANSWER[kind](call, interaction, body.get("data") or {})
    interaction.answered_with, interaction.answered_at = kind, call.world.clock.now()
    if message is not None:
        interaction.original_id = message.id
    if call.query.get("with_response", "false").lower() not in {"true", "1"}:
        return Answer(204)
    return Answer(200, _told(call, interaction, kind, message))


def _answerable(call: Call) -> Interaction:
    interaction = call.world.interactions.get(call.path["interaction_token"])
    now = call.world.clock.now()
    if interaction is None or interaction.id != call.id("interaction_id"):
        raise errors.unknown("Interaction")
    if interaction.is_too_late(now) or interaction.has_expired(now):
        raise errors.unknown("Interaction")
    if interaction.answered_with is not None:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    return interaction


def _problems(interaction: Interaction, body: Mapping[str, Any]) -> Iterator[Problem]:
    yield from unknown("", body, frozenset({"type", "data"}))
    yield from missing("", body, "type")
    allowed = ANSWERS[interaction.type]
    if interaction.type == InteractionType.MODAL_SUBMIT and interaction.message_id is not None:
        allowed |= SAME_MESSAGE
    yield from not_one_of("type", body.get("type"), sorted(allowed))


def _message(call: Call, interaction: Interaction, data: dict[str, Any]) -> Message:
    body = forms.check(data, call.uploads, fields=answering.FIELDS, path="data")
    return answering.post(call, interaction, body)


def _deferred_message(call: Call, interaction: Interaction, data: dict[str, Any]) -> Message:
    """Of flags only EPHEMERAL may be promised (docs, the note on `flags`)."""
    told = data.get("flags") or 0
    if told & ~MessageFlag.EPHEMERAL:
        message = "Only EPHEMERAL can be set when the answer is deferred"
        refuse_if_any([Problem("data.flags", "INTERACTION_DEFERRED_FLAGS_INVALID", message)])
    return answering.post(call, interaction, {"flags": told}, is_loading=True)


def _deferred_update(call: Call, interaction: Interaction, _: dict[str, Any]) -> Message | None:
    return call.world.messages.get(interaction.message_id or 0)


def _update(call: Call, interaction: Interaction, data: dict[str, Any]) -> Message:
    message = call.world.messages.get(interaction.message_id or 0)
    if message is None:
        raise errors.unknown("Message")
    body = forms.check(data, call.uploads, fields=UPDATE_FIELDS, path="data", before=message)
    answering.change(call, message, body)
    return message


def _choices(_: Call, interaction: Interaction, data: dict[str, Any]) -> None:
    choices = data.get("choices") or []
    kind = OptionType(interaction.focused_type or OptionType.STRING)
    refuse_if_any(unknown("data", data, frozenset({"choices"})))
    refuse_if_any(bad_list("data.choices", choices, 0, MOST_CHOICES))
    refuse_if_any(choice_problems("data.choices", choices, kind))
    interaction.choices = list(choices)


def _modal(_: Call, interaction: Interaction, data: dict[str, Any]) -> None:
    refuse_if_any(modal_problems(data))
    interaction.modal = dict(data) | {"components": as_asked(data["components"])}


type Deed = Callable[[Call, Interaction, dict[str, Any]], Message | None]
ANSWER: Mapping[CallbackType, Deed] = {
    CallbackType.CHANNEL_MESSAGE_WITH_SOURCE: _message,
    CallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE: _deferred_message,
    CallbackType.DEFERRED_UPDATE_MESSAGE: _deferred_update,
    CallbackType.UPDATE_MESSAGE: _update,
    CallbackType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT: _choices,
    CallbackType.MODAL: _modal,
}


def _told(call: Call, interaction: Interaction, kind: CallbackType, message: Message | None) -> dict[str, Any]:
    """With `with_response`: the interaction, and the message that it made or changed (docs: "Interaction Callback")."""
    about: dict[str, Any] = {"id": snowflake(interaction.id), "type": int(interaction.type)}
    if message is None:
        return {"interaction": about}
    about |= {
        "response_message_id": snowflake(message.id),
        "response_message_loading": MessageFlag.LOADING in message.flags,
        "response_message_ephemeral": message.is_ephemeral,
    }
    if kind not in TELLS_MESSAGE:
        return {"interaction": about}
    shown = payloads.message(call.world, message)
    return {"interaction": about, "resource": {"type": int(kind), "message": shown}}
