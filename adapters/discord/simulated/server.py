"""The one HTTP server: REST below /api/v10, the gateway, the CDN, and the page for trying by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from adapters.discord.simulated.gateway.hub import Hub
from adapters.discord.simulated.gateway.sockets import Socket
from adapters.discord.simulated.journal import Exchange
from adapters.discord.simulated.rest.pipeline import Aborted, Pipeline
from adapters.discord.simulated.world.world import World

API = "/api/v10"
CDN = "/cdn/"
GATEWAY = "/gateway"
SHUTDOWN_S = 0.1  # for requests under way
# Above what a message may bring, so that it is Discord's refusal that is told.
LARGEST_BODY_BYTES = 128 * 1024 * 1024

# Somebody else's API on the same server: it is given the request and its path.
type Neighbour = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Server:
    world: World
    hub: Hub
    pipeline: Pipeline
    neighbours: dict[str, Neighbour] = field(default_factory=dict)  # by the beginning of the path
    _runner: web.ServerRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port, chosen by the system for port 0."""
        runner = web.ServerRunner(
            web.Server(self._answer, request_factory=_request, access_log=None), shutdown_timeout=SHUTDOWN_S
        )
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        self._runner = runner
        port = runner.addresses[0][1]
        self.hub.url = f"ws://{host}:{port}{GATEWAY}"
        return int(port)

    async def stop(self) -> None:
        for session in self.hub.sessions.values():
            if session.outlet is not None:
                session.outlet.abort()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = unquote(request.rel_url.raw_path)
        if path.startswith(f"{API}/"):
            try:
                return await self.pipeline.answer(request, path.removeprefix(API))
            except Aborted:
                raise ConnectionAbortedError from None  # aiohttp ends the connection quietly
        if path.rstrip("/") == GATEWAY:
            return await self._gateway(request)
        if path.startswith(CDN):
            return self._file(path.removeprefix(CDN))
        for beginning, neighbour in self.neighbours.items():
            if path.startswith(beginning):
                return await neighbour(request, path)
        self.pipeline.journal.exchanges.append(
            Exchange(request.method, path, "unrouted", self.world.clock.now(), status=404)
        )
        return web.Response(status=404)

    async def _gateway(self, request: web.BaseRequest) -> web.StreamResponse:
        if self.hub.faults.refused_connections:
            self.hub.faults.refused_connections -= 1
            return web.Response(status=503)
        socket = Socket(self.world, self.hub)
        return await socket.serve(request)

    def _file(self, path: str) -> web.Response:
        stored = self.world.files.get(path)
        if stored is None:
            return web.Response(status=404)
        return web.Response(body=stored.data, headers={"Content-Type": stored.content_type})


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY_BYTES)
