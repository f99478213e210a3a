"""What a place is told when no answer comes: pure.

The character's own words for it stand first, if it has any. Below them, hidden until somebody asks for it, stand the
reason in plain words and the position of the failure on the log, by which whoever runs this finds it.
"""

from collections.abc import Mapping

from engine.domain.event import JSON
from engine.domain.reply import ReplyFailed
from engine.ports import ModelFailure

MOST_OWN_CHARS = 500
"""Of a character's own message: beyond it, it would be longer than most answers."""

SPOILER = "||"
"""What platforms that tell failures hide a text with."""

USUAL = "I could not answer just now."
SENTENCES: Mapping[str, str] = {
    ModelFailure.AUTHENTICATION: "I could not answer: nobody let me in where my words come from.",
    ModelFailure.PAYMENT: "I could not answer: the credit for my words is used up.",
    ModelFailure.MODERATION: "I was not allowed to answer that.",
    ModelFailure.BAD_REQUEST: "I could not answer: my settings do not fit together.",
    ModelFailure.TOO_LONG: "I could not answer: that was more than I can take in at once.",
    ModelFailure.RATE_LIMIT: "I could not answer: too much is being asked of me at once.",
    ModelFailure.SERVER: "I could not answer: something broke where my words come from.",
    ModelFailure.TIMEOUT: "I could not answer: I was lost in thought for too long.",
    ModelFailure.NETWORK: "I could not answer: the line went dead.",
    ModelFailure.NOT_A_MODEL: "I could not answer: I found nobody there who speaks for me.",
    ModelFailure.TRUNCATED: "I could not answer: I was cut off in the middle.",
    ModelFailure.EMPTY: "I found nothing to say to that.",
}


def notice_of(failure: ReplyFailed, own_message: JSON, *, reference: int) -> str:
    """The text of the notice. `own_message` is the character's, if it has one."""
    own = own_message[:MOST_OWN_CHARS].strip() if isinstance(own_message, str) else ""
    sentence = own or SENTENCES.get(failure.reason, USUAL)
    return f"{sentence}\n{SPOILER}{failure.message} (reference {reference}){SPOILER}"
