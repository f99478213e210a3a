"""NATS_URL is read and never shown; names become subjects and come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Misconfigured
from engine.log.addresses import Address, parse_addresses
from engine.log.subjects import escape, stream_name, unescape


def test_a_url_without_scheme_or_port_is_a_server_of_the_usual_port() -> None:
    assert parse_addresses("localhost") == (Address("localhost", 4222),)


def test_several_servers_share_the_firsts_sign_in() -> None:
    first, second = parse_addresses("tls://user:p%40ss@one:1, tls://two:2")
    assert first == Address("one", 1, is_tls=True, user="user", password="p@ss")
    assert second == Address("two", 2, is_tls=True, user="user", password="p@ss")
    assert second.credentials() == {"user": "user", "pass": "p@ss"}


def test_a_user_without_password_is_a_token() -> None:
    assert parse_addresses("nats://t0ken@host")[0].credentials() == {"auth_token": "t0ken"}


def test_addresses_show_no_secret() -> None:
    shown = "".join(f"{each} {each!r}" for each in parse_addresses("nats://user:s3cret@one,nats://t0ken@two"))
    assert "s3cret" not in shown
    assert "t0ken" not in shown
    assert "user" not in shown.replace("user=", "")


@pytest.mark.parametrize("url", ["", " , ", "ws://host:1", "nats://user:s3cret@host:port", "nats://"])
def test_a_url_that_cannot_be_read_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(Misconfigured, match="NATS_URL") as refused:
        parse_addresses(url)
    assert "s3cret" not in str(refused.value)


@given(st.text(min_size=1))
def test_names_are_escaped_reversibly_into_one_token(name: str) -> None:
    token = escape(name)
    assert unescape(token) == name
    assert not set(token) & set(". *>/\\\t\r\n")


def test_plain_names_stay_as_they_are() -> None:
    assert stream_name("Tzurot") == "Tzurot"
    assert stream_name("") == "Application"
