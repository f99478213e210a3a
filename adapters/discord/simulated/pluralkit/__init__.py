"""PluralKit, simulated: a bot that lets members of a system speak, and its API.

Somebody writes a message with a member's tags around it; PluralKit posts it again through a webhook of its own, under
the member's name and picture, and deletes the original a second later. Source: PluralKit's own code (ProxyService,
ApiHandler), as the facts on it say.
"""

from adapters.discord.simulated.pluralkit.proxying import Deletes, PluralKit

__all__ = ["Deletes", "PluralKit"]
