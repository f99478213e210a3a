"""What a durable consumer is set to, and that one made by an older release is brought up to date.

A consumer that is there keeps the settings that it was made with: whoever subscribes to it takes them as they are. So
they are compared before, and the server is asked to change what differs. Where it began to read and how it has events
acknowledged cannot be changed, nor has any release a reason to.
"""

import logging
from collections.abc import Sequence

import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

logger = logging.getLogger(__name__)

CHANGEABLE = ("ack_wait", "max_ack_pending", "filter_subjects")


async def bring_up_to_date(log: JetStreamContext, stream: str, wanted: Sequence[ConsumerConfig]) -> None:
    """Give the consumers that are there the settings that this release wants; a missing one is none of our business."""
    for config in wanted:
        assert config.durable_name is not None
        try:
            found = (await log.consumer_info(stream, config.durable_name)).config
        except nats.js.errors.NotFoundError:
            continue  # it is made when somebody subscribes to it
        changes = differences(found, config)
        if changes:
            await _change(log, stream, found, config, ", ".join(changes))


def differences(found: ConsumerConfig, wanted: ConsumerConfig) -> list[str]:
    """What is to be changed, in words."""
    return [
        f"{name} {was} -> {is_to_be}"
        for name in CHANGEABLE
        if (was := _comparable(getattr(found, name))) != (is_to_be := _comparable(getattr(wanted, name)))
    ]


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
