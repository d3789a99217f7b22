"""The Google Sheets writer holds to the contract of every OKR sheet."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from config.models import GoogleSheetsConnection
from config.secrets import Secret
from connectors.google_sheets import okr_sheet as google_okr_sheet
from connectors.google_sheets.okr_sheet import SheetTabs
from connectors.okr_sheet import SheetReader, SheetWriter
from connectors.registry import Context
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from sandbox_kit import Sandbox
from sheet_contract import ROWS, TAB, SheetContract, SheetPlace

SID = "okr-1"
OWN = "okrsync 2026-Q4"


@dataclass
class GooglePlace:
    """A spreadsheet of the sandbox."""

    service: SheetsService
    connection: GoogleSheetsConnection
    context: Context
    local: bool = False
    opened: list[SheetReader] = field(default_factory=list)

    def reader(self) -> SheetReader:
        return self._kept(google_okr_sheet.open_reader("g", self.connection, SheetTabs(SID, (TAB,), OWN), self.context))

    def writer(self) -> SheetWriter:
        writer = google_okr_sheet.open_writer("g", self.connection, SheetTabs(SID, (TAB,), OWN), self.context)
        self._kept(writer)
        return writer

    def edit(self, row: int, column: int, text: str) -> None:
        self.service.books[SID].tabs[0].cell(row, column).entered = {"stringValue": text}

    def _kept(self, reader: SheetReader) -> SheetReader:
        self.opened.append(reader)
        return reader


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pem: str) -> Iterator[SheetPlace]:
    rows = [[float(value) if isinstance(value, Decimal) else value for value in row] for row in ROWS]
    service = SheetsService(Book.of_values(SID, "OKR", {TAB: rows}))
    service.tokens.pem = pem
    with Sandbox([service]) as sandbox:
        monkeypatch.setenv("GOOGLE_KEY", json.dumps(service.service_account_info(sandbox.service_url("sheets"))))
        connection = GoogleSheetsConnection(
            type="google_sheets", url=sandbox.service_url("sheets"), service_account=Secret("$GOOGLE_KEY")
        )
        made = GooglePlace(service, connection, Context(tmp_path))
        yield made
        for reader in made.opened:
            reader.close()


class TestGoogleSheet(SheetContract):
    """The contract."""
