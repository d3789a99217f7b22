"""Requests of a connection at once: more while a service answers quickly, fewer when it is under strain."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.lanes import START, Lanes
from connectors.protocol import Read, Reading
from connectors.sandbox.server import Request
from jira_kit import Bench, open_bench
from source_contract import INSTANTS


class Clock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def answered(lanes: Lanes, clock: Clock, *seconds: float, failed: bool = False) -> None:
    """One request after the other, which take so long."""
    for each in seconds:
        clock.now += 0.001
        with lanes.request() as strained:
            clock.now += each
            if failed:
                strained()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("most", "counts"), [(1, [1, 1, 1]), (5, [5, 5, 5]), (20, [8, 16, 20]), (32, [8, 16, 32])], ids=str
)
def test_each_round_doubles_the_lanes_up_to_the_most(clock: Clock, most: int, counts: list[int]) -> None:
    lanes = Lanes(most, clock)
    found = []
    for _ in counts:
        found.append(lanes.count)
        answered(lanes, clock, *[0.1] * lanes.count)
    assert found == counts


def test_after_a_limit_each_round_adds_one(clock: Clock) -> None:
    lanes = Lanes(32, clock)
    answered(lanes, clock, *[0.1] * START)
    answered(lanes, clock, 0.1, failed=True)
    assert lanes.count == 8
    answered(lanes, clock, *[0.1] * 8)
    answered(lanes, clock, *[0.1] * 9)
    assert lanes.count == 10


def test_a_service_that_fails_again_and_again_is_asked_by_one_request_at_a_time(clock: Clock) -> None:
    lanes = Lanes(32, clock)
    answered(lanes, clock, *[0.1] * 6, failed=True)
    assert lanes.count == 1
    answered(lanes, clock, 0.1)
    assert lanes.count == 2


def test_requests_that_were_under_way_at_a_limit_count_once(clock: Clock) -> None:
    lanes = Lanes(8, clock)
    clock.now = 1.0
    with ExitStack() as under_way:
        for strained in [under_way.enter_context(lanes.request()) for _ in range(8)]:
            strained()
        clock.now = 2.0
    assert lanes.count == 4


def test_two_slow_rounds_halve_the_lanes_but_not_below_the_start(clock: Clock) -> None:
    lanes = Lanes(32, clock)
    answered(lanes, clock, *[0.1] * (8 + 16))
    assert lanes.count == 32
    answered(lanes, clock, *[0.5] * 64)
    assert lanes.count == 16
    answered(lanes, clock, *[0.5] * (32 + 16))
    assert lanes.count == START


def test_one_slow_round_leaves_the_lanes(clock: Clock) -> None:
    lanes = Lanes(32, clock)
    answered(lanes, clock, *[0.1] * (8 + 16), *[0.5] * 32, *[0.1] * 32, *[0.5] * 32)
    assert lanes.count == 32


def test_a_few_slow_answers_in_a_round_do_not_count(clock: Clock) -> None:
    lanes = Lanes(32, clock)
    answered(lanes, clock, *[0.1] * 8, *([2.0] * 7 + [0.1] * 9) * 3)
    assert lanes.count == 32


def test_a_few_quick_answers_in_a_round_do_not_make_the_others_slow(clock: Clock) -> None:
    lanes = Lanes(32, clock)
    answered(lanes, clock, *[0.01] * 4, *[0.1] * 4, *[0.15] * (16 + 32))
    assert lanes.count == 32


def test_slow_answers_of_requests_that_were_under_way_at_a_decrease_do_not_count(clock: Clock) -> None:
    lanes = Lanes(32, clock)
    answered(lanes, clock, *[0.1] * (8 + 16))
    with ExitStack() as second:
        with ExitStack() as first:
            for _ in range(16):
                first.enter_context(lanes.request())
            clock.now += 1.0
            for _ in range(16):
                second.enter_context(lanes.request())
        answered(lanes, clock, *[1.0] * (16 + 32))
        assert lanes.count == 16
    answered(lanes, clock, *[0.1] * 16)
    assert lanes.count == 17


def test_no_more_requests_than_lanes(clock: Clock) -> None:
    lanes = Lanes(2, clock)
    inside, gate = threading.Semaphore(0), threading.Event()

    def ask() -> None:
        with lanes.request():
            inside.release()
            gate.wait(10)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert inside.acquire(timeout=10)
    assert inside.acquire(timeout=10)
    assert not inside.acquire(blocking=False)
    gate.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    monkeypatch.setenv("JIRA_TOKEN", "sandbox-token")
    with open_bench(tmp_path) as made:
        yield made


def test_jira_is_asked_by_more_requests_at_once_while_it_answers(bench: Bench) -> None:
    """From the ninth request on, no answer comes before twelve requests are under way."""
    crowd, lock, seen = threading.Barrier(12, timeout=20), threading.Lock(), [0]

    def hold(_: Request) -> None:
        with lock:
            seen[0] += 1
            is_held = START < seen[0] <= START + 12
        if is_held:
            crowd.wait()

    bench.box.hooks["jira"] = hold
    query = {"jql": "project = CORE"}
    reads = [Read(f"r{n}", "issues", query, (), count_only=True, instants=INSTANTS) for n in range(START + 12)]
    answers = bench.read(*reads)
    assert all(isinstance(answer, Reading) for answer in answers)
    assert not crowd.broken
