import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import AuthError, SourceError, TransientSourceError
from config.time_models import Limits
from connectors.http import Policy, RetryPolicy, UnreachableError, UntrustedError, retry_after_seconds
from connectors.policy import retry_limits
from connectors.quota import Quota

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


class Clock:
    """Time that passes only where somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Service:
    """Answers what it was told to, one after another; the last again and again."""

    def __init__(self, clock: Clock, answers: Sequence[Exception | str], seconds: float = 0.0) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.seconds = seconds
        self.at: list[float] = []

    def __call__(self) -> str:
        self.at.append(self.clock.now)
        self.clock.now += self.seconds
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def retries(clock: Clock, **stated: object) -> RetryPolicy:
    return RetryPolicy(Policy(sleep=clock.sleep, clock=clock, **stated))  # type: ignore[arg-type]


def busy(seconds: float | None = None) -> TransientSourceError:
    return TransientSourceError("reading", "HTTP 503", effect="e", advice="a", retry_after_seconds=seconds)


def lost() -> UnreachableError:
    return UnreachableError("reading x", "ConnectionError", effect="e", advice="Check the network.")


def failure(policy: RetryPolicy, send: Callable[[], str], doing: str = "reading y") -> SourceError:
    with pytest.raises(SourceError) as caught:
        policy.call(send, doing)
    return caught.value


def test_a_fault_that_passes_is_tried_again() -> None:
    clock = Clock()
    service = Service(clock, [busy(), busy(), "fine"])
    assert retries(clock).call(service) == "fine"
    assert len(service.at) == 3
    assert len(clock.slept) == 2


@pytest.mark.parametrize("error", [SourceError("a", "b"), AuthError("a", "b"), UntrustedError("a", "b")])
def test_a_final_fault_is_not(error: SourceError) -> None:
    clock = Clock()
    service = Service(clock, [error])
    assert failure(retries(clock), service) is error
    assert len(service.at) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("a defect")])
def test_what_is_no_fault_of_a_service_is_raised_at_once(error: BaseException) -> None:
    clock = Clock()
    policy = retries(clock, circuit_failures=1)

    def send() -> str:
        clock.now += 1
        raise error

    with pytest.raises(type(error)) as caught:
        policy.call(send)
    assert caught.value is error
    assert clock.now == 1001
    assert policy.call(Service(clock, ["fine"])) == "fine"


@given(st.integers(1, 8), st.floats(0.01, 5), st.floats(0.01, 30), st.floats(0, 200))
def test_tries_waits_and_budget_bound_every_call(tries: int, first: float, longest: float, budget: float) -> None:
    clock = Clock()
    service = Service(clock, [busy()])
    policy = retries(clock, tries=tries, first_wait_seconds=first, longest_wait_seconds=longest, budget_seconds=budget)
    for _ in range(4):
        failure(policy, service)
    assert 4 <= len(service.at) <= 4 * tries
    assert sum(clock.slept) <= budget + 1e-6
    assert all(seconds <= longest for seconds in clock.slept)


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=6))
def test_nobody_is_asked_before_the_instant_he_named(asked: list[float | None]) -> None:
    clock = Clock()
    service = Service(clock, [*(busy(seconds) for seconds in asked), "fine"])
    policy = retries(clock, tries=9, budget_seconds=1e9)
    assert policy.call(service) == "fine"
    for sent, seconds, again in zip(service.at, asked, service.at[1:], strict=False):
        assert seconds is None or again >= sent + max(seconds, 1.0) - 1e-6


@pytest.mark.parametrize(("asked", "slept"), [(7.0, 7.0), (0.0, 1.0), (60.0, 60.0)])
def test_what_the_service_asks_for_is_waited(asked: float, slept: float) -> None:
    clock = Clock()
    assert retries(clock).call(Service(clock, [busy(asked), "fine"])) == "fine"
    assert clock.slept == [slept]


def test_a_wait_beyond_the_budget_is_refused_and_ends_the_connection() -> None:
    clock = Clock()
    policy = retries(clock)
    error = failure(policy, Service(clock, [busy(3600)]))
    assert isinstance(error, TransientSourceError)
    assert error.saw == "HTTP 503; it asks to wait 3600 s, and a run waits 60 s at most"
    assert error.saw in repr(error)
    unasked = Service(clock, ["fine"])
    after = failure(policy, unasked, "counting")
    assert str(after) == ("counting: not sent: HTTP 503; it asks to wait 3600 s, and a run waits 60 s at most. e\na")
    assert not isinstance(after, TransientSourceError)
    assert unasked.at == []
    assert clock.slept == []


def test_waits_add_up_to_the_budget() -> None:
    clock = Clock()
    policy = retries(clock)
    assert policy.call(Service(clock, [busy(40), "fine"])) == "fine"
    error = failure(policy, Service(clock, [busy(40)]))
    assert error.saw.endswith("it asks to wait 40 s, and a run waits 60 s at most, of which 40 s are used")
    assert clock.slept == [40]


def test_a_lane_that_comes_later_waits_for_the_same_instant() -> None:
    clock = Clock()
    others: list[Service] = []

    def sleep(seconds: float) -> None:
        """While the first lane sleeps, another one comes."""
        if not others:
            others.append(Service(clock, ["fine"]))
            lane = threading.Thread(target=lambda: policy.call(others[0]))
            lane.start()
            lane.join()
        clock.sleep(max(1030.0 - clock.now, 0.0) if seconds == 30.0 else seconds)

    policy = RetryPolicy(Policy(sleep=sleep, clock=clock, budget_seconds=40))
    first = Service(clock, [busy(30), "fine"])
    assert policy.call(first) == "fine"
    assert first.at == [1000.0, 1030.0]
    assert others[0].at == [1030.0]
    assert policy.call(Service(clock, [busy(10), "fine"])) == "fine"


def test_lanes_that_wait_side_by_side_count_once() -> None:
    clock = Clock()
    lanes = 8
    gate = threading.Barrier(lanes)
    answers: list[str] = []

    def sleep(seconds: float) -> None:
        gate.wait(5)
        clock.now = max(clock.now, 1000.0 + seconds)
        gate.wait(5)

    def lane() -> None:
        service = Service(clock, [busy(30), "fine"])

        def send() -> str:
            if not service.at:
                gate.wait(5)
            return service()

        answers.append(policy.call(send))

    policy = RetryPolicy(Policy(sleep=sleep, clock=clock, budget_seconds=35))
    threads = [threading.Thread(target=lane) for _ in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["fine"] * lanes


def test_an_instant_that_was_slept_until_has_come() -> None:
    """Whatever the clock says: a clock that stands still must not make a wait begin again and again."""
    slept: list[float] = []
    policy = RetryPolicy(Policy(sleep=slept.append, clock=lambda: 1000.0, budget_seconds=50))
    assert policy.call(Service(Clock(), [busy(30), "fine"])) == "fine"
    assert policy.call(Service(Clock(), ["fine"])) == "fine"
    assert slept == [30.0]
    assert "30 s are used" in failure(policy, Service(Clock(), [busy(30)])).saw


def test_a_lane_that_gives_up_still_tells_the_others() -> None:
    clock = Clock()
    policy = retries(clock, tries=1)
    failure(policy, Service(clock, [busy(12)]))
    assert clock.slept == []
    service = Service(clock, ["fine"])
    assert policy.call(service) == "fine"
    assert service.at == [1012.0]


def test_those_who_share_a_quota_wait_together_and_fail_apart() -> None:
    """A source and the OKR sheet of one Google account: what either is told holds for both, a broken sheet does not."""
    clock, quota = Clock(), Quota()
    policy = Policy(sleep=clock.sleep, clock=clock)
    source, sheet = RetryPolicy(policy, quota), RetryPolicy(policy, quota)
    failure(source, Service(clock, [lost()]))
    assert "gave up" in failure(source, Service(clock, ["fine"])).saw
    assert sheet.call(Service(clock, ["fine"])) == "fine"
    other = RetryPolicy(policy, quota)
    with pytest.raises(SourceError):
        RetryPolicy(Policy(sleep=clock.sleep, clock=clock, tries=1), quota).call(Service(clock, [busy(12)]))
    output, service = clock.now, Service(clock, ["fine"])
    assert other.call(service) == "fine"
    assert service.at == [output + 12]
    failure(other, Service(clock, [busy(3600)]))
    assert "it asks to wait 3600 s" in failure(sheet, Service(clock, ["fine"])).saw


def test_the_circuit_opens_after_requests_in_a_row_without_an_answer() -> None:
    clock = Clock()
    policy = retries(clock)
    down = Service(clock, [lost()])
    assert isinstance(failure(policy, down), UnreachableError)
    assert len(down.at) == 5
    later = failure(policy, down, "counting")
    assert len(down.at) == 5
    assert str(later) == (
        "counting: not sent: gave up: 5 requests in a row had no answer (ConnectionError). e\nCheck the network."
    )


def test_any_answer_closes_the_count() -> None:
    clock = Clock()
    policy = retries(clock, tries=1)
    for _ in range(6):
        for _ in range(4):
            failure(policy, Service(clock, [lost()]))
        failure(policy, Service(clock, [SourceError("reading", "HTTP 400")]))
    assert policy.call(Service(clock, ["fine"])) == "fine"


def test_answers_that_are_errors_never_open_the_circuit() -> None:
    clock = Clock()
    policy = retries(clock, tries=9, budget_seconds=1e9)
    failure(policy, Service(clock, [busy()]))
    assert policy.call(Service(clock, ["fine"])) == "fine"


def test_a_wrong_certificate_opens_the_circuit_without_a_wait() -> None:
    clock = Clock()
    policy = retries(clock)
    strange = Service(clock, [UntrustedError("reading", "SSLError", effect="e", advice="a")])
    for _ in range(9):
        failure(policy, strange)
    assert len(strange.at) == 5
    assert clock.slept == []


def test_a_blip_of_all_lanes_is_survived() -> None:
    """Eight requests are reset at once: more than the circuit's number, but every one is answered the second time."""
    clock = Clock()
    policy = retries(clock)
    gate = threading.Barrier(8)
    answers: list[str] = []

    def lane() -> None:
        tried: list[bool] = []

        def send() -> str:
            if not tried:
                tried.append(True)
                gate.wait(5)
                raise lost()
            return "fine"

        answers.append(policy.call(send))

    threads = [threading.Thread(target=lane) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["fine"] * 8


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ({"connection_seconds": 100}, "the connection's time (100 s) is used up"),
        ({"run_seconds": 100}, "the run's time (100 s) is used up"),
    ],
)
def test_no_request_is_sent_when_time_is_up(stated: dict[str, float], text: str) -> None:
    key = next(iter(stated)).removesuffix("_seconds")
    clock = Clock()
    policy = retries(clock, **stated)
    slow = Service(clock, ["fine"], seconds=60)
    assert policy.left_seconds() == 100
    assert policy.call(slow) == "fine"
    assert policy.left_seconds() == 40
    assert policy.call(slow) == "fine"
    assert policy.left_seconds() == 0
    error = failure(policy, slow, "counting")
    assert str(error) == (
        f"counting: not sent: {text}. Its key results were left as they were.\n"
        f"Run again later, or raise `limits.{key}`."
    )
    assert len(slow.at) == 2


