"""Checks of a workspace that a fleet limits: its own connections, secrets and files."""

from pathlib import Path

from config.checks.workspace import Checked
from config.connections import FILES, connection_type
from config.findings import Findings
from config.grants import DEFAULT_CREDENTIALS, Grants
from config.message import Message
from config.models import GoogleSheetsConnection, Workspace
from config.secrets import secrets_of
from config.terms import Terms


def check_terms(own: Workspace, checked: Checked, terms: Terms, findings: Findings) -> bool:
    """Check what a workspace states of its own against the terms of its fleet. Returns whether all of it is granted."""
    before = len(findings.problems)
    for name in own.connections.keys() & terms.connections.keys():
        message = Message("'{name}' is a connection of the fleet; choose another name, or remove it here", name=name)
        findings.add(f"connections.{name}", message)
    if grants := terms.grants:
        _check_secrets(own, grants, findings)
        _check_connections(own, grants, findings)
        _check_ledger(own, grants, findings)
        _check_files(own, checked, grants, findings)
    return len(findings.problems) == before


def _check_secrets(own: Workspace, grants: Grants, findings: Findings) -> None:
    for path, secret in secrets_of(own):
        if not grants.has_secret(secret.reference):
            findings.add(path, _ungranted(own, secret.reference, grants))


def _ungranted(own: Workspace, reference: str, grants: Grants) -> Message:
    return Message(
        "{reference} is not granted to workspace {id}; use a connection that {manifest} declares, or let it grant this "
        "under `secrets`",
        reference=reference,
        id=own.id,
        manifest=grants.manifest.name,
    )


def _check_connections(own: Workspace, grants: Grants, findings: Findings) -> None:
    for name, connection in own.connections.items():
        found = connection_type(connection.type)
        if found and found.package:
            message = Message(
                "connections of the package {package} belong in {manifest}: their requests cannot be limited",
                package=found.package,
                manifest=grants.manifest.name,
            )
            findings.add(f"connections.{name}.type", message)
        keyless = isinstance(connection, GoogleSheetsConnection) and connection.service_account is None
        if keyless and not grants.has_secret(DEFAULT_CREDENTIALS):
            message = Message("needs `service_account`: the machine's default credentials are not this workspace's")
            findings.add(f"connections.{name}", message)
        if connection.ca_bundle is not None:
            _check_file(connection.ca_bundle, f"connections.{name}.ca_bundle", grants, findings)


def _check_ledger(own: Workspace, grants: Grants, findings: Findings) -> None:
    """Check that the ledger is a file of the workspace's own, or the address in a variable that is granted to it."""
    if grants.has_ledger(own.ledger):
        return
    message: Message = grants.outside
    if own.ledger.startswith("$"):
        message = _ungranted(own, own.ledger, grants)
    elif "://" in own.ledger:
        message = Message("an address could be another workspace's; put it in a variable that is granted: $NAME")
    findings.add("ledger", message)


def _check_files(own: Workspace, checked: Checked, grants: Grants, findings: Findings) -> None:
    if own.okr_sheet.file is not None:
        _check_file(own.okr_sheet.file, "okr_sheet.file", grants, findings)
    for name, measure in checked.measures.items():
        if measure.connection == FILES and (stated := measure.query_keys.get("path")):
            _check_file(stated, f"{checked.measure_paths[name]}.path", grants, findings)


def _check_file(place: str | Path, path: str, grants: Grants, findings: Findings) -> None:
    if not grants.has_file(place):
        findings.add(path, grants.outside)
