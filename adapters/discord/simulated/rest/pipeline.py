"""What every REST request goes through: journal, faults, authentication, rate limits, the handler, the answer.

Handlers change the world without waiting (`routes.py`); everything that waits is here.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, NoReturn

import orjson
from aiohttp import web

from adapters.discord.simulated.faults import Cut, Fault, Faults
from adapters.discord.simulated.gateway.hub import Hub
from adapters.discord.simulated.journal import UNROUTED, Exchange, Journal
from adapters.discord.simulated.problems import Problem, refuse_if_any
from adapters.discord.simulated.rest import errors, reading
from adapters.discord.simulated.rest.rate_limits import RateLimits, Verdict
from adapters.discord.simulated.rest.routes import Answer, Call
from adapters.discord.simulated.rest.table import Table
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.users import Application
from adapters.discord.simulated.world.world import World

# Whether gateways hear of what a request did before its answer goes out or after: both happen on the real one.
type EventOrder = Literal["before", "after"]

# Clients take a 429 without it for a ban by the network in front of Discord.
VIA = {"Via": "1.1 google"}


class Aborted(Exception):
    """The connection was cut on purpose: there is nobody to answer."""


@dataclass(slots=True)
class Pipeline:
    world: World
    table: Table
    hub: Hub
    journal: Journal
    faults: Faults
    rate_limits: RateLimits
    event_order: EventOrder = "before"

    async def answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        exchange = Exchange(request.method, path, UNROUTED, self.world.clock.now(), query=dict(request.query))
        self.journal.exchanges.append(exchange)
        exchange.route = self.table.name_of(request.method, path) or UNROUTED
        fault = self.faults.strike(exchange)
        headers: dict[str, str] = {}
        dispatches: Sequence[Dispatch] = ()
        try:
            await self._before(fault, request)
            sent = await reading.read(request)
            exchange.body, exchange.files = sent.body, tuple(each.filename for each in sent.uploads)
            call = self._call(request, exchange, sent)
            verdict = self.rate_limits.weigh(call.route, call.path, _asker(call))
            headers = verdict.headers
            _refuse_by_rate(verdict)
            _refuse_by_fault(fault)
            with self.world.holding() as dispatches:
                answer = call.route.handler(call)
        except errors.Refusal as refusal:
            answer = Answer(refusal.status, refusal.body)
            headers |= refusal.headers
        except Aborted:
            raise
        except Exception as error:
            # Whatever it is, a test has to learn of it; the client gets a 500 from the server.
            exchange.crash = repr(error)
            raise
        if fault is not None:
            await self._after(fault, request, dispatches)
        return await self._send(request, exchange, answer, headers, dispatches)

    def _call(self, request: web.BaseRequest, exchange: Exchange, sent: reading.Sent) -> Call:
        """Find the route and whose request it is."""
        if self.rate_limits.is_banned:
            raise errors.banned()
        route, path = self.table.find(exchange.method, exchange.path)
        bot = _bot(self.world, request.headers.get("Authorization"))
        exchange.application_id = None if bot is None else bot.id
        if bot is None and route.authentication == "bot":
            raise errors.unauthorized()
        refuse_if_any(
            Problem(name, "UNKNOWN_FIELD", "The documentation knows no such parameter")
            for name in exchange.query
            if name not in route.query
        )
        return Call(
            world=self.world,
            route=route,
            path=path,
            query=exchange.query,
            body=sent.body,
            uploads=sent.uploads,
            bot=bot,
            reason=request.headers.get("X-Audit-Log-Reason"),
        )

    async def _before(self, fault: Fault | None, request: web.BaseRequest) -> None:
        if fault is None:
            return
        if fault.gate is not None:
            await fault.gate.wait()
        await self.world.clock.sleep(fault.delay_s)
        if fault.cut is Cut.BEFORE:
            _abort(request)
        if fault.status not in {None, HTTPStatus.TOO_MANY_REQUESTS}:
            raise errors.injected(fault.status, fault.retry_after_s)

    async def _after(self, fault: Fault, request: web.BaseRequest, dispatches: Sequence[Dispatch]) -> None:
        if fault.cut is Cut.AFTER_COMMIT:
            self.world.release(dispatches)
            _abort(request)
        await self.world.clock.sleep(fault.answer_delay_s)

    async def _send(
        self,
        request: web.BaseRequest,
        exchange: Exchange,
        answer: Answer,
        headers: dict[str, str],
        dispatches: Sequence[Dispatch],
    ) -> web.StreamResponse:
        exchange.status, exchange.answer, exchange.headers = answer.status, answer.body, headers
        self.rate_limits.count(answer.status)
        response = _response(answer, headers)
        if self.event_order == "before":
            self.world.release(dispatches)
            await self.hub.drained()
            return response
        # The client may have gone away, and what it asked for has happened all the same.
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
        self.world.release(dispatches)
        return response


def _response(answer: Answer, headers: dict[str, str]) -> web.Response:
    """Exactly `application/json`: with a charset beside it some clients take the body for text."""
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers | VIA)
    if isinstance(answer.body, str):
        return web.Response(status=answer.status, headers=headers, text=answer.body)
    body = orjson.dumps(answer.body)
    return web.Response(status=answer.status, headers=headers | VIA | {"Content-Type": "application/json"}, body=body)


def _bot(world: World, authorization: str | None) -> Application | None:
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    found = next((each for each in world.applications.values() if each.token == token and scheme == "Bot"), None)
    if found is None:
        raise errors.unauthorized()
    return found


def _asker(call: Call) -> str:
    return "" if call.bot is None or call.route.authentication == "token" else str(call.bot.id)


def _refuse_by_rate(verdict: Verdict) -> None:
    if verdict.retry_after_s is not None:
        raise errors.rate_limited(verdict.body)


def _refuse_by_fault(fault: Fault | None) -> None:
    """A rate limit that is made up says, as the real ones do, which bucket it is about."""
    if fault is not None and fault.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise errors.injected(fault.status, fault.retry_after_s)


def _abort(request: web.BaseRequest) -> NoReturn:
    if request.transport is not None:
        request.transport.abort()
    raise Aborted
