"""The refusal of an act that no person could do with Discord's own clients."""


class ImpossibleAct(Exception):
    """A person could not do that; the message says why."""
