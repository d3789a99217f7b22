"""The write under way, kept beside the ledger until its answer is checked.

A process killed between a write and its repair would otherwise leave what the write hit by mistake. Only for sheets
without a version: elsewhere a write that people got in the way of does not happen.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.errors import LedgerError
from config.message import Message
from config.models import OkrSheet
from connectors.okr_sheet import Cell, CellWrite, NewTab, RowInsert, SheetBatch, SheetImage, Tab
from syncer.ledger.state_folder import make_state_folder
from syncer.model.cells import decode_cell, encode_cell
from syncer.run.account import Trace
from syncer.run.alignment import Shape
from syncer.run.owed import Owed, Pending

Keep = Callable[[Pending | None], None]
"""Keeps a write before it is sent; None once nothing is owed any more. Raises LedgerError."""


STATE = ".okrsync"
_ENDING = ".pending.json"


@dataclass(frozen=True, slots=True)
class Journal:
    """A write that was left unchecked: the key of its workspace, and the OKR sheet as its config stated it."""

    key: str
    stated: OkrSheet


def open_journal(base_dir: Path, key: str, stated: OkrSheet) -> tuple[Keep, Pending | None]:
    """What keeps the writes of a workspace, and the one that an earlier run left unchecked, if any did."""
    path = _path(base_dir, key)
    return _keeper(path, {"key": key, "stated": stated.model_dump(mode="json")}), _kept(path)


def journals_beside(base_dir: Path, key: str) -> list[Journal]:
    """The journals of other workspaces in the same folder that say whose they are; those of older versions do not."""
    found = []
    for path in sorted((base_dir / STATE).glob(f"*{_ENDING}")):
        if path != _path(base_dir, key):
            with suppress(OSError, ValueError, KeyError, TypeError):
                data = json.loads(path.read_text("utf-8"))
                found.append(Journal(data["key"], OkrSheet.model_validate(data["stated"])))
    return found


def _path(base_dir: Path, key: str) -> Path:
    return base_dir / STATE / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}{_ENDING}"


def _keeper(path: Path, whose: Mapping[str, Any]) -> Keep:
    def keep(pending: Pending | None) -> None:
        try:
            if pending is None:
                path.unlink(missing_ok=True)
            else:
                _replace(path, json.dumps({**whose, **_pending_data(pending)}, ensure_ascii=False))
        except OSError as exc:
            raise LedgerError(
                Message("keeping the write under way in {name}", name=path.name),
                f"{type(exc).__name__}: {exc.strerror or exc}",
                effect="Nothing more was written.",
                advice="Free space on that disk, or let this user write there, and run again.",
            ) from exc

    return keep


def _kept(path: Path) -> Pending | None:
    try:
        return _pending(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _replace(path: Path, text: str) -> None:
    make_state_folder(path.parent)
    fresh = path.with_suffix(".tmp")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _pending_data(pending: Pending) -> dict[str, Any]:
    batch = pending.batch
    touched = {write.tab for write in batch.cells} | {one.tab for one in pending.owed}
    return {
        "run": pending.run,
        "shapes": {title: _shape_data(shape) for title, shape in pending.shapes.items()},
        "traces": [_trace_data(trace) for _, trace in sorted(pending.traces.items())],
        "ids": {title: sheet_id for title, sheet_id in pending.image.ids.items() if title in touched},
        "tabs": [_tab_data(tab) for title, tab in sorted(pending.image.tabs.items()) if title in touched],
        "cells": [
            [w.tab, w.row, w.column, encode_cell(w.value), w.percent, _cell_data(w.restored), w.reformat]
            for w in batch.cells
        ],
        "inserts": [[insert.tab, insert.row, insert.count] for insert in batch.inserts],
        "new_tabs": [tab.title for tab in batch.new_tabs],
        "owed": [
            [o.tab, o.row, o.column, encode_cell(o.holds), _cell_data(o.before), o.id, o.known, o.reformat, o.formula]
            for o in pending.owed
        ],
    }


def _tab_data(tab: Tab) -> dict[str, Any]:
    return {"title": tab.title, "rows": [[_cell_data(cell) for cell in row] for row in tab.rows]}


def _cell_data(cell: Cell | None) -> list[Any] | None:
    return None if cell is None else [encode_cell(cell.value), cell.formula, cell.error, cell.locked, cell.percent]


def _shape_data(shape: Shape) -> list[Any]:
    return [shape.header_row, shape.keys, shape.names]


def _trace_data(trace: Trace) -> dict[str, Any]:
    sets = {name: sorted(getattr(trace, name)) for name in ("put", "emptied", "meant", "unsure", "hidden")}
    return {"first": _tab_data(trace.first), "shape": _shape_data(trace.shape), **sets}


def _tab(data: dict[str, Any]) -> Tab:
    return Tab(data["title"], tuple(tuple(_cell(cell) for cell in row) for row in data["rows"]))


def _shape(data: list[Any]) -> Shape:
    row, keys, names = data
    return Shape(row, tuple(keys), {int(column): name for column, name in names.items()})


def _trace(data: dict[str, Any]) -> Trace:
    put, unsure, hidden = (frozenset(data[name]) for name in ("put", "unsure", "hidden"))
    emptied = frozenset((key, header) for key, header in data.get("emptied", ()))
    meant = frozenset((key, column, text) for key, column, text in data["meant"])
    return Trace(_tab(data["first"]), _shape(data["shape"]), put, emptied, meant, unsure, hidden)


def _pending(data: dict[str, Any]) -> Pending:
    tabs = {tab["title"]: _tab(tab) for tab in data["tabs"]}
    writes = [
        CellWrite(tab, row, column, decode_cell(value), percent, _cell(cell) if cell else None, reformat)
        for tab, row, column, value, percent, cell, reformat in data["cells"]
    ]
    batch = SheetBatch(
        tuple(writes),
        tuple(RowInsert(*insert) for insert in data["inserts"]),
        tuple(NewTab(title) for title in data["new_tabs"]),
    )
    owed = tuple(
        Owed(tab, row, column, decode_cell(holds), _cell(before), *rest)
        for tab, row, column, holds, before, *rest in data["owed"]
    )
    shapes = {title: _shape(shape) for title, shape in data.get("shapes", {}).items()}
    traces = {trace.first.title: trace for trace in map(_trace, data.get("traces", ()))}
    image = SheetImage("", tabs, datetime.now(UTC), ids=data.get("ids", {}))
    return Pending(data["run"], image, batch, owed, shapes, traces)


def _cell(data: list[Any]) -> Cell:
    value, formula, error, locked, percent = data
    return Cell(decode_cell(value), formula, error, locked, percent)