@pytest.mark.parametrize(("timeout", "sent", "over"), [(30.0, 2, 60.0), (25.0, 3, 60.0), (300.0, 1, 300.0)])
def test_a_silent_connection_ends_after_a_minute(timeout: float, sent: int, over: float) -> None:
    """Or after the time-out of one request, if that is longer; each request gets what is left."""
    clock = Clock()
    policy = RetryPolicy(Policy(sleep=clock.sleep, clock=clock), timeout=timeout)
    asked: list[float] = []

    def send() -> str:
        asked.append(policy.request_seconds())
        clock.now += asked[-1]
        raise lost()

    assert isinstance(failure(policy, send), UnreachableError)
    assert len(asked) == sent
    assert clock.now == pytest.approx(1000 + over)
    later = failure(policy, send, "counting")
    assert f"not sent: gave up: no complete answer for {over:g} s" in later.saw
    assert len(asked) == sent


def test_any_answer_and_any_requested_wait_restart_the_silence() -> None:
    clock = Clock()
    policy = retries(clock)
    clock.now += 500
    assert policy.request_seconds() == 30
    assert policy.call(Service(clock, [busy(), "fine"], seconds=25)) == "fine"
    assert policy.request_seconds() == 30
    assert policy.call(Service(clock, [busy(55), "fine"])) == "fine"
    assert policy.request_seconds() == 30
    failure(RetryPolicy(Policy(sleep=clock.sleep, clock=clock, tries=2)), Service(clock, [lost()], seconds=25))


