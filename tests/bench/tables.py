"""Measured runs as markdown tables."""

from collections.abc import Mapping, Sequence

from measure import Medians

_ASKED = "requests: Jira, GitHub; Sheets reads, writes, tokens"
_MEGABYTE = 1_000_000
_MEBIBYTE = 2**20


def side_by_side(contenders: Sequence[Medians]) -> list[str]:
    """Who took what for the same answers; ratios are against the first."""
    first = contenders[0].of("seconds")
    rows = []
    for each in contenders:
        seconds = each.of("seconds")
        finished = all(run.finished for run in each.runs)
        rows.append(
            [
                each.name,
                f"{seconds:.1f} s" if finished else f"over {seconds:.0f} s",
                f"{'' if finished else 'over '}{seconds / first:.1f}",
                _asked(each),
                f"{each.of('bytes_received') / _MEGABYTE:.2f} MB",
                f"{each.of('cpu_seconds'):.1f} s",
                f"{each.of('peak_bytes') / _MEBIBYTE:.0f} MiB",
                str(each.last.wrong) if finished else "-",
                str(len(each.runs)),
            ]
        )
    head = [
        "who", "wall", "ratio", _ASKED, "received", "CPU", "peak memory", "wrong values", "runs",
    ]  # fmt: skip
    return table(head, rows)


def ratio(one: Medians, other: Medians) -> str:
    """How many times as long one took as another."""
    return f"{one.of('seconds') / other.of('seconds'):.2f}"


def _asked(each: Medians) -> str:
    jira, github, reads, writes, tokens = (
        each.last.requests.get(purpose, 0) for purpose in ("jira", "github", "reads", "writes", "tokens")
    )
    return f"{jira}, {github}; {reads}, {writes}, {tokens}"


def growth(what: str, sizes: Mapping[int, Medians]) -> list[str]:
    """How one contender's cost grows."""
    rows = [
        [
            f"{size:,}",
            f"{each.of('seconds'):.1f} s" if each.last.finished else f"over {each.of('seconds'):.0f} s",
            _asked(each),
            f"{each.of('bytes_received') / _MEGABYTE:.2f} MB",
            f"{each.of('cpu_seconds'):.1f} s",
            f"{each.of('peak_bytes') / _MEBIBYTE:.0f} MiB",
            str(each.last.wrong) if each.last.finished else "-",
            str(len(each.runs)),
        ]
        for size, each in sizes.items()
    ]
    head = [what, "wall", _ASKED, "received", "CPU", "peak memory", "wrong values", "runs"]
    return table(head, rows)


def commands(rows: Sequence[tuple[str, Medians, str]]) -> list[str]:
    """Commands that ask no tracker, against what they should reach."""
    shown = [
        [
            name,
            f"{each.of('seconds'):.2f} s",
            reach,
            f"{each.of('cpu_seconds'):.2f} s",
            f"{each.of('peak_bytes') / _MEBIBYTE:.0f} MiB",
            str(len(each.runs)),
        ]
        for name, each, reach in rows
    ]
    return table(["command", "wall", "to reach", "CPU", "peak memory", "runs"], shown)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A markdown table."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
