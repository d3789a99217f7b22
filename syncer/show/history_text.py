"""What the ledger remembers: the runs, or one key result over time with a sparkline."""

from collections.abc import Sequence
from decimal import Decimal

from syncer.records import ReadingRecord, Run, ValueRecord
from syncer.show.figures import show_number, show_percent
from syncer.words import say, word

TICKS = "▁▂▃▄▅▆▇█"


def runs_text(runs: Sequence[Run], language: str) -> str:
    """The runs, newest first."""
    if not runs:
        return say(language, "No run is recorded yet.", "尚無同步紀錄。") + "\n"
    lines = []
    for run in runs:
        counts = ", ".join(f"{count} {mark}" for mark, count in sorted(run.counts.items()) if count)
        forced = " --force" if run.forced else ""
        lines.append(
            f"{run.id}  {run.command:<5} {run.outcome:<11} {run.now:%Y-%m-%d %H:%M}{forced}  {counts}".rstrip()
        )
    return "\n".join(lines) + "\n"


def history_text(key: str, values: Sequence[ValueRecord], language: str) -> str:
    """One key result day by day, the last value of each day."""
    if not values:
        return say(language, f"The ledger knows no value of {key} yet.", f"同步紀錄中尚無 {key} 的數值。") + "\n"
    days = {record.day: record for record in values}
    lines = [f"{key}  {sparkline([record.progress for record in days.values()])}", ""]
    for day, record in sorted(days.items()):
        value = "–" if record.value is None else show_number(record.value)
        status = word(record.status, language) if record.status else ""
        lines.append(f"{day}  {value:>14}  {show_percent(record.progress):>7}  {status}  {record.reason}".rstrip())
    return "\n".join(lines) + "\n"


def sparkline(progress: Sequence[Decimal | None]) -> str:
    """Progress from 0 to 1 as ticks; a gap where it was unknown."""
    return "".join(" " if share is None else TICKS[min(int(share * len(TICKS)), len(TICKS) - 1)] for share in progress)


def past_text(record: ValueRecord, readings: Sequence[ReadingRecord], language: str) -> str:
    """One key result as a run of the past computed it, with what its sources answered then."""
    lines = [f"{record.key_result}  {record.day}  ({say(language, 'run', '執行')} {record.run})", ""]
    for reading in readings:
        count = reading.error or say(language, f"{reading.count:,} rows", f"{reading.count:,} 列")
        lines.append(f"  {reading.connection}.{reading.table}  {reading.asked}: {count}")
        if reading.ids:
            lines.append(f"    {', '.join(reading.ids)}")
    value = "–" if record.value is None else show_number(record.value)
    lines += [
        say(language, f"current value  {value}", f"目前值  {value}"),
        say(language, f"progress  {show_percent(record.progress)}", f"進度  {show_percent(record.progress)}"),
        say(language, f"expected  {show_percent(record.expected)}", f"應有進度  {show_percent(record.expected)}"),
        f"{say(language, 'status', '狀態')}  {word(record.status, language)}",
    ]
    return "\n".join([*lines, record.reason]).rstrip() + "\n"
