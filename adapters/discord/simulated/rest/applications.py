"""Applications, and where the gateway is. Source: docs, resources/application, events/gateway, topics/oauth2."""

from adapters.discord.simulated.gateway.hub import Hub
from adapters.discord.simulated.payloads import users as payloads
from adapters.discord.simulated.problems import refuse_if_any, unknown
from adapters.discord.simulated.rest.routes import Answer, Call, Routes

GUILDS_A_SHARD = 1000  # what /gateway/bot recommends; 2500 is the most a shard may have

EDITABLE = frozenset(
    {
        *("custom_install_url", "description", "role_connections_verification_url", "install_params", "flags"),
        *("integration_types_config", "icon", "cover_image", "interactions_endpoint_url", "tags"),
        *("event_webhooks_url", "event_webhooks_status", "event_webhooks_types"),
    }
)

routes = Routes()


@routes.get("/applications/@me")
@routes.get("/oauth2/applications/@me")
def get_application(call: Call) -> Answer:
    return Answer(200, payloads.application(call.application))


@routes.patch("/applications/@me")
def edit_application(call: Call) -> Answer:
    body = call.body or {}
    refuse_if_any(unknown("", body, EDITABLE))
    call.application.description = body.get("description", call.application.description)
    return Answer(200, payloads.application(call.application))


def gateway_routes(hub: Hub) -> Routes:
    gateway = Routes()

    @gateway.get("/gateway", "none")
    def get_gateway(call: Call) -> Answer:  # noqa: ARG001  # the same for all
        return Answer(200, {"url": hub.url})

    @gateway.get("/gateway/bot")
    def get_gateway_bot(call: Call) -> Answer:
        left, resets_after_ms = hub.identifies_left(call.application)
        guilds = sum(1 for guild in call.world.guilds.values() if call.application.user.id in guild.members)
        limit = {"total": 1000, "remaining": left, "reset_after": resets_after_ms, "max_concurrency": 1}
        shards = max(1, -(-guilds // GUILDS_A_SHARD))
        return Answer(200, {"url": hub.url, "shards": shards, "session_start_limit": limit})

    return gateway
