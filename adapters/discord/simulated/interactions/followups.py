"""What an application says after its first answer: `@original`, and follow-ups, by the interaction's token.

Source: docs, receiving-and-responding, "Followup Messages". The token stands where a webhook's does, under the
application's id: the webhooks' routes hand over to `begun`, `shown`, `changed` and `withdrawn` when `interaction_of`
finds one.
"""

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.commands.kinds import Installation
from adapters.discord.simulated.interactions import answering
from adapters.discord.simulated.interactions.kinds import CallbackType
from adapters.discord.simulated.payloads import messages as payloads
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms import messages as forms
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message, MessageFlag

routes = Routes()

ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
# Of applications that are not in the guild themselves (docs, "Create Followup Message").
MOST_FOLLOWUPS_OF_STRANGERS = 5


@routes.get(ORIGINAL, authentication="token", query=["thread_id"])
def get_original(call: Call) -> Answer:
    return shown(call, _required(call), None)


@routes.patch(ORIGINAL, authentication="token", query=["thread_id", "with_components"])
def edit_original(call: Call) -> Answer:
    return changed(call, _required(call), None)


@routes.delete(ORIGINAL, authentication="token", query=["thread_id"])
def delete_original(call: Call) -> Answer:
    return withdrawn(call, _required(call), None)


def interaction_of(call: Call) -> Interaction | None:
    """The interaction whose token stands in the path; None when the path is a webhook's."""
    if call.id("webhook_id") not in call.world.applications:
        return None
    interaction = call.world.interactions.get(call.path["webhook_token"])
    if interaction is None or interaction.application_id != call.id("webhook_id"):
        raise errors.unknown("Webhook")
    now = call.world.clock.now()
    if interaction.has_expired(now):
        raise Refusal(401, 50027, "Invalid Webhook Token")
    if interaction.answered_with is None:
        raise errors.unknown("Webhook")
    return interaction


def begun(call: Call, interaction: Interaction) -> Answer:
    """A follow-up; the first one after a deferred answer is that answer."""
    body = forms.check(call.body, call.uploads, fields=answering.FIELDS)
    waiting = _waiting(call, interaction)
    if waiting is not None:
        answering.fulfil(call, waiting, {name: value for name, value in body.items() if name not in {"tts", "poll"}})
        return Answer(200, payloads.message(call.world, waiting))
    _refuse_strangers(interaction)
    message = answering.post(call, interaction, body)
    interaction.followup_ids.append(message.id)
    return Answer(200, payloads.message(call.world, message))


def shown(call: Call, interaction: Interaction, message_id: int | None) -> Answer:
    """`message_id` None: the first answer."""
    return Answer(200, payloads.message(call.world, _message(call, interaction, message_id)))


def changed(call: Call, interaction: Interaction, message_id: int | None) -> Answer:
    message = _message(call, interaction, message_id)
    body = forms.check(call.body, call.uploads, fields=forms.BY_WEBHOOK_EDIT, before=message)
    answering.change(call, message, body)
    return Answer(200, payloads.message(call.world, message))


def withdrawn(call: Call, interaction: Interaction, message_id: int | None) -> Answer:
    changes.delete(call.world, _message(call, interaction, message_id))
    return Answer(204)


def _required(call: Call) -> Interaction:
    interaction = interaction_of(call)
    if interaction is None:
        raise errors.unknown("Webhook")
    return interaction


def _message(call: Call, interaction: Interaction, message_id: int | None) -> Message:
    wanted = interaction.original_id if message_id is None else message_id
    if wanted not in {interaction.original_id, *interaction.followup_ids} or wanted not in call.world.messages:
        raise errors.unknown("Message")
    return call.world.messages[wanted]


def _waiting(call: Call, interaction: Interaction) -> Message | None:
    """The deferred answer, while nothing has been said in it."""
    if interaction.answered_with != CallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE:
        return None
    message = call.world.messages.get(interaction.original_id or 0)
    return message if message is not None and MessageFlag.LOADING in message.flags else None


def _refuse_strangers(interaction: Interaction) -> None:
    owners = interaction.metadata["authorizing_integration_owners"]
    is_stranger = set(owners) == {str(int(Installation.USER_INSTALL))}
    if is_stranger and len(interaction.followup_ids) >= MOST_FOLLOWUPS_OF_STRANGERS:
        raise Refusal(400, 40094, "This interaction has reached the maximum number of follow up messages")
