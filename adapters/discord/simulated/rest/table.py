"""The route table: every route that is simulated, found by method and path."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.routes import Route

if TYPE_CHECKING:
    from re import Pattern

# Follow-ups of interactions go to the same paths as webhooks' messages; the token says which it is.
FOLLOW_UPS = "/webhooks/{application_id}/{interaction_token}"


class Table:
    """Literal paths win over ones with parameters: `/users/@me` over `/users/{user_id}`.

    `is_interaction`: whether a token is an interaction's; routes below FOLLOW_UPS answer for those alone.
    """

    def __init__(self, routes: Iterable[Route], is_interaction: Callable[[str], bool]) -> None:
        self.routes = sorted(
            routes, key=lambda route: (route.template.count("{"), not route.template.startswith(FOLLOW_UPS))
        )
        self._is_interaction = is_interaction
        self._by_length: dict[int, list[tuple[Pattern[str], Route]]] = defaultdict(list)
        for route in self.routes:
            self._by_length[route.template.count("/")].append((route.pattern(), route))

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        is_known = False
        for pattern, route in self._by_length[path.count("/")]:
            match = pattern.match(path)
            if match is None or not self._is_meant(route, match.groupdict()):
                continue
            if route.method == method:
                return route, match.groupdict()
            is_known = True
        raise errors.method_not_allowed() if is_known else errors.not_found()

    def _is_meant(self, route: Route, path: Mapping[str, str]) -> bool:
        return not route.template.startswith(FOLLOW_UPS) or self._is_interaction(path["interaction_token"])

    def name_of(self, method: str, path: str) -> str | None:
        """The template that a request is for, if there is one."""
        try:
            return self.find(method, path)[0].template
        except errors.Refusal:
            return None
