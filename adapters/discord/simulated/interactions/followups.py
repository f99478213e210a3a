"""What an application says after its first answer: `@original`, and follow-ups, by the interaction's token.

Source: docs, receiving-and-responding, "Followup Messages". The paths are those of webhooks' messages, with the
application's id and the interaction's token: the route table knows one from the other.
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

FOLLOW_UPS = "/webhooks/{application_id}/{interaction_token}"
ORIGINAL = FOLLOW_UPS + "/messages/@original"
ONE = FOLLOW_UPS + "/messages/{message_id}"
# Of applications that are not in the guild themselves (docs, "Create Followup Message").
MOST_FOLLOWUPS_OF_STRANGERS = 5


@routes.post(FOLLOW_UPS, "token", query=["wait", "with_components"])
def create_followup(call: Call) -> Answer:
    """The first one after a deferred answer is that answer."""
    interaction = _interaction(call)
    body = forms.check(call.body, call.uploads, fields=answering.FIELDS)
    waiting = _waiting(call, interaction)
    if waiting is not None:
        answering.fulfil(call, waiting, {name: value for name, value in body.items() if name not in {"tts", "poll"}})
        return Answer(200, payloads.message(call.world, waiting))
    _refuse_strangers(interaction)
    message = answering.post(call, interaction, body)
    interaction.followup_ids.append(message.id)
    return Answer(200, payloads.message(call.world, message))


@routes.get(ORIGINAL, "token")
@routes.get(ONE, "token")
def get_answer(call: Call) -> Answer:
    return Answer(200, payloads.message(call.world, _message(call, _interaction(call))))


@routes.patch(ORIGINAL, "token", query=["with_components"])
@routes.patch(ONE, "token", query=["with_components"])
def edit_answer(call: Call) -> Answer:
    message = _message(call, _interaction(call))
    body = forms.check(call.body, call.uploads, fields=forms.BY_WEBHOOK_EDIT, before=message)
    answering.change(call, message, body)
    return Answer(200, payloads.message(call.world, message))


@routes.delete(ORIGINAL, "token")
@routes.delete(ONE, "token")
def delete_answer(call: Call) -> Answer:
    changes.delete(call.world, _message(call, _interaction(call)))
    return Answer(204)


def _interaction(call: Call) -> Interaction:
    """Nothing can be said before the first answer, or after the token has expired."""
    interaction = call.world.interactions[call.path["interaction_token"]]
    if interaction.application_id != call.id("application_id"):
        raise errors.unknown("Webhook")
    if interaction.has_expired(call.world.clock.now()):
        raise Refusal(401, 50027, "Invalid Webhook Token")
    if interaction.answered_with is None:
        raise errors.unknown("Webhook")
    return interaction


def _message(call: Call, interaction: Interaction) -> Message:
    """The path's message, which is one of the interaction's; `@original` is the first answer."""
    wanted = call.id("message_id") if "message_id" in call.path else interaction.original_id
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
