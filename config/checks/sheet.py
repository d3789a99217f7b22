"""Checks of the OKR sheet, the ledger, the connections' secrets and the paths of files."""

from collections.abc import Collection, Mapping
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from config.connections import FILES
from config.findings import Findings
from config.identity import has_own_ledger, id_line
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from config.models import GoogleSheetsConnection, Measure, OkrSheet, Workspace
from config.secrets import Secret, UnsetSecretError, secrets_of
from config.suggest import did_you_mean

COLUMNS = (
    *("id", "objective", "title", "owner", "team", "baseline", "target", "unit", "kind", "weight", "source", "current"),
    *("progress", "attainment", "expected", "status", "updated", "forecast", "link", "confidence", "note", "blocker"),
    *("help", "helper", "date", "self_score", "computed_score", "decision", "decided_by", "reason", "override"),
    *("override_owner", "override_reason", "override_expiry", "judgement"),
)
"""Columns of the OKR sheet whose header can be set in the config."""


def check_sheet(workspace: Workspace, findings: Findings) -> None:
    """Check the sheet's connection, file type, column headers, history tab and `last_synced`."""
    sheet = workspace.okr_sheet
    name = sheet.connection
    wanted = MicrosoftConnection if sheet.link else GoogleSheetsConnection
    if name is not None:
        connection = workspace.connections.get(name)
        if connection is None:
            known = [name for name, one in workspace.connections.items() if isinstance(one, wanted)]
            message = Message(
                "unknown connection '{name}'{known}",
                name=name,
                known=did_you_mean(name, known) or Message("; define it under `connections`"),
            )
            findings.add("okr_sheet.connection", message)
        elif not isinstance(connection, wanted):
            findings.add(
                "okr_sheet.connection",
                Message(
                    "'{name}' is of type {type}; it must be {wanted}",
                    name=name,
                    type=connection.type,
                    wanted="microsoft" if sheet.link else "google_sheets",
                ),
            )
    if sheet.file is not None and Path(sheet.file).suffix.lower() not in (".xlsx", ".csv"):
        findings.add("okr_sheet.file", Message("must be an .xlsx or a .csv file"))
    _check_columns(sheet, findings)
    _check_history(sheet, findings)
    if sheet.has_own_tab and sheet.last_synced is not None:
        message = Message("is for local files; in Google, the row '(okrsync)' of okrsync's own tab says it")
        findings.add("okr_sheet.last_synced", message)


def _check_history(sheet: OkrSheet, findings: Findings) -> None:
    """Check that the history tab is possible in this kind of file and its name is not that of another tab."""
    if not sheet.history_tab:
        return
    if sheet.file is not None and Path(sheet.file).suffix.lower() == ".csv":
        message = Message(
            "a CSV holds one table and no second tab; use an .xlsx, or leave this out: `okrsync history` has it"
        )
        findings.add("okr_sheet.history_tab", message)
    own = (sheet.own_tab,) if sheet.has_own_tab else ()
    taken = {title.casefold() for title in (*sheet.tabs, *own)}
    if isinstance(sheet.history_tab, str) and (not sheet.history_tab.strip() or sheet.history_tab.casefold() in taken):
        message = Message(
            "'{history_tab}' cannot be the history's name; give it one that no other tab has",
            history_tab=sheet.history_tab,
        )
        findings.add("okr_sheet.history_tab", message)


def _check_columns(sheet: OkrSheet, findings: Findings) -> None:
    headers: dict[str, str] = {}
    for name, header in sheet.columns.items():
        path = f"okr_sheet.columns.{name}"
        if name not in COLUMNS:
            findings.add(path, Message("unknown column '{name}'{meant}", name=name, meant=did_you_mean(name, COLUMNS)))
        elif not header.strip():
            findings.add(path, Message("is empty; write the header as it is in the sheet"))
        elif header.strip() in headers:
            findings.add(
                path,
                Message(
                    "the header '{text}' is that of '{headers}' already",
                    text=header.strip(),
                    headers=headers[header.strip()],
                ),
            )
        headers.setdefault(header.strip(), name)


def check_ledger(workspace: Workspace, base_dir: Path, findings: Findings) -> None:
    """Check that the ledger is a path or a database URL without a password, and that a shared one knows whose it is."""
    ledger = workspace.ledger
    if "://" in ledger:
        try:
            password = urlsplit(ledger).password
        except ValueError:
            findings.add("ledger", Message("is not the address of a database; write a path, or postgresql://host/name"))
            return
        if password:
            message = Message(
                "a password does not belong in the config; use PGPASSWORD, a password file or a service file"
            )
            findings.add("ledger", message)
            return
    elif not ledger.strip() or "\0" in ledger or _is_folder(base_dir / ledger):
        findings.add("ledger", Message("must be a path to a file, or the address of a database"))
        return
    if workspace.workspace.id is None and not has_own_ledger(ledger, base_dir):
        message = Message(
            "is outside this config's folder, where other workspaces may use it too, and this config has no id to tell "
            "them apart; add the line: {line}",
            line=id_line(base_dir),
        )
        findings.add("ledger", message)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # nobody may look; opening it says so


def check_secrets(workspace: Workspace, measures: Collection[Measure], findings: Findings) -> None:
    """Check that the secrets of the connections used by measures or the sheet can be read."""
    used = {measure.connection for measure in measures} | {workspace.okr_sheet.connection}
    for name, connection in workspace.connections.items():
        if name not in used:
            continue
        for field in type(connection).model_fields:
            value = getattr(connection, field)
            stated = value if isinstance(value, dict) else {"": value}
            for key, secret in stated.items():
                if isinstance(secret, Secret):
                    _check_secret(secret, ".".join(filter(None, ("connections", name, field, key))), findings)


def _check_secret(secret: Secret, path: str, findings: Findings) -> None:
    try:
        secret.reveal()
    except UnsetSecretError as error:
        findings.add(path, str(error))


def check_paths(
    measures: Mapping[str, tuple[Measure, str]], workspace: Workspace, base_dir: Path, findings: Findings
) -> None:
    """Check that no measure reads a secret file, and measures of included files read below the config's folder only."""
    resolved = cache(partial(_resolved, base_dir.resolve()))
    references = (secret.reference for _, secret in secrets_of(workspace))
    keys = {resolved(place) for kind, _, place in map(_cut, references) if kind == "file"}
    for measure, path in measures.values():
        stated = measure.query_keys.get("path")
        if measure.connection != FILES or not stated:
            continue
        place = resolved(stated)
        if place in keys:
            findings.add(f"{path}.path", Message("points to a file that holds a secret of this config"))
        elif findings.is_included(f"{path}.path") and not place.is_relative_to(base_dir.resolve()):
            findings.add(
                f"{path}.path",
                Message("is outside the config's folder; an included file may only name paths inside it"),
            )


def _cut(reference: str) -> tuple[str, str, str]:
    return reference.partition(":")


def _resolved(base_dir: Path, place: str) -> Path:
    try:
        return (base_dir / Path(place).expanduser()).resolve()
    except (OSError, ValueError, RuntimeError):
        return base_dir
