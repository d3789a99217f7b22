"""Checks of key results: their measures, goals, units and dates."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from config.checks.measures import SHARE, CheckedMeasure, known_unit
from config.dataclass import dataclass
from config.expressions import Arithmetic
from config.findings import Findings
from config.goal_specs import GoalSpec, spec_of
from config.goals import GoalError, IncompleteGoalError, make_goal
from config.key_results import KeyResultEntry, KpiEntry, MeasureUse, Stated, StatedKpi
from config.message import Message
from config.models import KeyResult, Part
from config.sql.checking import check_arithmetic
from config.sql.messages import ExpressionError
from config.sql.printing import quoted

_SHAPES = ("target", "change", "min", "max", "steps", "parts", "kind")


@dataclass(frozen=True, slots=True)
class _Number:
    """A key result or a part, whose number is computed by itself.

    `natural` is the unit inferred from its measure, None where unknown. `zero` is whether the measure is a count or a
    sum, whose baseline is 0 unless stated; None where the measure has a fault.
    """

    definition: KeyResult | Part
    path: str
    natural: str | None
    zero: bool | None


def check_key_results(
    stated: Sequence[Stated], checked: Mapping[str, CheckedMeasure], names: Collection[str], findings: Findings
) -> tuple[KeyResultEntry, ...]:
    """Check the measures and the goal of each key result. `names`: the measures that arithmetic may use."""
    uses = {use: None for one in stated for use in (one.measure, *one.parts)}
    found = dict(zip(uses, _resolve(list(uses), names, findings), strict=True))
    entries = []
    for one in stated:
        entry = KeyResultEntry(
            one.id,
            one.objective_id,
            one.definition,
            found[one.measure],
            tuple(found[use] for use in one.parts),
            one.path,
            one.work,
        )
        entries.append(entry)
        _check_goal(entry, checked, findings)
    return tuple(entries)


def check_kpis(
    stated: Sequence[StatedKpi], checked: Mapping[str, CheckedMeasure], names: Collection[str], findings: Findings
) -> tuple[KpiEntry, ...]:
    """Check the measure and the threshold (`hold`) of each KPI."""
    found = _resolve([one.measure for one in stated], names, findings)
    for one, measure in zip(stated, found, strict=True):
        held = one.definition.held
        if held is None or measure is None:
            continue
        number = _number(held, f"kpis.{one.name}", measure, checked)
        if wrong := _unit_problem(number) or _problem(_spec(number), sheet_completes=False):
            findings.add(f"kpis.{one.name}.hold", wrong)
    return tuple(KpiEntry(one.name, one.definition, measure) for one, measure in zip(stated, found, strict=True))


def _resolve(uses: Sequence[MeasureUse], names: Collection[str], findings: Findings) -> list[Arithmetic | None]:
    """Check the arithmetic of each use; None where the number is typed by hand or the text has a fault."""
    texts = list({use.text: None for use in uses if use.text is not None and not use.inline})
    answers = dict(zip(texts, check_arithmetic([(text, names) for text in texts]), strict=True))
    found: list[Arithmetic | None] = []
    for use in uses:
        answer: Arithmetic | ExpressionError | None = None
        if use.text is not None:
            answer = _of_inline(use.text) if use.inline else answers[use.text]
        if isinstance(answer, ExpressionError):
            findings.add(use.path, str(answer))
            answer = None
        found.append(answer)
    return found


def _of_inline(name: str) -> Arithmetic:
    return Arithmetic(text=name, sql=quoted(name), names=(name,))


def _check_goal(entry: KeyResultEntry, checked: Mapping[str, CheckedMeasure], findings: Findings) -> None:
    definition = entry.definition
    _check_sources(entry, findings)
    if definition.weight is not None and definition.weight.value <= 0:
        findings.add(f"{entry.path}.weight", Message("must be above 0: write such a number, or remove it"))
    if not definition.parts:
        _check_number(_number(definition, entry.path, entry.measure, checked), findings, sheet_completes=True)
        return
    for number, part in enumerate(definition.parts, 1):
        if part.measure is None:
            findings.add(
                f"{entry.path}.parts.{number}", Message("has no measure; a part's value cannot be typed in the sheet")
            )
    numbers = [
        _number(part, f"{entry.path}.parts.{number}", measure, checked)
        for number, (part, measure) in enumerate(zip(definition.parts, entry.parts, strict=True), 1)
    ]
    sound = [_check_number(number, findings, sheet_completes=number.zero is None) for number in numbers]
    if all(sound):
        flags = tuple(number.zero is not False for number in numbers)
        spec = spec_of(definition, additive=False, parts_additive=flags)
        if problem := _problem(spec, sheet_completes=None in {number.zero for number in numbers}):
            findings.add(f"{entry.path}.parts", problem)


def _check_sources(entry: KeyResultEntry, findings: Findings) -> None:
    """Check that a key result has at most one source of its number: a measure, a KPI, parts or steps."""
    definition = entry.definition
    stated = [source for source in ("measure", "kpi") if getattr(definition, source) is not None]
    for shape in ("parts", "steps"):
        for source in stated if getattr(definition, shape) else ():
            message = Message("has no meaning next to `{shape}`; remove it, or move it into a part", shape=shape)
            findings.add(f"{entry.path}.{source}", message)
    if len(stated) > 1:
        findings.add(
            f"{entry.path}.kpi", Message("has no meaning next to `measure`: a KPI brings its own; keep one of them")
        )


def _number(
    definition: KeyResult | Part, path: str, measure: Arithmetic | None, checked: Mapping[str, CheckedMeasure]
) -> _Number:
    if measure is None:
        return _Number(definition, path, None, zero=None if definition.measure is not None else False)
    if any(name not in checked for name in measure.names):
        return _Number(definition, path, None, zero=None)
    first = checked[measure.names[0]] if measure.text.strip() in measure.names else None
    natural = (known_unit(first.unit) or first.natural) if first else None
    return _Number(definition, path, natural, all(checked[name].expression.starts_at_zero for name in measure.names))


def _check_number(number: _Number, findings: Findings, *, sheet_completes: bool) -> bool:
    """Return whether the goal is valid; add a finding otherwise.

    With `sheet_completes`, a missing target or baseline is no fault: the row in the sheet may provide it.
    """
    definition = number.definition
    if wrong := _unit_problem(number):
        findings.add(f"{number.path}.unit" if definition.unit else _place(number), wrong)
        return False
    problem = _problem(_spec(number), sheet_completes=sheet_completes)
    if problem is not None:
        findings.add(_place(number), problem)
    return problem is None


def _spec(number: _Number) -> GoalSpec:
    spec = spec_of(number.definition, additive=isinstance(number.definition, Part) and number.zero is True)
    return replace(spec, unit="percent") if number.natural in ("percent", SHARE) else spec


def _problem(spec: GoalSpec, *, sheet_completes: bool) -> str | None:
    try:
        make_goal(spec)
    except IncompleteGoalError as error:
        known_later = spec.from_start or any(part.from_start for part in spec.parts)
        return None if known_later or (sheet_completes and spec.change is None) else str(error)
    except GoalError as error:
        return str(error)
    return None


def _unit_problem(number: _Number) -> str | None:
    stated, natural = known_unit(number.definition.unit), number.natural
    if natural is None:
        return None
    if stated is not None and stated != natural and not (natural == SHARE and stated == "percent"):
        return Message(
            "is {unit}, but the measure gives {natural}", unit=number.definition.unit, natural=_unit_text(natural)
        )
    definition = number.definition
    amounts = (definition.stated_baseline, definition.target, definition.min, definition.max)
    if natural not in ("percent", SHARE) and any(amount.percent for amount in amounts if amount is not None):
        return Message(
            "is a percent, but the measure gives {natural}: write {natural}, or measure a share", natural=natural
        )
    return None


def _unit_text(natural: str) -> str:
    return Message("a share (0% to 100%)") if natural == SHARE else natural


def _place(number: _Number) -> str:
    """Return the path of the first stated option of the goal, as the place of a problem; else of the whole number."""
    for name in _SHAPES:
        if getattr(number.definition, name, None):
            return f"{number.path}.{name}"
    return number.path
