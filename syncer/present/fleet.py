"""Output of `fleet check` and `fleet sync` as text and as versioned JSON."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from config.errors import ConfigError, OkrsyncError, Problem
from config.fleet import Fleet
from config.loading.workspace_files import shown
from config.plain_text import one_line, plain
from syncer.i18n import join, localize, translatable, translate, translate_count
from syncer.ledger.records import SyncOutcome
from syncer.present.error_text import error_data, error_text, failure_data, failure_texts
from syncer.present.text_width import padded, widest

if TYPE_CHECKING:
    from syncer.fleet.members import Member
    from syncer.fleet.sync_all import Result

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""

_OUTCOMES = {
    SyncOutcome.SYNCED: translatable("synced"),
    SyncOutcome.INCOMPLETE: translatable("incomplete"),
    SyncOutcome.REFUSED: translatable("refused"),
    SyncOutcome.FAILED: translatable("failed"),
    SyncOutcome.ENDED: translatable("cycle over"),
}
_COUNTS = {
    SyncOutcome.SYNCED: translatable("{count} synced"),
    SyncOutcome.INCOMPLETE: translatable("{count} incomplete"),
    SyncOutcome.REFUSED: translatable("{count} refused"),
    SyncOutcome.FAILED: translatable("{count} failed"),
    SyncOutcome.ENDED: translatable("{count} whose cycle is over"),
}
_WIDEST_NAME = 40


def check_text(fleet: Fleet, members: "Sequence[Member]", language: str) -> str:
    """List the workspaces, then what is wrong with each."""
    bad = [one for one in members if one.error]
    good, wrong = translate(language, "ok"), translate(language, "unusable")
    rows = [(one.name, one.id, wrong if one.error else good) for one in members]
    head = translate_count(language, "{count} workspace", "{count} workspaces", len(members))
    sums = translate(language, "{all}; {bad} of them cannot be used.", all=head, bad=len(bad)) if bad else ""
    texts = list(dict.fromkeys(error_text(one.error, language) for one in bad if one.error))
    end = sums or translate(language, "{all}. No problems.", all=head)
    return page([*table(rows), *apart(problem_texts(fleet, language)), *apart(texts)], end)


def sync_text(fleet: Fleet, results: "Sequence[Result]", language: str) -> str:
    """List how each workspace's sync ended, then the errors of each, then the sums."""
    rows = [(one.member.name, localize(language, _OUTCOMES[one.outcome]), _numbers(one, language)) for one in results]
    texts = _errors(results, language)
    counts = Counter(one.outcome for one in results)
    sums = [translate(language, _COUNTS[kind], count=counts[kind]) for kind in SyncOutcome if counts[kind]]
    end = (
        translate(language, "{counts}.", counts=join(language, sums))
        if sums
        else translate(language, "Nothing to sync.")
    )
    return page([*table(rows), *apart(problem_texts(fleet, language)), *apart(texts)], end)


def result_line(result: "Result", language: str) -> str:
    """Say in one line how the sync of a workspace ended, and what to do."""
    parts = [localize(language, _OUTCOMES[result.outcome]), _numbers(result, language)]
    for error in _ending(result):
        parts += [localize(language, text) for text in (error.summary, error.advice) if text]
    texts = [one_line(part) for part in parts if part]
    return translate(language, "{name}: {parts}", name=one_line(result.member.name), parts=join(language, texts))


def page(lines: Sequence[str], end: str) -> str:
    """Join lines, and the sums after an empty line."""
    return "".join(f"{line}\n" for line in [*lines, "", end])


def apart(texts: Sequence[str]) -> list[str]:
    """Put an empty line before each text."""
    return [line for text in texts for line in ("", text)]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align the columns of rows."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [widest(column, _WIDEST_NAME) for column in zip(*cells, strict=True)]
    return ["  ".join(padded(*pair) for pair in zip(row, widths, strict=True)).rstrip() for row in cells]


def problem_texts(fleet: Fleet, language: str) -> list[str]:
    """Return the entries of the manifest that match no file, as one text."""
    return [error_text(_as_error(fleet.problems), language)] if fleet.problems else []


def _as_error(problems: Sequence[Problem]) -> ConfigError:
    return ConfigError(problems, advice=translatable("The other workspaces were not affected."))


def _numbers(result: "Result", language: str) -> str:
    parts = [translate_count(language, "{count} cell written", "{count} cells written", result.written)]
    if result.report is None or result.report.refusal:
        return ""
    if result.unknown:
        parts.append(translate(language, "{count} unknown", count=result.unknown))
    if result.conflicts:
        parts.append(translate(language, "{count} in conflict", count=result.conflicts))
    return join(language, parts)


def _errors(results: "Iterable[Result]", language: str) -> list[str]:
    """Return the errors of the workspaces, each under the names of those that have it."""
    found: dict[str, list[str]] = {}
    for one in results:
        texts = [error_text(error, language) for error in _ending(one)]
        if one.report:
            texts += failure_texts(one.report.assessment, language)
        name, file = one_line(one.member.name), shown(one.member.file)
        head = file if name == file else translate(language, "{name} ({place})", name=name, place=file)
        if texts:
            found.setdefault("\n".join(f"  {line}" for text in texts for line in text.splitlines()), []).append(head)
    return ["\n".join([*heads, text]) for text, heads in found.items()]


def _ending(result: "Result") -> list[OkrsyncError]:
    """Return the error or the refusal that ended the sync."""
    refusal = result.report.refusal if result.report else None
    return [error for error in (result.error, refusal) if error]


def check_json(fleet: Fleet, members: "Sequence[Member]") -> str:
    """Format the workspaces of a fleet as JSON."""
    return _json({"version": VERSION, "problems": problem_data(fleet), "workspaces": [*map(_member, members)]})


def _member(member: "Member") -> dict[str, Any]:
    return {
        "id": member.id or None,
        "name": member.name,
        "file": str(member.file),
        "error": error_data(member.error) if member.error else None,
    }


def sync_json(fleet: Fleet, results: "Sequence[Result]") -> str:
    """Format the syncs of a fleet as JSON."""
    return counted_json(fleet, SyncOutcome, [one.outcome for one in results], [*map(_result, results)])


def counted_json(
    fleet: Fleet, kinds: type[StrEnum], found: Sequence[StrEnum], workspaces: Sequence[Mapping[str, Any]]
) -> str:
    """Format workspaces as JSON, with how many there are of each kind."""
    counts = Counter(found)
    data = {
        "version": VERSION,
        "counts": {kind.value: counts[kind] for kind in kinds},
        "problems": problem_data(fleet),
        "workspaces": workspaces,
    }
    return _json(data)


def _json(data: Mapping[str, Any]) -> str:
    from syncer.present.json_values import json_document  # it loads what a plan needs

    return json_document(data)


def _result(result: "Result") -> dict[str, Any]:
    ending = _ending(result)
    return {
        **_member(result.member),
        "outcome": result.outcome.value,
        "run": (result.report.run or None) if result.report else None,
        "written": result.written,
        "unknown": result.unknown,
        "conflicts": result.conflicts,
        "seconds": round(result.seconds, 3),
        "error": error_data(ending[0]) if ending else None,
        "failures": failure_data(result.report.assessment) if result.report else [],
    }


def problem_data(fleet: Fleet) -> list[dict[str, Any]]:
    """Return the entries of the manifest that match no file, as JSON data."""
    return [
        {"file": one.file, "line": one.line or None, "path": one.path or None, "text": plain(one.message)}
        for one in fleet.problems
    ]
