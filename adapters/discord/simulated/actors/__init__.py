"""People who act: what they do goes through the same rules as Discord's own clients enforce."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.discord.simulated.world.users import User

if TYPE_CHECKING:
    from adapters.discord.simulated.simulated import SimulatedDiscord


@dataclass(slots=True)
class Actor:
    discord: "SimulatedDiscord"
    user: User
