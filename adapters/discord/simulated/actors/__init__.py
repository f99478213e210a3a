"""People who act: what they do goes through the same rules as Discord's own clients enforce.

`Actor` is a person at a client. What they do is checked by `speaking` (messages), `commanding` (commands), `touching`
(components) and `modals`, each of which raises `ImpossibleAct` for what no client allows; what they see is made by
`seen`, worded by `wording` and drawn by `drawing`.
"""

from adapters.discord.simulated.actors.actor import Actor
from adapters.discord.simulated.actors.answers import Answer, Choice, NothingSuggested
from adapters.discord.simulated.actors.drawing import as_text
from adapters.discord.simulated.actors.files import File
from adapters.discord.simulated.actors.impossible import ImpossibleAct
from adapters.discord.simulated.actors.modals import Field, Modal
from adapters.discord.simulated.actors.seen import Seen, SeenComponent, SeenEmbed, SeenFile, SeenOption

__all__ = [
    "Actor",
    "Answer",
    "Choice",
    "Field",
    "File",
    "ImpossibleAct",
    "Modal",
    "NothingSuggested",
    "Seen",
    "SeenComponent",
    "SeenEmbed",
    "SeenFile",
    "SeenOption",
    "as_text",
]
