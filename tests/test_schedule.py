import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Never
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from config.errors import OkrsyncError
from syncer.schedule.cron import last_time, parse_cron, times
from syncer.schedule.schedule import LONGEST_WAIT_SECONDS, run_schedule, stop_on_signals

TAIPEI = ZoneInfo("Asia/Taipei")
BERLIN = ZoneInfo("Europe/Berlin")


def taipei(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


@dataclass
class World:
    """A clock that only waiting and working move, and a stop once `until` is reached."""

    now: datetime
    until: datetime
    steps: dict[int, timedelta] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    ran: list[datetime] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += self.steps.pop(len(self.waits), timedelta(seconds=seconds))
        assert len(self.waits) < 100_000, "it hangs"
        return self.now >= self.until

    def run(self, cron: str, *, zone: ZoneInfo = TAIPEI, takes: timedelta = timedelta(0), code: int = 0) -> list[str]:
        def job() -> int:
            self.ran.append(self.now)
            self.now += takes
            return code

        assert run_schedule(cron, zone, job, clock=self.clock, wait=self.wait, report=self.printed.append) == 0
        return [f"{ran.astimezone(zone):%d %H:%M}" for ran in self.ran]


def test_a_job_runs_at_its_times_in_the_workspace_zone() -> None:
    world = World(taipei("2026-10-05 08:00"), taipei("2026-10-07 00:00"))
    assert world.run("30 9,18 * * *") == ["05 09:30", "05 18:30", "06 09:30", "06 18:30"]
    assert world.printed[:3] == [
        "next run: 2026-10-05 09:30 Asia/Taipei",
        "run of 2026-10-05 09:30 Asia/Taipei: done",
        "next run: 2026-10-05 18:30 Asia/Taipei",
    ]
    assert world.printed[-1] == "stopped"
    assert max(world.waits) <= LONGEST_WAIT_SECONDS


def test_a_clock_in_another_zone_is_read_as_the_instant_it_is() -> None:
    world = World(datetime(2026, 10, 5, 1, 0, tzinfo=UTC), datetime(2026, 10, 5, 23, 0, tzinfo=UTC))
    assert world.run("30 9 * * *") == ["05 09:30"]


def test_a_start_on_the_very_minute_waits_for_the_next() -> None:
    world = World(taipei("2026-10-05 09:00:00"), taipei("2026-10-06 09:30"))
    assert world.run("0 9 * * *") == ["06 09:00"]


def test_slots_that_pass_while_a_job_runs_are_left_out_and_reported() -> None:
    world = World(taipei("2026-10-05 08:50"), taipei("2026-10-05 10:10"))
    assert world.run("*/15 * * * *", takes=timedelta(minutes=40)) == ["05 09:00", "05 09:45"]
    assert "2 slots passed meanwhile and are left out, the first 2026-10-05 09:15 Asia/Taipei" in world.printed


def test_a_job_that_ends_on_the_next_slot_leaves_it_out() -> None:
    world = World(taipei("2026-10-05 08:50"), taipei("2026-10-05 09:29"))
    assert world.run("*/15 * * * *", takes=timedelta(minutes=15)) == ["05 09:00"]
    assert "1 slot passed meanwhile and is left out, the first 2026-10-05 09:15 Asia/Taipei" in world.printed


def test_one_run_makes_up_for_a_sleeping_machine() -> None:
    world = World(taipei("2026-10-05 08:00"), taipei("2026-10-08 10:00"), steps={3: timedelta(days=2, hours=5)})
    assert world.run("0 9 * * *") == ["07 13:02", "08 09:00"]
    assert "2 slots passed meanwhile and are left out, the first 2026-10-06 09:00 Asia/Taipei" in world.printed


def test_very_many_missed_slots_are_not_all_counted() -> None:
    world = World(taipei("2026-10-05 08:00"), taipei("2027-10-05 10:00"), steps={1: timedelta(days=364)})
    assert len(world.run("0 */2 * * *", takes=timedelta(days=1))) == 1
    assert "1000+ slots passed meanwhile and are left out, the first 2026-10-05 12:00 Asia/Taipei" in world.printed


def test_a_clock_set_back_runs_no_slot_twice() -> None:
    world = World(taipei("2026-10-05 08:59"), taipei("2026-10-06 09:30"), steps={4: timedelta(hours=-5)})
    assert world.run("0 9 * * *") == ["05 09:00", "06 09:00"]


def test_a_clock_set_back_during_a_job_runs_no_slot_twice() -> None:
    world = World(taipei("2026-10-05 08:59"), taipei("2026-10-06 09:30"))
    assert world.run("0 9 * * *", takes=timedelta(hours=-2)) == ["05 09:00", "06 09:00"]


def test_a_clock_that_was_years_ahead_does_not_hang_the_schedule() -> None:
    world = World(taipei("2031-01-01 08:00"), taipei("2026-10-06 00:00"), steps={2: timedelta(0)})
    back = taipei("2026-10-05 08:00") - world.now
    world.steps = {1: back}
    world.until = taipei("2032-01-01 00:00")

    def stop_after_a_run(seconds: float) -> bool:
        return world.wait(seconds) or bool(world.ran)

    def job() -> int:
        world.ran.append(world.now)
        return 0

    run_schedule("0 9 * * *", TAIPEI, job, clock=world.clock, wait=stop_after_a_run, report=world.printed.append)
    assert world.ran == [taipei("2026-10-05 09:00")]
    assert "the clock was set back to 2026-10-05 08:00 Asia/Taipei; counting from there" in world.printed


def test_a_stop_during_a_job_waits_for_it_and_starts_no_other() -> None:
    stop = threading.Event()
    ran: list[str] = []

    def job() -> int:
        stop.set()
        ran.append("ended")
        return 0

    now = [taipei("2026-10-05 08:59:59")]

    def wait(seconds: float) -> bool:
        now[0] += timedelta(seconds=seconds)
        return stop.is_set()

    assert run_schedule("* * * * *", TAIPEI, job, clock=lambda: now[0], wait=wait, report=lambda _: None) == 0
    assert ran == ["ended"]


def raising(exc: BaseException) -> Callable[[], Never]:
    def job() -> Never:
        raise exc

    return job


REFUSED = OkrsyncError("reading", "HTTP 401", advice="Check the token.")
FAILING: list[tuple[Callable[[], int], str]] = [
    (lambda: 1, "ended with exit code 1"),
    (lambda: 4, "ended with exit code 4"),
    (raising(REFUSED), "failed: reading: HTTP 401.\nCheck the token."),
    (raising(SystemExit(3)), "ended with exit code 3"),
    (raising(SystemExit(None)), "done"),
    (raising(KeyError("s3cret")), "failed: KeyError, "),
]


@pytest.mark.parametrize(("job", "printed"), FAILING, ids=[printed[:20] for _, printed in FAILING])
def test_a_failed_run_is_reported_and_does_not_end_the_schedule(job: Callable[[], int], printed: str) -> None:
    world = World(taipei("2026-10-05 08:59"), taipei("2026-10-05 11:00"))
    run_schedule("0 * * * *", TAIPEI, job, clock=world.clock, wait=world.wait, report=world.printed.append)
    runs = [line for line in world.printed if line.startswith("run of")]
    assert len(runs) == 2
    assert runs[1].startswith(f"run of 2026-10-05 10:00 Asia/Taipei: {printed}")
    assert "s3cret" not in "".join(world.printed)
    if "KeyError" in printed:
        assert f"{__file__}:" in runs[1]


def test_an_interrupt_during_a_job_is_not_a_failed_run() -> None:
    world = World(taipei("2026-10-05 08:59"), taipei("2026-10-05 11:00"))
    with pytest.raises(KeyboardInterrupt):
        run_schedule(
            "0 * * * *",
            TAIPEI,
            raising(KeyboardInterrupt()),
            clock=world.clock,
            wait=world.wait,
            report=world.printed.append,
        )


def test_an_expression_that_cannot_be_read_starts_nothing() -> None:
    world = World(taipei("2026-10-05 08:59"), taipei("2026-10-05 11:00"))
    with pytest.raises(OkrsyncError, match="field 2"):
        world.run("0 25 * * *")
    assert (world.waits, world.printed) == ([], [])


CHANGES = [
    ("a time that is left out comes at the change", "30 2 * * *", "2027-03-28 00:00", ["28 03:00", "29 02:30"]),
    ("a time that comes twice is meant the first time", "30 2 * * *", "2026-10-25 00:00", ["25 02:30", "26 02:30"]),
    ("every hour runs in both", "0 * * * *", "2026-10-25 01:30", ["25 02:00", "25 02:00", "25 03:00"]),
    ("the day has its hours", "0 9 * * *", "2027-03-27 10:00", ["28 09:00", "29 09:00"]),
]


@pytest.mark.parametrize(
    ("cron", "start", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_clock_changes(cron: str, start: str, expected: list[str]) -> None:
    begin = datetime.fromisoformat(start).replace(tzinfo=BERLIN)
    found = list(islice(times(parse_cron(cron), begin, BERLIN), len(expected)))
    assert [f"{instant.astimezone(BERLIN):%d %H:%M}" for instant in found] == expected
    assert found == sorted(set(found))


def test_a_start_in_the_hour_that_comes_again_is_not_sent_back() -> None:
    second = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)
    found = next(times(parse_cron("30 2 * * *"), second, BERLIN))
    assert found.astimezone(BERLIN).replace(tzinfo=None) == datetime(2026, 10, 26, 2, 30)  # noqa: DTZ001 - a clock's face


def test_a_schedule_goes_through_a_change_running_each_slot_once() -> None:
    world = World(datetime(2026, 10, 24, 0, 0, tzinfo=BERLIN), datetime(2026, 10, 27, 0, 0, tzinfo=BERLIN))
    assert world.run("30 2 * * *", zone=BERLIN) == ["24 02:30", "25 02:30", "26 02:30"]


WRONG = {
    "": "it has 0 fields, not 5",
    "* * * *": "it has 4 fields, not 5",
    "0 0 9 * * 1": "it has 6 fields, not 5",
    "@reboot": "it has 1 fields, not 5",
    "60 * * * *": "field 1 (minute), '60': 60 is not between 0 and 59",
    "0 25 * * *": "field 2 (hour), '25': 25 is not between 0 and 23",
    "0 9 0 * *": "field 3 (day of month), '0': 0 is not between 1 and 31",
    "0 9 * 13 *": "field 4 (month), '13': 13 is not between 1 and 12",
    "0 9 * * 8": "field 5 (day of week), '8': 8 is not between 0 and 7",
    "0 9 * * mo": "field 5 (day of week), 'mo': 'mo' is not a number or sun to sat",
    "0 9 * mon *": "field 4 (month), 'mon': 'mon' is not a number or jan to dec",
    "0 9 L * *": "field 3 (day of month), 'l': 'l' is not a number",
    "0 9 * * 5#2": "field 5 (day of week), '5#2': '5#2' is not a number or sun to sat",
    "0 ９ * * *": "field 2 (hour), '９': '９' is not a number",
    "0 17-9 * * *": "field 2 (hour), '17-9': '17-9' runs backwards; write two ranges, 17-23,0-9",
    "0 9 * * fri-mon": "field 5 (day of week), 'fri-mon': 'fri-mon' runs backwards; write two ranges, fri-6,0-mon",
    "*/0 * * * *": "field 1 (minute), '*/0': '0' is not a step; write a number from 1",
    "*/x * * * *": "field 1 (minute), '*/x': 'x' is not a step; write a number from 1",
    "5/15 * * * *": "field 1 (minute), '5/15': '5/15' is not the same everywhere; write 5-59/15",
    "5-5/15 * * * *": "field 1 (minute), '5-5/15': '5-5/15' is a single number; write 5",
    "0,,5 * * * *": "field 1 (minute), '0,,5': '' is not a number",
    "-5 * * * *": "field 1 (minute), '-5': '' is not a number",
    "0 9 30 2 *": "no month has such a day, so it would never run",
    "0 9 31 4,6 *": "no month has such a day, so it would never run",
    "0 9 */2 * 1": "schedulers disagree on a step over * where day of month and day of week are both limited",
    "0 9 1 * */2": "schedulers disagree on a step over * where day of month and day of week are both limited",
}


@pytest.mark.parametrize(("text", "saw"), WRONG.items(), ids=WRONG)
def test_a_wrong_expression_names_its_field(text: str, saw: str) -> None:
    with pytest.raises(OkrsyncError) as caught:
        parse_cron(text)
    assert caught.value.saw == saw
    assert text in caught.value.doing
    assert caught.value.advice.startswith("Write five fields: minute hour")


RIGHT = {
    "@daily": ("0 0 * * *", (0,), ()),
    " @Weekly ": ("0 0 * * 0", (0,), (0,)),
    "0 9 * * MON-FRI": ("0 9 * * mon-fri", (9,), (1, 2, 3, 4, 5)),
    "0 9 * * 5-7": ("0 9 * * 5-7", (9,), (0, 5, 6)),
    "0 8-18/4,22 * * 0,7": ("0 8-18/4,22 * * 0,7", (8, 12, 16, 22), (0,)),
    "0 */6 * * */1": ("0 */6 * * */1", (0, 6, 12, 18), ()),
    "0 9 29 2 *": ("0 9 29 2 *", (9,), ()),
}


@pytest.mark.parametrize(("text", "expected"), RIGHT.items(), ids=RIGHT)
def test_a_right_expression_is_read(text: str, expected: tuple[str, tuple[int, ...], tuple[int, ...]]) -> None:
    cron = parse_cron(text)
    assert (cron.text, cron.hours, () if cron.any_weekday else cron.weekdays) == expected


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    spans = st.tuples(numbers, numbers).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.tuples(spans | st.just("*"), st.integers(1, 40)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    steps = steps.filter(lambda term: term[0] == "*" or len(set(term.partition("/")[0].split("-"))) > 1)
    terms = st.lists(numbers.map(str) | spans | steps, min_size=1, max_size=3).map(",".join)
    return st.just("*") | terms


@given(st.tuples(fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), fields(0, 7)).map(" ".join))
def test_what_is_read_is_what_is_run(text: str) -> None:
    try:
        cron = parse_cron(text)
    except OkrsyncError as exc:
        assert "never run" in exc.saw or "disagree" in exc.saw  # noqa: PT017 - the only refusals of such texts
        return
    simulated = CronSim(text, datetime(2026, 1, 1, tzinfo=UTC))
    assert set(cron.minutes) == simulated.minutes
    assert set(cron.hours) == simulated.hours
    assert set(cron.days) == simulated.days
    assert set(cron.months) == simulated.months
    assert set(cron.weekdays) == {day % 7 for day in simulated.weekdays if isinstance(day, int)}


SCRIPT = """
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from syncer.schedule.schedule import run_schedule, stop_on_signals

def job():
    print("working", flush=True)
    sys.stdin.readline()
    print("worked", flush=True)
    return 0

times = iter([datetime(2026, 10, 5, 8, 59, 59, tzinfo=UTC)])
clock = lambda: next(times, datetime(2026, 10, 5, 9, 0, tzinfo=UTC))
stop = stop_on_signals()
say = lambda text: print(text, flush=True)
print(run_schedule("0 9 * * *", ZoneInfo("UTC"), job, clock=clock, wait=stop.wait, report=say))
"""


def scheduled() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def read_to(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    while (found := process.stdout.readline()) != line:
        assert found, "it ended early"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_waiting_schedule_at_once(number: signal.Signals) -> None:
    with scheduled() as process:
        read_to(process, "working\n")
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        read_to(process, "next run: 2026-10-06 09:00 UTC\n")
        process.send_signal(number)
        assert process.communicate(timeout=30) == ("stopped\n0\n", "")
    assert process.returncode == 0


def test_a_signal_lets_a_running_job_end() -> None:
    with scheduled() as process:
        read_to(process, "working\n")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate("\n", timeout=30)
    assert out.splitlines()[:2] == ["worked", "run of 2026-10-05 09:00 UTC: done"]
    assert out.splitlines()[-2:] == ["stopped", "0"]
    assert process.returncode == 0


def test_the_first_signal_sets_the_event_and_hands_the_second_back() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop = stop_on_signals()
        assert not stop.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(30)
        assert {number: signal.getsignal(number) for number in before} == before
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@given(
    st.sampled_from(("* * * * *", "*/15 * * * *", "30 2 * * *", "0 8 * * 1-5", "0 0 1 1 *")),
    st.sampled_from(("UTC", "Asia/Taipei", "Europe/Berlin", "America/New_York")),
    st.datetimes(datetime(2026, 1, 2), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - UTC is added
)
def test_the_last_time_is_the_one_before_the_next(text: str, zone: str, until: datetime) -> None:
    cron, where = parse_cron(text), ZoneInfo(zone)
    last = last_time(cron, until, where)
    assert last <= until < next(times(cron, last, where))
