"""Checks of dates: cycles, the own days of key results, paces, revisions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from config.cycles import Cycle, make_cycle
from config.findings import Findings
from config.key_results import KeyResultEntry, Stated
from config.message import Message
from config.models import Measure, Pace, Workspace
from config.suggest import did_you_mean


def check_time(workspace: Workspace, stated: Sequence[Stated], findings: Findings) -> None:
    """Check that dates are within their cycle, cycle names are known and have days, and paces are consistent."""
    _check_cycles(workspace, findings)
    _check_pace(workspace.pace, "pace", findings)
    _check_points(workspace.pace, "pace", workspace.cycle, findings)
    for one in stated:
        pace, path = one.definition.pace, f"{one.path}.pace"
        if pace is not None:
            _check_pace(pace, path, findings)
        cycle = _known_cycle(workspace, one)
        if cycle is None:
            continue
        _check_days(one, cycle, findings)
        if pace is not None:
            _check_points(pace, path, _own_time(one, cycle), findings)


def check_measured_cycles(
    workspace: Workspace,
    entries: Sequence[KeyResultEntry],
    measures: Mapping[str, tuple[Measure, str]],
    findings: Findings,
) -> None:
    """Check that queries with `{cycle.start}` or `{cycle.end}` use the cycle of their key result."""
    for entry in entries:
        cycle = workspace.cycle_of(entry.objective_id).name
        for name in dict.fromkeys(name for used in (entry.measure, *entry.parts) if used for name in used.names):
            measure, _ = measures.get(name, (None, ""))
            if measure is None or not any("{cycle." in text for text in measure.query_keys.values()):
                continue
            asked = measure.cycle or workspace.cycle.name
            if asked != cycle:
                findings.add(
                    f"{entry.path}.measure",
                    Message(
                        "'{name}' reads cycle {asked}, but this belongs to {cycle}: write another measure "
                        "with `cycle: {cycle}`",
                        name=name,
                        asked=asked,
                        cycle=cycle,
                    ),
                )


def _check_cycles(workspace: Workspace, findings: Findings) -> None:
    for name, options in workspace.cycles.items():
        try:
            make_cycle(name, options.start, options.end)
        except ValueError as error:
            findings.add(f"cycles.{name}", str(error))
    known = {workspace.cycle.name, *workspace.cycles}
    named = [(f"objectives.{name}.cycle", objective.cycle) for name, objective in workspace.objectives.items()]
    named += [(f"measures.{name}.cycle", measure.cycle) for name, measure in workspace.measures.items()]
    for path, cycle in named:
        if cycle is not None and cycle not in known:
            near = did_you_mean(cycle, known) or Message("; define it under `cycles`")
            findings.add(path, Message("unknown cycle '{cycle}'{near}", cycle=cycle, near=near))


def _known_cycle(workspace: Workspace, one: Stated) -> Cycle | None:
    """Return the cycle of a key result; None where the cycle's name has no days."""
    objective = workspace.objectives.get(one.objective_id or "")
    name = objective.cycle if objective else None
    return workspace.cycle if name is None else workspace.cycle_named(name)


def _own_time(one: Stated, cycle: Cycle) -> Cycle:
    """Return the period of a key result: `start` to `due`, by default the cycle's first and last day."""
    start, due = one.definition.start or cycle.first, one.definition.due or cycle.last
    return Cycle(one.id, start, max(start, due))


def _check_days(one: Stated, cycle: Cycle, findings: Findings) -> None:
    definition = one.definition
    for name, day in _days(one):
        if not cycle.first <= day <= cycle.last:
            message = Message(
                "{day} is not within the cycle {name}, {first} to {last}; write a day within it",
                day=day,
                name=cycle.name,
                first=cycle.first,
                last=cycle.last,
            )
            findings.add(f"{one.path}.{name}", message)
    start, due = definition.start, definition.due
    if start is not None and due is not None and due < start:
        findings.add(f"{one.path}.due", Message("{due} is before its start, {start}", due=due, start=start))


def _days(one: Stated) -> Iterator[tuple[str, date]]:
    definition = one.definition
    if definition.start is not None:
        yield "start", definition.start
    if definition.due is not None:
        yield "due", definition.due
    for number, revision in enumerate(definition.revisions, 1):
        yield f"revisions.{number}.date", revision.date
    if definition.dropped is not None:
        yield "dropped.date", definition.dropped.date


def _check_pace(pace: Pace, path: str, findings: Findings) -> None:
    if pace.country is not None and (wrong := _unknown_country(pace.country)):
        findings.add(f"{path}.country", wrong)
    if both := sorted(set(pace.extra_holidays) & set(pace.extra_workdays)):
        findings.add(
            f"{path}.extra_workdays",
            Message("{both} is also under `extra_holidays`: keep one of them", both=both[0]),
        )
    for (one, share), (other, next_share) in pairwise(sorted(pace.points.items())):
        if next_share < share:
            message = Message(
                "falls from {one} to {other}: the share expected by then can only grow", one=one, other=other
            )
            findings.add(f"{path}.points", message)


def _check_points(pace: Pace, path: str, time: Cycle, findings: Findings) -> None:
    for day in sorted(pace.points):
        if not time.first <= day <= time.last:
            findings.add(
                f"{path}.points",
                Message("{day} is not within its time, {first} to {last}", day=day, first=time.first, last=time.last),
            )
    if pace.points.get(time.last, 1) != 1:
        findings.add(
            f"{path}.points",
            Message("by the last day, {last}, all of it is expected: write 100%, or remove it", last=time.last),
        )


def _unknown_country(code: str) -> str | None:
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    if code in known:
        return None
    near = did_you_mean(code, known) or Message("; write a code such as TW, or leave it out: weekends only")
    return Message("'{code}' is not a country whose holidays are known{near}", code=code[:60], near=near)