def test_what_has_to_be_done_now_has_its_own_time() -> None:
    clock, quota = Clock(), Quota()
    policy = RetryPolicy(Policy(sleep=clock.sleep, clock=clock, run_seconds=100, connection_seconds=100), quota)
    clock.now += 200
    assert "is used up" in failure(policy, Service(clock, ["fine"])).saw
    assert policy.restarted().call(Service(clock, ["fine"])) == "fine"
    failure(policy.restarted(), Service(clock, [busy(3600)]))
    assert "it asks to wait 3600 s" in failure(policy.restarted(), Service(clock, ["fine"])).saw


def test_the_longest_wait_is_the_one_named() -> None:
    clock, quota = Clock(), Quota()
    lanes = [RetryPolicy(Policy(sleep=clock.sleep, clock=clock), quota) for _ in range(3)]
    gate = threading.Barrier(3)

    def send(seconds: float) -> str:
        gate.wait(5)
        raise busy(seconds)

    threads = [
        threading.Thread(target=failure, args=(lane, lambda seconds=seconds: send(seconds)))
        for lane, seconds in zip(lanes, (900, 86_400, 3600), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "it asks to wait 86400 s" in failure(lanes[0], Service(clock, ["fine"])).saw


def test_a_connection_has_no_deadline_while_others_are_asked() -> None:
    """The OKR sheet's account reads sources first, then waits for slower trackers: that is not its own time."""
    clock = Clock()
    policy = retries(clock, connection_seconds=100)
    assert policy.call(Service(clock, ["fine"], seconds=60)) == "fine"
    clock.now += 500
    assert policy.left_seconds() == 40
    assert policy.call(Service(clock, ["fine"], seconds=30)) == "fine"
    assert policy.left_seconds() == 10


def test_the_deadlines_of_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits.model_validate({"connection": "5m", "run": "15m", "wait": "90s"})
    policy = retry_limits(limits)
    assert (policy.connection_seconds, policy.run_seconds, policy.budget_seconds) == (300, 900, 90)
    monkeypatch.setattr("connectors.retry.RetryPolicy._now", lambda _self: policy.began + 901)
    assert RetryPolicy(policy).left_seconds() == 0


def test_the_run_begins_before_its_connections() -> None:
    clock = Clock()
    policy = Policy(sleep=clock.sleep, clock=clock, run_seconds=100, connection_seconds=80)
    clock.now += 50
    late = RetryPolicy(policy)
    assert late.left_seconds() == 50
    assert RetryPolicy(Policy(clock=clock, began=0.0)).left_seconds() == 1800 - 1050


def test_no_wait_begins_that_ends_after_the_deadline() -> None:
    clock = Clock()
    policy = retries(clock, run_seconds=20)
    error = failure(policy, Service(clock, [busy(30)]))
    assert error.saw.endswith("it asks to wait 30 s, and the run's time (20 s) ends before")
    assert clock.slept == []


def test_after_an_end_every_request_fails_alike() -> None:
    clock = Clock()
    policy = retries(clock)
    policy.end(AuthError("signing in", "HTTP 401", effect="e", advice="a"))
    policy.end(SourceError("later", "something else"))
    error = failure(policy, Service(clock, ["fine"]), "counting")
    assert isinstance(error, AuthError)
    assert str(error) == "counting: not sent: HTTP 401. e\na"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        (" 0 ", 0.0),
        ("-3", 0.0),
        ("99999999999", 99999999999.0),
        ("inf", None),
        ("nan", None),
        ("1e999", None),
        ("soon", None),
        ("", None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=9), usegmt=True), 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after_seconds({"Retry-After": text}, NOW) == seconds
    assert retry_after_seconds({"retry-after": text}, NOW) == seconds


@given(st.text(max_size=40))
def test_retry_after_of_any_text_is_a_wait_or_nothing(text: str) -> None:
    found = retry_after_seconds({"Retry-After": text}, NOW)
    assert found is None or 0 <= found < float("inf")


def test_a_good_answer_may_ask_to_wait_before_the_next_request() -> None:
    clock = Clock()
    policy, service = retries(clock, budget_seconds=50), Service(clock, ["fine"])
    policy.call(service)
    policy.hold(20, "reading x", "")
    policy.hold(5, "reading x", "")  # shortens nothing, and costs nothing more
    policy.call(service)
    assert service.at == [1000, 1020]
    policy.hold(40, "reading x", "")
    error = failure(policy, service)
    assert str(error.saw) == (
        "not sent: an answer asks to wait 40 s, and a run waits 50 s at most, of which 20 s are used"
    )
    assert error.advice == "Run again later, or raise `limits.wait`."
    assert len(service.at) == 2


def test_a_good_answer_may_not_ask_for_more_time_than_is_left() -> None:
    clock = Clock()
    policy, service = retries(clock, connection_seconds=30, budget_seconds=100), Service(clock, ["fine"])
    policy.hold(31, "reading x", "")
    assert "the connection's time (30 s) ends before" in failure(policy, service).saw
    assert clock.slept == []
