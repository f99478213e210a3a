"""nats-server and Postgres as child processes, for everyone who does not bring their own.

`servers` is the way in; `attachment` decides who starts, heals and stops a server when several processes share a data
directory; `nats_server` and `postgres` know their own program; `processes`, `leases`, `logins` and `accounts` are the
pieces those are made of. How it works and why: docs/decisions/0002-embedded-servers.md.
"""

from adapters.embedded.servers import Servers, embedded_servers

__all__ = ["Servers", "embedded_servers"]
