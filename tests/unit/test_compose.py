"""compose.yaml is what the Compose specification allows, and runs the log so that it keeps what it acknowledged."""

import json
import re
import subprocess
import sysconfig
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
ROLES = ("projections", "responder", "deliverer", "discord")
PASSED_THROUGH = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "DISCORD_TOKEN")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def schema() -> dict[str, Any]:
    # the specification's own schema, as check-jsonschema carries it (Apache-2.0)
    path = distribution("check-jsonschema").locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json")
    loaded: dict[str, Any] = json.loads(Path(str(path)).read_text())
    return loaded


def violations(document: dict[str, Any]) -> list[str]:
    validator = jsonschema.validators.validator_for(schema())(schema())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_compose_yaml_follows_the_specification(compose: dict[str, Any]) -> None:
    assert violations(compose) == []


def test_the_schema_refuses_what_the_specification_does_not_know(compose: dict[str, Any]) -> None:
    assert violations({**compose, "services": {"nats": {"imagination": "nats"}}})


def test_every_role_of_the_engine_is_a_service_of_its_own(compose: dict[str, Any]) -> None:
    for role in ROLES:
        assert compose["services"][role]["command"] == ["up", "--role", role]


def test_every_service_has_a_health_check_and_the_roles_wait_for_both_servers(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"][0] == "CMD", name
    for role in ROLES:
        waits_for = compose["services"][role]["depends_on"]
        assert waits_for == {server: {"condition": "service_healthy"} for server in ("nats", "postgres")}


def test_the_roles_reach_the_servers_and_get_the_keys_that_are_set(compose: dict[str, Any]) -> None:
    for role in ROLES:
        environment = compose["services"][role]["environment"]
        assert environment["NATS_URL"].endswith("@nats:4222")
        assert environment["DATABASE_URL"].endswith("@postgres:5432/tzurot")
        for name in PASSED_THROUGH:
            assert environment[name] is None, "no value: taken from whoever starts it"


def test_the_key_ring_has_a_volume_that_no_server_shares(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for role in ROLES:
        assert services[role]["volumes"] == ["keys:/keys"]
        assert services[role]["environment"]["TZUROT_KEY_RING"].startswith("/keys")
    for server in ("nats", "postgres"):
        assert not any(volume.startswith("keys:") for volume in services[server]["volumes"])
    assert "keys" in compose["volumes"]


def test_no_password_has_a_default_and_nothing_is_published(compose: dict[str, Any]) -> None:
    text = (ROOT / "compose.yaml").read_text()
    uses = re.findall(r"\$\{(\w+)(.*?)\}", text)
    assert {name for name, _ in uses} == {"NATS_PASSWORD", "POSTGRES_PASSWORD"}
    assert all(rest.startswith(":?") for _, rest in uses)
    assert not any("ports" in service for service in compose["services"].values())


def test_the_log_is_synced_always_and_its_server_accepts_the_configuration(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    content = compose["configs"]["nats"]["content"]
    assert re.search(r"^\s*sync_interval: always$", content, re.MULTILINE)
    target = compose["services"]["nats"]["configs"][0]["target"]
    assert target in compose["services"]["nats"]["command"]
    store = re.search(r'store_dir: "(.*)"', content)
    assert store
    assert f"log:{store[1]}" in compose["services"]["nats"]["volumes"]

    config = tmp_path / "nats.conf"
    config.write_text(re.sub(r"\$\{.*?\}", "secret", content).replace(store[1], str(tmp_path)))
    server = Path(sysconfig.get_path("scripts")) / "nats-server"
    checked = subprocess.run([server, "-t", "-c", config], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_images_are_the_official_ones_and_the_database_has_vectors(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["nats"]["image"].startswith("nats:")
    assert services["postgres"]["image"] == "pgvector/pgvector:pg18"
    assert compose["configs"]["vector"]["content"] == "create extension if not exists vector;"
    assert (ROOT / services["responder"]["build"] / "Dockerfile").exists()
