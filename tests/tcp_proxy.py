"""A TCP proxy that swallows what a server answers, and cuts, when a test says so."""

import contextlib
import socket
import threading
from collections.abc import Callable

type Rule = Callable[[bytes], bool]


class TcpProxy:
    """Forwards to a port of the loopback. While `swallow_if` answers True to what the client sends, that is still
    delivered, but the server's answers to it are dropped and, once one came, the connection is cut.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.swallow_if: Rule = lambda _: False
        self.cuts = 0
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in [self._listener, *self._sockets]:
            shut(each)
        for thread in self._threads:
            thread.join(timeout=10)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed: the test is over
            server = socket.create_connection(("127.0.0.1", self._target_port))
            self._sockets += [client, server]
            swallowing = threading.Event()
            self._start(self._forward_requests, client, server, swallowing)
            self._start(self._forward_answers, server, client, swallowing)

    def _forward_requests(self, client: socket.socket, server: socket.socket, swallowing: threading.Event) -> None:
        while data := received(client):
            if self.swallow_if(data):
                swallowing.set()
            try:
                server.sendall(data)
            except OSError:
                break  # the other side is gone: so is this one
        shut(server)

    def _forward_answers(self, server: socket.socket, client: socket.socket, swallowing: threading.Event) -> None:
        while data := received(server):
            if swallowing.is_set():
                self.cuts += 1
                break
            try:
                client.sendall(data)
            except OSError:
                break  # the other side is gone: so is this one
        shut(client)
        shut(server)


def received(source: socket.socket) -> bytes:
    try:
        return source.recv(65_536)
    except OSError:
        return b""  # cut: the same as the end


def shut(each: socket.socket) -> None:
    with contextlib.suppress(OSError):  # shut before
        each.shutdown(socket.SHUT_RDWR)
    each.close()
