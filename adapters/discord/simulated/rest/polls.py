"""Polls that stand. Source: docs, resources/poll."""

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.messages import message_of
from adapters.discord.simulated.rest.queries import limit_of
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.rest.seeing import as_seen

USUAL_VOTERS = 25
ONE = "/channels/{channel_id}/polls/{message_id}"

routes = Routes()


@routes.get(ONE + "/answers/{answer_id}", query=["after", "limit"])
def list_voters(call: Call) -> Answer:
    message = message_of(call, call.channel())
    voters = [] if message.poll is None else message.poll.votes.get(call.id("answer_id"), [])
    limit = limit_of(call.query, usual=USUAL_VOTERS)
    return Answer(200, {"users": [users.user(call.world.users[each]) for each in voters[:limit]]})


@routes.post(ONE + "/expire")
def end_poll(call: Call) -> Answer:
    message = message_of(call, call.channel())
    if message.poll is None:
        raise Refusal(400, 520006, "Cannot expire a non-poll message")
    if message.author.id != call.application.user.id:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    message.poll.is_finalized = True
    message.poll.expiry = call.world.clock.now()
    changes.updated(call.world, message)
    return Answer(200, as_seen(call, message))
