"""Times of an engine, and of the simulated PluralKit, shortened for thousands of runs. No decision is changed by it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from adapters.discord import client, opening
from adapters.discord.client import Identifying
from adapters.discord.opening import Tuning
from adapters.discord.simulated.pluralkit import proxying
from engine.reactors import subscription

HOLD_S = 0.7
"""For PLURALKIT_HOLD_S: longer than the simulated PluralKit takes here to delete, but for late deletes."""

ACK_WAIT_S = 2.0
LEASE_S = 1.0


@contextmanager
def hurried() -> Iterator[None]:
    """Connections that are cut again and again are no storm here, and new sessions need not wait five seconds."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(client, "STORM_DISCONNECTS", 100_000))
        stack.enter_context(patch.object(opening, "Identifying", lambda: Identifying(0.0)))
        stack.enter_context(patch.multiple(proxying, COPY_AFTER_S=0.05, DELETE_AFTER_S=0.25, LATE_DELETE_AFTER_S=1.5))
        yield


@contextmanager
def taken_up_soon() -> Iterator[None]:
    """What a killed process was at is taken up by the next one after seconds instead of many."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(subscription, "ACK_WAIT_S", ACK_WAIT_S))
        stack.enter_context(patch.object(subscription, "HEARTBEAT_S", ACK_WAIT_S / 4))
        stack.enter_context(patch.object(opening, "Tuning", lambda: Tuning(lease_s=LEASE_S)))
        yield
