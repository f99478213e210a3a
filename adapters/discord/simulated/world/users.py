"""Users: people, bots, and the names that webhooks write under."""

from dataclasses import dataclass, field

from adapters.discord.simulated.world.guilds import Emoji
from adapters.discord.simulated.world.permissions import Permission


@dataclass(slots=True)
class User:
    id: int
    username: str
    global_name: str | None = None
    avatar: str | None = None
    is_bot: bool = False
    banner: str | None = None
    accent_color: int | None = None

    @property
    def shown_name(self) -> str:
        return self.global_name or self.username

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(frozen=True, slots=True)
class WebhookAuthor:
    """Who a webhook's message says it is from, for good; its id is the webhook's."""

    id: int
    username: str
    avatar: str | None = None
    avatar_url: str | None = None  # where the picture came from, when the message brought its own


type Author = User | WebhookAuthor


@dataclass(slots=True)
class Application:
    """A bot's application, with what its owner chose in the developer portal."""

    id: int
    name: str
    token: str
    user: User
    owner: User
    # Which privileged intents are switched on in the portal (bits of `gateway.intents.Intent`).
    privileged_intents: int
    permissions: Permission
    verify_key: str = "0" * 64
    description: str = ""
    is_public: bool = True
    # Whether its bot is invited into every guild that is made.
    joins_guilds: bool = True
    # What it owns beside any guild, by id.
    emojis: dict[int, Emoji] = field(default_factory=dict)
