"""Before a request is sent: looking up a name, and TLS inside the TLS of a proxy, end at the deadline as well."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.bounded_httpx import BoundedTransport
from connectors.bounded_requests import BoundedAdapter, BoundedSession, EndedRequestError
from connectors.bounds import NOTICES, EndedError
from tls_kit import certificates, relaying

SECONDS = 0.3
LATE = 3.0


def by_requests(url: str) -> None:
    session = BoundedSession(BoundedAdapter(lambda: SECONDS, NOTICES))
    try:
        session.get(url)
    finally:
        session.close()


def by_httpx(url: str) -> None:
    with httpx.Client(transport=BoundedTransport(url, lambda: SECONDS, NOTICES)) as client:
        client.get(url)


WAYS: list[Callable[[str], None]] = [by_requests, by_httpx]


def lookups() -> int:
    return sum(thread.name == "okrsync-lookup" for thread in threading.enumerate())


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Names are looked up without an answer."""
    over = threading.Event()
    real = socket.getaddrinfo

    def stuck(host: Any, *given: Any, **more: Any) -> Any:
        if host == "nowhere.example":
            over.wait(30)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real(host, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    yield
    over.set()
    for thread in threading.enumerate():
        if thread.name == "okrsync-lookup":
            thread.join()


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("way", WAYS)
def test_a_name_that_is_looked_up_for_ever_ends_at_the_deadline(way: Callable[[str], None]) -> None:
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(
            (EndedRequestError, EndedError), match=r"address of nowhere\.example was not found within 0\.3 s"
        ):
            way("http://nowhere.example/")
    assert time.monotonic() - began < LATE
    assert lookups() == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_name_without_addresses_fails_at_once(way: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Exception, match="Name or service not known"):
        way("http://nowhere.example/")
    assert lookups() == 0


@pytest.mark.parametrize("way", WAYS)
def test_the_next_address_is_tried(way: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    found: list[Any] = []

    def two(host: Any, port: Any, *given: Any, **more: Any) -> Any:
        if host != "two.example":
            found.append(host)
            return real(host, port, *given, **more)
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("127.0.0.2", port)), (*kind, ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=answer, args=(server,), daemon=True)
        answering.start()
        way(f"http://two.example:{server.getsockname()[1]}/")
        answering.join()
    assert found[-2:] == ["127.0.0.2", "127.0.0.1"]


def answer(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        asked = connection.recv(65_536)
        assert b"Host: two.example" in asked
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("record", [b"", b"\x16\x03\x03\x3f\xff"])
def test_tls_inside_the_tls_of_a_proxy_ends_at_the_deadline(
    tmp_path: Path, way: Callable[[str], None], record: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy passes on one byte after the other of a record that never ends, or nothing."""
    over = threading.Event()

    def drip(client: socket.socket, _asked: str) -> None:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        client.recv(65_536)
        client.sendall(record)
        while not over.wait(0.05):
            if record:
                client.sendall(b"\0")

    certificates(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with relaying(tmp_path / "server.pem", drip) as relay:
        monkeypatch.setenv("HTTPS_PROXY", relay.url)
        began = time.monotonic()
        with pytest.raises((EndedRequestError, EndedError), match=r"no complete answer within 0\.3 s"):
            way("https://shop.example/")
        assert time.monotonic() - began < LATE
        over.set()
    assert relay.asked[0][0].startswith("CONNECT shop.example:443")
