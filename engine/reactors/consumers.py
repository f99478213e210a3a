"""What a durable consumer is set to, and that one made by an older release is brought up to date.

A consumer that is there keeps the settings that it was made with: whoever subscribes to it takes them as they are. So
they are compared before, and the server is asked to change what differs. Where it began to read and how it has events
acknowledged cannot be changed, nor has any release a reason to.

A consumer that has another name in this release begins where the former one stopped, or it would read the whole log.
"""

import contextlib
import logging

import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, ConsumerInfo, DeliverPolicy

logger = logging.getLogger(__name__)

CHANGEABLE = ("ack_wait", "max_ack_pending", "filter_subjects")


async def bring_up_to_date(
    log: JetStreamContext, stream: str, wanted: ConsumerConfig, *, formerly: str | None = None
) -> None:
    """Give a consumer that is there the settings that this release wants.

    For one that is not, `wanted` is made to begin where the consumer stopped that did its work under a former name.
    """
    assert wanted.durable_name is not None
    there = await _find(log, stream, wanted.durable_name)
    if there is not None:
        changes = differences(there.config, wanted)
        if changes:
            await _change(log, stream, there.config, wanted, ", ".join(changes))
    elif formerly is not None and (former := await _find(log, stream, formerly)) is not None:
        done = former.ack_floor.stream_seq if former.ack_floor else 0
        wanted.deliver_policy, wanted.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, done + 1
        logger.warning("The consumer %s takes over from %s at position %s", wanted.durable_name, formerly, done + 1)


async def retire(log: JetStreamContext, stream: str, former: str) -> None:
    """Have nothing handed out any more under a name that this release does not use."""
    if await _find(log, stream, former) is not None:
        with contextlib.suppress(nats.js.errors.NotFoundError):  # another process was faster
            await log.delete_consumer(stream, former)


def differences(found: ConsumerConfig, wanted: ConsumerConfig) -> list[str]:
    """What is to be changed, in words."""
    return [
        f"{name} {was} -> {is_to_be}"
        for name in CHANGEABLE
        if (was := _comparable(getattr(found, name))) != (is_to_be := _comparable(getattr(wanted, name)))
    ]


async def _find(log: JetStreamContext, stream: str, consumer: str) -> ConsumerInfo | None:
    try:
        found: ConsumerInfo = await log.consumer_info(stream, consumer)
    except nats.js.errors.NotFoundError:
        return None  # it is made when somebody subscribes to it
    return found


async def _change(
    log: JetStreamContext, stream: str, found: ConsumerConfig, wanted: ConsumerConfig, changes: str
) -> None:
    try:
        await log.add_consumer(stream, found.evolve(**{name: getattr(wanted, name) for name in CHANGEABLE}))
    except nats.js.errors.APIError as refused:  # it works on, as the older release had set it
        logger.error(  # noqa: TRY400 - it says what is to be done
            "The consumer %s keeps the settings of another release, the log's server does not change them (%s, %s): "
            "stop every process that plays this role, delete the consumer, and start again; the events come again, "
            "and what was done is not done twice",
            wanted.durable_name,
            changes,
            refused.err_code,
        )
    else:
        logger.warning("The consumer %s had the settings of another release, now: %s", wanted.durable_name, changes)


def _comparable(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
