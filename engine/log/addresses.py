"""Where the log's servers are and how to sign in there: reads NATS_URL, never shows what is secret in it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from engine.errors import Misconfigured

DEFAULT_PORT = 4222
SCHEMES = {"nats": False, "tls": True}  # scheme → encrypted from the start


@dataclass(frozen=True, slots=True)
class Address:
    """One server. `str()` and `repr()` leave user, password and token out."""

    host: str
    port: int
    is_tls: bool = False
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def credentials(self) -> dict[str, str]:
        """The fields of the protocol's CONNECT that sign in."""
        if self.token is not None:
            return {"auth_token": self.token}
        if self.user is not None:
            return {"user": self.user, "pass": self.password or ""}
        return {}


def parse_addresses(urls: str) -> tuple[Address, ...]:
    """Read server URLs separated by commas; sign-in of the first holds for those that state none."""
    addresses = [_parse(url.strip()) for url in urls.split(",") if url.strip()]
    if not addresses:
        raise Misconfigured("NATS_URL names no server: set it to something like nats://127.0.0.1:4222")
    first = addresses[0]
    return tuple(
        address
        if address.credentials()
        else Address(address.host, address.port, address.is_tls, first.user, first.password, first.token)
        for address in addresses
    )


def _parse(url: str) -> Address:
    scheme, separator, _ = url.partition("://")
    try:
        parts = urlsplit(url if separator else f"nats://{url}")
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        # The library's own message may quote the part of the URL that holds the password.
        raise Misconfigured("NATS_URL cannot be read: it takes the form nats://user:password@host:port") from None
    if separator and scheme.lower() not in SCHEMES:
        raise Misconfigured("NATS_URL must begin with nats:// or tls://")
    if not host:
        raise Misconfigured("NATS_URL names no host: it takes the form nats://user:password@host:port")
    is_tls = SCHEMES[parts.scheme.lower()]
    user = unquote(parts.username) if parts.username else None
    if user is not None and parts.password is None:
        return Address(host, port, is_tls, token=user)
    password = unquote(parts.password) if parts.password is not None else None
    return Address(host, port, is_tls, user=user, password=password)
