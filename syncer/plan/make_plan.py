"""Build the plan by comparing the sheet with the computed values. Pure; the clock is not read."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal

from config.dataclass import dataclass
from config.loading.loader import Config
from config.masking import mask
from config.message import Message
from connectors.okr_sheet import EMPTY, CellValue, SheetImage
from syncer.compute.definitions import Definition
from syncer.compute.states import KeyResultState, ObjectiveState, known_sentence
from syncer.method.status import Status
from syncer.model.cells import as_text, plain_figures
from syncer.model.history import Cause
from syncer.model.plan import Figures, Key, Line, Mark, Plan
from syncer.plan.guards import CYCLE_KEY, check, guard_input, of_cycle
from syncer.plan.history_lines import Week, history_notes, plan_history
from syncer.plan.new_rows import NewRows
from syncer.plan.notes import notes, settling_notes, source_warnings
from syncer.plan.own_tab_plan import OwnTabPlan
from syncer.plan.rows import Allowed, RowOutcome, Wanted, number_in, plan_new_row, plan_row
from syncer.plan.source_links import SourceLink
from syncer.plan.stamp import stamped
from syncer.sheet.columns import ROWS_READ, status_of_text, status_text
from syncer.sheet.layout import SheetRow
from syncer.sheet.number_text import show_quantity
from syncer.sheet.own_tab import require_own, stamp_of
from syncer.sheet.view import SheetView, memory_key


@dataclass(frozen=True, slots=True)
class Computed:
    """All computed results of a run."""

    key_results: Sequence[KeyResultState]
    objectives: Sequence[ObjectiveState]
    now: datetime
    links: Mapping[str, SourceLink] = field(default_factory=dict)
    """Link of each key result with a single query to that query in its tracker."""
    warnings: Sequence[tuple[str, str]] = ()
    """(measure, warning) of the sources."""

    @property
    def known_ids(self) -> frozenset[str]:
        """Ids of all computed key results and objectives."""
        return frozenset({state.definition.id for state in self.key_results} | {state.id for state in self.objectives})

    @property
    def former_ids(self) -> frozenset[str]:
        """Former ids of the key results."""
        return frozenset(state.definition.former_id for state in self.key_results)


def make_plan(config: Config, image: SheetImage, view: SheetView, computed: Computed, allowed: Allowed) -> Plan:
    """Build the plan of one run and check it with the guards. `computed.now` is in the workspace's zone."""
    if view.own is not None:
        require_own(view.own, stamp_of(config.workspace, view.layouts))
    maker = _Maker(config, view, computed, allowed)
    lines = maker.lines()
    cycle = config.workspace.cycle
    today = computed.now.date()
    lost_rows_matter = not allowed.adopt and view.own is None
    guarded = guard_input(lines, computed.key_results, view.base, config, lost_rows_matter=lost_rows_matter)
    history = plan_history(Week(config, view, computed.key_results, today), image)
    row_notes = notes(view, computed.key_results, computed.objectives, lines)
    own = maker.own
    workspace_memory: dict[Key, CellValue] = {CYCLE_KEY: cycle.name, memory_key(config.workspace.id): True}
    plan = Plan(
        title=image.title,
        cycle=cycle.name,
        now=computed.now,
        day=max(0, min((today - cycle.first).days + 1, cycle.days)),
        days=cycle.days,
        lines=lines,
        notes=(
            *source_warnings(computed.warnings),
            *settling_notes(config, today),
            *row_notes,
            *(own.notes(computed.key_results) if own else ()),
            *history_notes(history),
        ),
        guards=check(guarded, config.workspace.safety),
        inserts=(*maker.new_rows.inserts(), *history.inserts),
        new_tab=own.new_tab if own else "",
        own_cells=own.cells(computed.known_ids, computed.former_ids) if own else (),
        lookups=tuple(own.lookups) if own else (),
        history=history.changes,
        history_tab=history.new_tab,
        forget=maker.forget(),
        workspace_memory={}
        if own
        else {key: value for key, value in workspace_memory.items() if view.base.values.get(key) != value},
        sheet_version=image.version,
        config_hash=config.hash,
        has_own_tab=own is not None,
    )
    return stamped(plan, config, image, view, maker.new_rows)


