"""A workspace of a fleet connects to public addresses and to those that are listed, whatever a name resolves to."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from config.notify import Mail, Webhook
from config.reach import Reach, parse_network
from config.secrets import Secret
from connectors.bounded_httpx import BoundedTransport
from connectors.bounded_requests import BoundedAdapter, BoundedSession, EndedRequestError
from connectors.bounds import NOTICES, EndedError
from connectors.http import Policy
from connectors.messages import Message
from connectors.notify import send

SECONDS = 1.0
PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not Reach().allows("host.example", address)
    assert Reach(("host.example",)).allows("HOST.example.", address)
    assert not Reach(("other.example", "198.51.100.0/24")).allows("host.example", address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_addresses_that_are_public(address: str) -> None:
    assert Reach().allows("host.example", address)


def test_listed_networks() -> None:
    reach = Reach(("10.0.0.0/8", "fd00::/8", "192.168.1.7"))
    assert [reach.allows("h", one) for one in ("10.9.9.9", "fd00::9", "192.168.1.7", "::ffff:10.1.1.1")] == [True] * 4
    assert [reach.allows("h", one) for one in ("11.0.0.1", "127.0.0.1", "192.168.1.8", "fc00::1")] == [
        *(True, False, False, False),
    ]


@pytest.mark.parametrize(
    "text", ["", "https://jira.internal", "jira.internal:443", "*.internal", "10.0.0.0/99", "1.2.3"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an address; write 10.0.0.0/8"):
        parse_network(text)


def by_requests(url: str, reach: Reach | None) -> None:
    session = BoundedSession(BoundedAdapter(lambda: SECONDS, NOTICES.within(reach)))
    try:
        session.get(url)
    finally:
        session.close()


def by_httpx(url: str, reach: Reach | None) -> None:
    with httpx.Client(transport=BoundedTransport(url, lambda: SECONDS, NOTICES.within(reach))) as client:
        client.get(url)


WAYS: list[Callable[[str, Reach | None], None]] = [by_requests, by_httpx]


class Listener:
    """A socket on loopback, on which nothing may arrive."""

    def __init__(self, server: socket.socket) -> None:
        self.port = server.getsockname()[1]
        self._server = server

    @property
    def was_connected_to(self) -> bool:
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@contextmanager
def listening() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield Listener(server)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Names that a test makes up, each with the answers of one look-up after the other."""
    made: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *given: Any, **more: Any) -> Any:
        if host not in made:
            return real(host, port, *given, **more)
        answers = made[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return made


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses to which a connection is tried; all refuse it."""
    addresses: list[str] = []

    def connect(_: socket.socket, address: Any) -> None:
        addresses.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return addresses


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "team.example"])
def test_nothing_is_sent_to_this_machine(
    listener: Listener, names: dict[str, list[list[str]]], way: Callable[[str, Reach | None], None], host: str
) -> None:
    names["team.example"] = [["127.0.0.1"]]
    with pytest.raises((EndedRequestError, EndedError), match=r"127\.0\.0\.1(, which)? is not (a )?public"):
        way(f"http://{host}:{listener.port}/", Reach())
    assert not listener.was_connected_to
    with pytest.raises((EndedRequestError, EndedError, OSError, httpx.HTTPError)) as caught:
        way(f"https://{host}:{listener.port}/", Reach((host,)))
    assert listener.was_connected_to, caught.value


@pytest.mark.parametrize("way", WAYS)
def test_a_name_that_is_public_once_and_private_then(
    names: dict[str, list[list[str]]], tried: list[str], way: Callable[[str, Reach | None], None]
) -> None:
    names["team.example"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises((OSError, httpx.HTTPError)):
        way("https://team.example/", Reach())
    assert tried == [PUBLIC]
    with pytest.raises((EndedRequestError, EndedError), match="not public"):
        way("https://team.example/", Reach())
    assert tried == [PUBLIC]


@pytest.mark.parametrize("way", WAYS)
def test_of_several_addresses_only_public_ones_are_tried(
    names: dict[str, list[list[str]]], tried: list[str], way: Callable[[str, Reach | None], None]
) -> None:
    names["team.example"] = [["10.0.0.1", PUBLIC, "127.0.0.1"]]
    with pytest.raises((OSError, httpx.HTTPError)):
        way("https://team.example/", Reach())
    assert tried == [PUBLIC]


@pytest.mark.parametrize("way", WAYS)
def test_behind_a_proxy_the_target_counts(
    listener: Listener,
    names: dict[str, list[list[str]]],
    way: Callable[[str, Reach | None], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.port}")
    names["team.example"] = [["169.254.169.254"]]
    with pytest.raises((EndedRequestError, EndedError), match=r"169\.254\.169\.254, which is not public"):
        way("https://team.example/", Reach())
    assert not listener.was_connected_to


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_messages_reach_no_private_address(listener: Listener, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_ROOM", f"http://{host}:{listener.port}/hook")
    room = Webhook(type="discord", url=Secret("$TEAM_ROOM")).within(Reach())
    mail = Mail(type="mail", host=host, port=listener.port, sender="a@example.com", to=("b@example.com",)).within(
        Reach()
    )
    for recipient in (room, mail):
        failure = send(Message("t", ("b",)), recipient, Policy(message_seconds=5))
        assert failure is not None
        assert "is not a public address" in failure.why or "127.0.0.1, which is not public" in failure.why
        assert not failure.uncertain
    assert not listener.was_connected_to
