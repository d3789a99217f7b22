"""Notes of a plan: warnings of sources, rows that okrsync does not touch, and statuses set by people. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from config.loading.loader import Config
from config.message import Message
from connectors.grids.a1 import cell_name
from syncer.compute.states import KeyResultState, ObjectiveState, override_sentences
from syncer.model.plan import Line, Mark, Note, NoteKind
from syncer.sheet.columns import COLUMNS, normal_header
from syncer.sheet.layout import SheetRow
from syncer.sheet.new_ids import own_text
from syncer.sheet.preview_ids import Preview
from syncer.sheet.unknown_headers import UnknownHeader, unknown_headers
from syncer.sheet.view import SheetView
from syncer.sources.read_sources import in_the_past


def notes(
    view: SheetView,
    key_results: Sequence[KeyResultState],
    objectives: Sequence[ObjectiveState],
    lines: Sequence[Line],
) -> tuple[Note, ...]:
    """Return a note per undefined row, duplicate id, status override, and new row whose title another row has."""
    known = {state.definition.id for state in key_results} | {state.definition.former_id for state in key_results}
    known |= {state.id for state in objectives}
    only_there = {state.definition.id for state in key_results if not state.definition.in_config}
    strange = [
        Note(
            NoteKind.UNKNOWN_ROW,
            Message(
                "{id} ({title}!{number}) is not in the config and has neither a source nor a target; left as is",
                id=row.id,
                title=row.layout.tab.title,
                number=row.number,
            ),
            row.id,
            row.place,
        )
        for row in view.rows
        if row.id not in known
    ]
    doubled = [
        Note(
            NoteKind.DUPLICATE_ID,
            Message("{key} is in more than one row ({places}); none of them was changed", key=key, places=list(places)),
            key,
        )
        for key, places in sorted(view.duplicates.items())
    ]
    set_by_people = [
        Note(NoteKind.STATUS_OVERRIDE, Message("{key}: {text}", key=key, text=text), key)
        for key, override, remark in (
            *((state.id, state.override, state.remark) for state in objectives),
            *((state.definition.id, state.override, state.remark) for state in key_results),
        )
        for text in override_sentences(override, remark)
    ]
    again = _same_titles([row for row in view.rows if row.id not in known or row.id in only_there], lines)
    return (*strange, *doubled, *again, *set_by_people, *_from_zero(key_results), *_suggested_headers(view))


def _same_titles(rows: Sequence[SheetRow], lines: Sequence[Line]) -> list[Note]:
    """Return a note per key result that gets a new row although one of these rows has its title."""
    new = {normal_header(line.title): line.id for line in lines if line.mark is Mark.NEW and not line.is_objective}
    titled = [(row, new.get(normal_header(own_text(row.layout, row.row, "title")))) for row in rows]
    return [
        Note(
            NoteKind.TITLE_IN_ROW,
            Message(
                "{id} gets a new row, but {place} has its title, with the id {other}; if that row is meant, write {id} "
                "there as its id first",
                id=key,
                place=row.place,
                other=row.id,
            ),
            key,
            row.place,
        )
        for row, key in titled
        if key
    ]


def _suggested_headers(view: SheetView) -> tuple[Note, ...]:
    """Return a note per header that okrsync does not know and that may be a column the tab lacks."""
    return tuple(
        Note(NoteKind.UNKNOWN_HEADER, header_text(one))
        for layout in view.layouts
        for one in unknown_headers(layout)
        if one.means
    )


def header_text(one: UnknownHeader) -> Message:
    """Describe a header that okrsync does not know, with the key to state if it is a column that it knows."""
    place = f"{one.tab}!{cell_name(one.row, one.index)}"
    if not one.means:
        return Message("{place}: the header '{header}' is not read", place=place, header=one.header)
    return Message(
        "{place}: the header '{header}' is not read; if it means {column}, set `okr_sheet.columns.{name}: {header}`",
        place=place,
        header=one.header,
        column=COLUMNS[one.means].en,
        name=one.means,
    )


def _from_zero(key_results: Sequence[KeyResultState]) -> tuple[Note, ...]:
    """Return one note that names the key results whose baseline was left out."""
    names = [state.definition.id for state in key_results if state.definition.from_zero and not state.dropped]
    if not names:
        return ()
    return (Note(NoteKind.BASELINE_ZERO, Message("Without a baseline, these start from 0: {names}", names=names)),)


def settling_notes(config: Config, today: date) -> tuple[Note, ...]:
    """Return what the plan says once about measures whose latest figures are not complete yet."""
    alike: dict[tuple[str | None, int, bool], list[str]] = defaultdict(list)
    for name, measure in config.measures.items():
        if measure.settle:
            alike[measure.cycle, measure.settle, in_the_past(measure)].append(name)
    notes = []
    for (named, days, dated), names in alike.items():
        cycle = config.workspace.cycle_named(named) or config.workspace.cycle
        day = cycle.settled_day(today, days)
        if not dated:
            text = Message(
                "{names}: figures are complete {days} days later; the score uses the reading of {day}",
                names=names,
                days=days,
                day=cycle.last + timedelta(days=days),
            )
        elif day is None:
            text = Message(
                "{names}: figures are complete {days} days later, and those of no day of the cycle are yet",
                names=names,
                days=days,
            )
        else:
            text = Message(
                "{names}: figures are complete {days} days later, so they are read as of {day}",
                names=names,
                days=days,
                day=day,
            )
        notes.append(Note(NoteKind.SETTLING, text))
    return tuple(notes)


def source_warnings(warnings: Sequence[tuple[str, str]]) -> tuple[Note, ...]:
    """Return a note per warning of a measure's reading or value."""
    return tuple(
        Note(NoteKind.SOURCE_WARNING, Message("{key}: {text}", key=name, text=warning)) for name, warning in warnings
    )


def shared_counts(counted: Sequence[tuple[str, str]]) -> tuple[Note, ...]:
    """Return a note per workspace and time of counts that other workspaces got, with the measures that use them."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, shared in counted:
        names[shared].append(name)
    return tuple(
        Note(NoteKind.SHARED_COUNT, Message("{names}: {shared}", names=each, shared=shared))
        for shared, each in names.items()
    )


def id_notes(preview: Preview) -> tuple[Note, ...]:
    """Return a note that rows have no ids yet, and one on titles by which they cannot be matched for certain."""
    if not preview.tabs:
        return ()
    bare = Message(
        "{tabs}: no ids yet, rows are matched by titles; `okrsync sync` needs ids: run `okrsync init --sheet`",
        tabs=list(preview.tabs),
    )
    if not preview.doubled:
        return (Note(NoteKind.IDS_MISSING, bare),)
    doubled = Message("In several rows, matched from top to bottom: {titles}", titles=list(preview.doubled))
    return (Note(NoteKind.IDS_MISSING, bare), Note(NoteKind.IDS_MISSING, doubled))
