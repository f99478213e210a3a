"""The streams of applications: made right, refused when wrong, apart from each other; and what secrets show."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nats
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from nats.js.api import StorageType, StreamConfig

from engine.errors import LogUnavailable, Misconfigured, WrongStreamSettings
from engine.log import Factory
from engine.log.reader import LogReader
from engine.log.recorders import LogApplicationRecorder
from tests.log_applications import NewFactory, an_event
from tests.nats_server import NatsServer


async def make_stream(server: NatsServer, **settings: Any) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(StreamConfig(**{"subjects": [f"{settings['name']}.>"], **settings}))
    await client.close()


def test_a_new_log_is_set_to_lose_nothing(new_factory: NewFactory) -> None:
    recorder = new_factory("Tzurot", TZUROT_LOG_MAX_BYTES="1000000").application_recorder()
    config = recorder.stream.ask("STREAM.INFO")["config"]
    assert config["storage"] == "file"
    assert config["discard"] == "new"
    assert config["allow_direct"] is True
    assert config["allow_atomic"] is True
    assert config["max_bytes"] == 1_000_000
    assert len(config["metadata"]["tzurot_log_id"]) == 32


def test_wrong_settings_are_each_named_with_what_was_found(new_factory: NewFactory, server: NatsServer) -> None:
    asyncio.run(
        make_stream(server, name="Tzurot", storage=StorageType.MEMORY, max_msgs=10, max_age=60, deny_delete=True)
    )
    with pytest.raises(WrongStreamSettings) as refused:
        new_factory("Tzurot").application_recorder()
    message = refused.value.message
    for part in (
        "storage is 'memory', expected 'file'",
        "max_msgs is 10, expected -1",
        "max_age is 60000000000, expected 0",
        "deny_delete is True, expected False",
        "discard is 'old', expected 'new'",
        "allow_atomic is False, expected True",
        "tzurot_log_id is missing",
    ):
        assert part in message


def test_a_stream_with_other_subjects_or_replicas_is_refused(new_factory: NewFactory) -> None:
    stream = new_factory("Tzurot").application_recorder().stream
    config = stream.ask("STREAM.INFO")["config"]
    stream.ask("STREAM.UPDATE", {**config, "subjects": ["Tzurot.>", "other.>"]})
    with pytest.raises(WrongStreamSettings, match=r"subjects is \['Tzurot.>', 'other.>'\]"):
        new_factory("Tzurot").application_recorder()
    stream.ask("STREAM.UPDATE", config)
    with pytest.raises(WrongStreamSettings, match="num_replicas is 1, expected 3"):
        new_factory("Tzurot", TZUROT_LOG_REPLICAS="3").application_recorder()


def test_a_log_that_is_not_to_be_created_must_exist(new_factory: NewFactory) -> None:
    with pytest.raises(Misconfigured, match="does not exist"):
        new_factory("Tzurot", CREATE_TABLE="f").application_recorder()
    new_factory("Tzurot").application_recorder()
    assert new_factory("Tzurot", CREATE_TABLE="f").application_recorder().max_notification_id() is None


def test_applications_are_apart(new_factory: NewFactory) -> None:
    one = new_factory("One").application_recorder()
    other = new_factory("One & other.").application_recorder()
    assert one.insert_events([an_event("a")]) == [1]
    assert other.insert_events([an_event("a", state=b"other")]) == [1]
    assert [event.state for event in other.select_notifications(None, 10)] == [b"other"]
    assert [event.state for event in one.select_notifications(None, 10)] == [b"state"]


def test_snapshots_are_apart_from_events_and_may_come_late(new_factory: NewFactory) -> None:
    factory = new_factory("Tzurot")
    events, snapshots = factory.application_recorder(), factory.aggregate_recorder("snapshots")
    events.insert_events([an_event("a", version) for version in (1, 2, 3)])
    snapshots.insert_events([an_event("a", 3)])
    snapshots.insert_events([an_event("a", 2)])
    assert [event.originator_version for event in snapshots.select_events("a")] == [2, 3]
    assert snapshots.select_events("a", desc=True, limit=1) == [an_event("a", 3)]
    assert len(events.select_events("a")) == 3
    assert [event.id for event in events.select_notifications(None, 10)] == [1, 2, 3]
    assert events.max_notification_id() == 3


def test_the_reader_tells_the_logs_state(recorder: LogApplicationRecorder, server: NatsServer) -> None:
    with LogReader(server.url, "Tzurot") as reader:
        empty = reader.state()
        assert (empty.last_position, empty.events) == (0, 0)
        recorder.insert_events([an_event("a"), an_event("b")])
        state = reader.state()
        assert (state.first_position, state.last_position, state.events, state.max_bytes) == (1, 2, 2, None)
        assert state.log_id == empty.log_id == recorder.stream.state().log_id


@pytest.fixture
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    server = NatsServer(
        tmp_path_factory.mktemp("guarded"), config='authorization { user: "engine", password: "s3cr:t/@" }'
    )
    yield server
    server.stop()


def test_a_password_signs_in_and_is_never_shown(guarded: NatsServer) -> None:
    factory = Factory({"NATS_URL": f"nats://engine:s3cr%3At%2F%40@127.0.0.1:{guarded.port}"})
    recorder = factory.application_recorder()
    assert recorder.insert_events([an_event("a")]) == [1]
    with factory.pool.lend() as connection:
        shown = f"{factory.pool!r} {connection!r} {connection.address!r} {connection.address}"
    assert "s3cr" not in shown
    assert "engine" not in shown
    factory.close()


def test_a_wrong_password_is_said_to_be_one(guarded: NatsServer) -> None:
    factory = Factory({"NATS_URL": f"nats://engine:guessed@127.0.0.1:{guarded.port}"})
    with pytest.raises(Misconfigured, match="Check NATS_URL") as refused:
        factory.application_recorder()
    assert "guessed" not in str(refused.value)
    factory.close()


def test_a_token_signs_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = NatsServer(tmp_path_factory.mktemp("token"), config='authorization { token: "t0ken" }')
    try:
        factory = Factory({"NATS_URL": f"nats://t0ken@127.0.0.1:{server.port}"})
        assert factory.application_recorder().insert_events([an_event("a")]) == [1]
        factory.close()
    finally:
        server.stop()


def test_what_is_no_nats_server_is_said_to_be_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(Misconfigured, match="not configured"):
        Factory({})
    with pytest.raises(LogUnavailable):
        LogReader("nats://127.0.0.1:1", "Tzurot", deadline_s=0.1).state()


def test_an_encrypted_connection_checks_the_servers_certificate(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path_factory.mktemp("tls")
    certificate, key = self_signed_certificate(directory)
    server = NatsServer(directory, config=f'tls {{ cert_file: "{certificate}", key_file: "{key}" }}')
    url = f"tls://localhost:{server.port}"
    try:
        with pytest.raises(Misconfigured, match="cannot be trusted"):
            Factory({"NATS_URL": url}).application_recorder()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        factory = Factory({"NATS_URL": url})
        recorder = factory.application_recorder()
        assert recorder.insert_events([an_event("a"), an_event("a", 2, b"x" * 100_000)]) == [1, 2]
        assert len(recorder.select_events("a")[1].state) == 100_000
        factory.close()
    finally:
        server.stop()


def self_signed_certificate(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = directory / "cert.pem", directory / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file