class _Maker:
    """Builds the lines of one plan, with the positions of new rows and the last-written values in common."""

    def __init__(self, config: Config, view: SheetView, computed: Computed, allowed: Allowed) -> None:
        self.config = config
        self.view = view
        self.computed = computed
        self.allowed = allowed
        self.language = config.workspace.language
        self.new_rows = NewRows(view)
        states, today = computed.key_results, computed.now.date()
        self.own = OwnTabPlan(config, view, states, self.new_rows, today) if view.own else None

    def lines(self) -> tuple[Line, ...]:
        order = {state.id: index for index, state in enumerate(self.computed.objectives)}
        lines: list[Line] = []
        lines += [self._objective(objective) for objective in self.computed.objectives]
        lines += [self._key_result(state) for state in self.computed.key_results]
        return tuple(
            sorted(lines, key=lambda line: order.get(line.id if line.is_objective else line.objective, len(order)))
        )

    def _key_result(self, state: KeyResultState) -> Line:
        definition = state.definition
        if definition.id in self.view.duplicates:
            return self._duplicated(state)
        if definition.cycle.phase == "closed":
            title = definition.title or definition.id
            blank = Line(definition.id, title, definition.objective, Mark.SAME, Figures(), Figures())
            return self._kept(replace(blank, style=definition.style), definition.former_id)
        wanted = Wanted(
            definition.id, self._stated_cells(definition), mask(self._computed_cells(state)), definition.percent,
            definition.former_id, self.computed.links.get(definition.id), linked=self.view.own is None,
            by_progress=state.projection.is_progress,
        )  # fmt: skip
        line = self._line(wanted, objective_title=self._objective_title(definition.objective))
        mark = Mark.CHANGE if state.dropped and line.mark is Mark.CALENDAR else line.mark
        unknown = not state.known and not state.dropped and mark in (Mark.SAME, Mark.CHANGE, Mark.CALENDAR)
        row = self.view.row_of(definition.id, definition.former_id)
        before_row = self._written_row(row, definition.id, definition.former_id)
        line = replace(
            line,
            title=definition.title or definition.id,
            objective=definition.objective,
            mark=Mark.UNKNOWN if unknown else mark,
            before=self._before_figures(state, before_row),
            after=Figures(state.current, state.progress.progress, state.status.value),
            why=state.why,
            delta=state.delta,
            source=state.source,
            reason=state.reason,
            cause=state.cause,
            style=definition.style,
        )
        if line.changes and state.rows is not None and self.view.own is None:
            line = replace(line, remember={**line.remember, (line.id, ROWS_READ): Decimal(state.rows)})
        return line

    def _kept(self, line: Line, former_id: str = "") -> Line:
        """Build the line of a row in a closed cycle, which is not written again."""
        row = self.view.row_of(line.id, former_id)
        figures = self._before(self._written_row(row, line.id, former_id))
        why = Message("its cycle is closed")
        return replace(line, before=figures, after=figures, why=why)

    def _duplicated(self, state: KeyResultState) -> Line:
        places = ", ".join(self.view.duplicates[state.definition.id])
        reason = Message("its id appears more than once: {places}", places=places)
        after = Figures(state.current, state.progress.progress, state.status.value)
        definition = state.definition
        return Line(
            definition.id, definition.title or definition.id, definition.objective, Mark.CONFLICT, Figures(), after,
            reason=reason, cause=Cause.DUPLICATE_ID, style=definition.style, source=state.source,
        )  # fmt: skip

    def _objective(self, state: ObjectiveState) -> Line:
        """Build the line of an objective; people's tabs get no new row for it."""
        if self.config.workspace.cycle_of(state.id).phase == "closed":
            blank = Line(state.id, state.title, state.id, Mark.SAME, Figures(), Figures(), is_objective=True)
            return self._kept(blank)
        row = self.view.row_of(state.id)
        has_row = row is not None or self.view.own is not None
        cells = self._unknown_cells(state.id) if has_row else {}
        if state.rollup.progress is not None:
            cells = {
                "progress": state.rollup.progress,
                "expected": state.expected,
                "status": status_text(state.rollup.status, self.language),
            }
        if has_row:
            title = self._objective_title(state.id, state.title)
            line = self._line(Wanted(state.id, {}, mask(cells)), objective_title=title)
        else:
            line = Line(state.id, state.title, state.id, Mark.SAME, Figures(), Figures())
        before = self._before(self._written_row(row, state.id, ""))
        after = Figures(None, state.rollup.progress, state.rollup.status.value)
        return replace(
            line,
            title=state.title,
            objective=state.id,
            before=before if has_row else after,
            after=after,
            why=known_sentence(state.rollup.known, state.rollup.total),
            is_objective=True,
        )

    def _before_figures(self, state: KeyResultState, row: SheetRow | None) -> Figures:
        """Return the figures of a row before the plan, with several numbers as plain as those after it."""
        found = self._before(row)
        if state.definition.manual or found.current == self._with_units(state.definition, state.current):
            return replace(found, current=state.current)
        if isinstance(found.current, str) and state.definition.style.parts:
            return replace(found, current=plain_figures(found.current))
        return found

    def _unknown_cells(self, key: str, former: str = "") -> dict[str, CellValue]:
        """Say that a value is unknown in a row that was never filled; what a filled row says is kept."""
        row = self._written_row(self.view.row_of(key, former), key, former)
        unknown = status_text(Status.UNKNOWN, self.language)
        said = as_text((row.cell("status") or EMPTY).value) if row else ""
        return {"status": unknown} if said in ("", unknown) else {}

    def _stated_cells(self, definition: Definition) -> dict[str, CellValue]:
        return {name: self._with_units(definition, value) for name, value in definition.stated.items()}

    def _with_units(self, definition: Definition, value: CellValue) -> CellValue:
        """Write several numbers as people do, such as `10 customers; NT$500,000`; a single number stays one."""
        if not isinstance(value, str) or ";" not in value or not definition.style.parts:
            return value
        all_digits = tuple(replace(part, large="digits") for part in definition.style.parts)
        return show_quantity(value, replace(definition.style, parts=all_digits), self.language)

    def _computed_cells(self, state: KeyResultState) -> dict[str, CellValue]:
        if state.status is Status.DROPPED:
            return {"status": status_text(state.status, self.language)}
        if not state.known:
            return self._unknown_cells(state.definition.id, state.definition.former_id)
        cells: dict[str, CellValue] = (
            {} if state.definition.manual else {"current": self._with_units(state.definition, state.current)}
        )
        cells["progress"] = state.progress.progress
        cells["attainment"] = state.progress.raw
        cells["expected"] = state.expected
        cells["status"] = status_text(state.status, self.language)
        if link := self.computed.links.get(state.definition.id):
            cells["link"] = link.address
        if state.rows is not None and self.view.own is not None:
            cells[ROWS_READ] = Decimal(state.rows)
        if state.projection.forecast is not None:
            cells["forecast"] = state.projection.end_value
        elif not of_cycle(self.view.base, self.config.workspace.cycle.name):
            cells["forecast"] = None  # the last cycle's; without a ledger, this cycle's is left as it is
        return cells

    def _line(self, wanted: Wanted, objective_title: str) -> Line:
        if self.own is not None:
            stated = {"objective": objective_title or None, **wanted.stated}
            overwrite = wanted.id in self.allowed.overwrite
            return self.own.line(replace(wanted, stated=stated), overwrite=overwrite)
        row = self.view.row_of(wanted.id, wanted.former_id)
        blank = Figures()
        today = self.computed.now.date()
        if row is None:
            layout, at = self.new_rows.place(wanted.id)
            wanted = replace(wanted, stated={"objective": objective_title or None, **wanted.stated})
            return Line(wanted.id, "", "", Mark.NEW, blank, blank, plan_new_row(layout, at, wanted, today))
        outcome: RowOutcome = plan_row(row, wanted, self.view.base, self.allowed, today)
        return Line(
            wanted.id, "", "", outcome.mark, blank, blank, outcome.changes, outcome.held, outcome.remember,
            place=row.place,
        )  # fmt: skip

    def _written_row(self, row: SheetRow | None, key: str, former: str) -> SheetRow | None:
        """Return the row that okrsync writes for a key: in people's tabs or in its own."""
        return self.view.own_row_of(key) or self.view.own_row_of(former) if self.view.own else row

    def _objective_title(self, key: str, shown: str = "") -> str:
        """Return an objective's title as cells have it; without one, the title that is shown, or its id."""
        objective = self.config.workspace.objectives.get(key)
        return (objective.title if objective else None) or shown or key

    def _before(self, row: SheetRow | None) -> Figures:
        if row is None:
            return Figures()
        current, status = row.cell("current") or EMPTY, row.cell("status") or EMPTY
        stood = status_of_text(as_text(status.value))
        return Figures(current.value, number_in(row.cell("progress")), stood.value if stood else "")

    def forget(self) -> frozenset[Key]:
        """Return the keys to remove from the memory tab."""
        if self.view.own is not None:
            return frozenset()
        renamed = {
            state.definition.former_id
            for state in self.computed.key_results
            if state.definition.former_id and self.view.row_of(state.definition.id) is None
        }
        return frozenset(key for key in self.view.base.values if key[0] in renamed)
