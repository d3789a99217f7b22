"""Whatever a server answers, a request ends in bounded time and memory, and says what came until then."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bounds_kit import READS, Bench, bench, message
from config.errors import TransientSourceError
from config.notify import Mail
from connectors.bounded_httpx import BoundedTransport
from connectors.bounded_requests import BoundedAdapter, BoundedSession, EndedRequestError
from connectors.bounds import NOTICES, SlowAnswerError
from connectors.http import Policy, UnreachableError
from connectors.messages import Message
from connectors.notify import send
from hostile_kit import FLOODS, SLOW, hostile

SECONDS = 0.5
LATE = 5.0
"""When a request is certainly over; a server of these tests would go on for longer."""
MESSAGES = ("slack", "line")
LARGE = {
    "100 Continue": "larger than 1 MiB",
    "headers": "larger than 1 MiB",
    "body": "larger than",
    "chunks": "larger than",
    "length": "larger than",
    "bomb": "unpacks to more than",
    "bomb in a bomb": "unpacks to more than",
    "values": "values",
}
OWN_LARGE = {**LARGE, "headers": "larger than 100 KiB"}
"""Of our own requests, whose headers h11 takes up to there."""
TOKENS = ("Google tokens", "access tokens", "Microsoft tokens")
OWN = ("http", "access tokens", "GitLab", "Microsoft Graph", "Microsoft tokens", "Prometheus")
MOST_MEBIBYTES = 300
"""What the largest answer that is taken may add to the memory of a process: its pieces, whole, and as text."""


@pytest.fixture
def services(tmp_path: Path, pem: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with bench(tmp_path, pem, monkeypatch.setenv) as made:
        yield made


@pytest.mark.parametrize("service", READS)
@pytest.mark.parametrize("attack", SLOW)
def test_a_slow_answer_ends_at_the_deadline(services: Bench, service: str, attack: str) -> None:
    with hostile(SLOW[attack], slow=True) as url:
        began = time.monotonic()
        error = services.read(service, url, Policy(tries=1), timeout=SECONDS)
        assert time.monotonic() - began < LATE
    assert isinstance(error, UnreachableError) or service in TOKENS  # whose tries are used up
    assert f"no complete answer within {SECONDS} s" in error.saw
    assert ("nothing was received" if attack == "nothing" else "bytes received") in error.saw
    assert "'mine'" in error.doing
    assert error.effect == "Its key results were left as they were."
    assert "connections.mine.timeout" in error.advice


@pytest.mark.parametrize("service", READS)
@pytest.mark.parametrize("attack", FLOODS)
def test_a_flood_ends_and_is_not_asked_for_again(services: Bench, service: str, attack: str) -> None:
    policy = Policy(tries=3, sleep=lambda _: None)
    with hostile(FLOODS[attack], slow=False) as url:
        error = services.read(service, url, policy, timeout=10)
    assert "left as they were" in error.effect
    if attack in LARGE:
        assert (OWN_LARGE if service in OWN else LARGE)[attack] in error.saw
        assert not isinstance(error, TransientSourceError)
        assert "Ask for less" in error.advice


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize("attack", SLOW)
def test_a_message_costs_its_seconds_and_no_more(kind: str, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile(SLOW[attack], slow=True) as url:
        began = time.monotonic()
        why = message(kind, url, Policy(message_seconds=SECONDS), monkeypatch.setenv)
        assert time.monotonic() - began < LATE
    assert f"no complete answer within {SECONDS} s" in why


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize("attack", FLOODS)
def test_a_flood_in_answer_to_a_message(kind: str, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile(FLOODS[attack], slow=False) as url:
        why = message(kind, url, Policy(), monkeypatch.setenv)
    assert why
    if attack in LARGE:
        assert OWN_LARGE[attack] in why
        assert attack in ("headers", "values") or "1 MiB" in why


def test_a_message_costs_ten_seconds_at_most() -> None:
    assert Policy().message_seconds == 10


@pytest.mark.parametrize("reply", [b"", b"220-", b"220-wait\r\n"])
def test_a_slow_post_office(reply: bytes) -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connection, _ = server.accept()
            with connection:
                while not over.wait(0.02):
                    try:
                        connection.sendall(reply)
                    except OSError:
                        return

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        mail = Mail(type="mail", host="127.0.0.1", port=server.getsockname()[1], sender="a@b.c", to=("d@e.f",))
        began = time.monotonic()
        failure = send(Message("t"), mail, Policy(message_seconds=SECONDS))
        assert time.monotonic() - began < LATE
        over.set()
        thread.join()
    assert failure is not None
    assert f"no complete answer within {SECONDS} s" in failure.why


def test_a_request_that_is_never_read() -> None:
    """The server reads nothing, and the request is larger than what sockets hold."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = BoundedSession(BoundedAdapter(lambda: SECONDS, NOTICES))
        with pytest.raises(EndedRequestError, match="nothing was received"):
            session.post(f"http://127.0.0.1:{server.getsockname()[1]}", data=b"x" * 50_000_000)
        session.close()


def test_our_own_request_that_is_never_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with (
            httpx.Client(transport=BoundedTransport(url, lambda: SECONDS, NOTICES)) as client,
            pytest.raises(SlowAnswerError, match="nothing was received"),
        ):
            client.post(url, content=b"x" * 50_000_000)


@pytest.mark.parametrize("service", ["http", "Jira Data Center"])
@pytest.mark.parametrize("attack", ["nothing", "status line", "headers", "header lines"])
def test_a_slow_proxy(services: Bench, service: str, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer to CONNECT counts as well."""
    with hostile(SLOW[attack], slow=True) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        began = time.monotonic()
        error = services.read(service, "https://shop.example", Policy(tries=1), timeout=SECONDS)
        assert time.monotonic() - began < LATE
    assert isinstance(error, UnreachableError)


def test_the_memory_of_floods(tmp_path: Path) -> None:
    """The largest ones, in a process of their own."""
    driver = Path(__file__).with_name("bounds_driver.py")
    paths = {"PYTHONPATH": f"{driver.parent}:{driver.parent.parent}"}
    done = subprocess.run(
        [sys.executable, driver, tmp_path], capture_output=True, text=True, check=False, env={**os.environ, **paths}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < MOST_MEBIBYTES
