"""The kinds of interactions and of first answers. Source: docs, interactions/receiving-and-responding."""

from collections.abc import Mapping
from enum import IntEnum


class InteractionType(IntEnum):
    PING = 1
    APPLICATION_COMMAND = 2
    MESSAGE_COMPONENT = 3
    APPLICATION_COMMAND_AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CallbackType(IntEnum):
    PONG = 1
    CHANNEL_MESSAGE_WITH_SOURCE = 4
    DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE = 5
    DEFERRED_UPDATE_MESSAGE = 6
    UPDATE_MESSAGE = 7
    APPLICATION_COMMAND_AUTOCOMPLETE_RESULT = 8
    MODAL = 9
    LAUNCH_ACTIVITY = 12  # needs an Activity, which no application has here


NEW_MESSAGE = frozenset({CallbackType.CHANNEL_MESSAGE_WITH_SOURCE, CallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE})
SAME_MESSAGE = frozenset({CallbackType.DEFERRED_UPDATE_MESSAGE, CallbackType.UPDATE_MESSAGE})

# A modal's submission may also change the message that the modal was opened from; `callbacks` sees to that.
ANSWERS: Mapping[int, frozenset[CallbackType]] = {
    InteractionType.PING: frozenset({CallbackType.PONG}),
    InteractionType.APPLICATION_COMMAND: NEW_MESSAGE | {CallbackType.MODAL},
    InteractionType.MESSAGE_COMPONENT: NEW_MESSAGE | SAME_MESSAGE | {CallbackType.MODAL},
    InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE: frozenset({CallbackType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT}),
    InteractionType.MODAL_SUBMIT: NEW_MESSAGE,
}
