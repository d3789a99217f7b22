"""Makes docs/img: `python tests/pictures.py` (`--report`: only those of the report; `--terminal`: all others).

It needs chromium, LibreOffice and pdftoppm.

Five weekly runs against the sandbox, at a fixed clock, in a scratch folder; then the report, the status and a plan as a
terminal shows them, and the sheet, each put on a page and photographed. Fonts for Chinese have to be there.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from config.languages import Language
from connectors.local_sheet.okr_sheet import open_writer
from connectors.okr_sheet import CellWrite, SheetBatch
from connectors.sandbox.server import Request
from demo_kit import close_issue, demo_workspace
from sandbox_kit import Sandbox
from showcase import make_company, make_small
from syncer.cli import run_guarded
from syncer.sheet.columns import column_of

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "img"
MOST_BYTES, MOST_IN_ALL = 180_000, 1_800_000
WEEKS = ("2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09")
TODAY = "2026-11-16"
BUGS = [f"CORE-{number}" for number in range(27, 43)]
"""Resolved ones: they are opened again before the first week, and four are closed in each."""

TYPED: dict[str, dict[str, str | int]] = {
    "KR1": {"owner": "陳建宏", "confidence": 8, "note": "The last regressions are in review."},
    "KR2": {"owner": "王淑芬", "confidence": 5},
    "KR3": {"owner": "張家豪", "confidence": 6},
    "KR4": {"owner": "林怡君", "confidence": 4, "note": "Two people are on leave."},
    "KR5": {"owner": "陳建宏", "confidence": 8, "note": "Legal reads two contracts."},
    "KR6": {"owner": "王淑芬"},
    "KR7": {"owner": "張家豪", "current": 3},
    "KR8": {"owner": "林怡君"},
}
"""What people put in the sheet, by key result and column."""

_THEME = TerminalTheme(
    (22, 27, 34),
    (224, 230, 237),
    [
        *((72, 79, 88), (255, 123, 114), (95, 206, 151), (240, 179, 90)),
        *((138, 176, 255), (188, 140, 255), (57, 197, 207), (224, 230, 237)),
    ],
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a page: its window in CSS pixels, and how many pixels of the picture make one of them."""

    name: str
    width: int
    height: int
    scale: float = 1.0
    dark: bool = False
    place: str = ""


REPORT: dict[Language, tuple[Shot, ...]] = {
    "en": (
        Shot("report-phone", 390, 844),
        Shot("report-laptop", 1280, 900, 0.8),
        Shot("report-laptop-dark", 1280, 900, 0.8, dark=True),
        Shot("report-wall", 1920, 1080, 0.65),
        Shot("report-check-in", 1280, 800, place="_check-in/Sales"),
    ),
    "zh-TW": (
        Shot("report-zh-TW", 1280, 900, 0.8),
        Shot("report-zh-TW-dark", 1920, 1080, 0.6, dark=True),
    ),
}
COMPANY, OPENED = Shot("report-company", 1280, 900, 0.8), Shot("report-key-result", 1280, 560, 0.8)
ONLY_OPENED = "main>:not(.columns),.cards,.titles,.names,.foot,.o>summary,.k:not(#E1-1){display:none!important}"
WORKSPACES, KEY_RESULTS = 12, 10
COLUMNS = 118
"""Of the terminal."""


def take(shot: Shot, address: str) -> None:
    """Photograph a page."""
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium,
                *(
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-lcd-text",
                    "--hide-scrollbars",
                    "--no-first-run",
                ),
                *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
                f"--user-data-dir={profile}",
                f"--window-size={shot.width},{shot.height}",
                f"--force-device-scale-factor={shot.scale}",
                f"--blink-settings=preferredColorScheme={0 if shot.dark else 1}",
                f"--screenshot={IMAGES / shot.name}.png",
                f"{address}#{shot.place}" if shot.place else address,
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


class Screen(StringIO):
    """A terminal's screen."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def okrsync(day: str, *arguments: str, screen: StringIO | None = None) -> str:
    """Run a command as on that day; return its output, without a screen that of a pipe."""
    os.environ["OKRSYNC_NOW"] = f"{day}T09:30:00+08:00"
    with redirect_stdout(screen or StringIO()) as output:
        code = run_guarded(arguments)
    if code not in (0, 4):
        sys.exit(f"okrsync {' '.join(arguments)} ended with {code}")
    return output.getvalue()


def say_in_sheet(sandbox: Sandbox, week: int) -> None:
    """The owners of KR1 to KR5 put in how sure they are; the others forget."""
    for row in range(3, 8):
        body = json.dumps({"range": f"OKRs!M{row}", "value": 5 + (row + week) % 4}).encode()
        path = "/_sandbox/sheets/spreadsheets/demo-okrs/cells"
        sandbox.answer(Request("POST", path, {}, {}, body, sandbox.url))


@contextmanager
def workspace(language: Language) -> Iterator[Sandbox]:
    """The demo's workspace after some weeks, in a scratch folder that is also the current one."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, demo_workspace(Path(folder), language) as sandbox:
        os.chdir(folder)
        try:
            config = Path("okrsync.yaml").read_text("utf-8")
            Path("okrsync.yaml").write_text(f"check_in: {{every: week}}\n{config}", "utf-8")
            for key in BUGS:
                change = Request("POST", f"/_sandbox/jira/issues/{key}", {}, {}, b'{"status": "To Do"}', sandbox.url)
                sandbox.answer(change)
            okrsync(WEEKS[0], "init", "--sheet", "--yes")
            for number, day in enumerate(WEEKS):
                say_in_sheet(sandbox, number)
                okrsync(day, "sync", "--force")
                for key in BUGS[4 * number : 4 * number + 4]:
                    close_issue(sandbox, key)
            say_in_sheet(sandbox, len(WEEKS))
            yield sandbox
        finally:
            os.chdir(before)


def terminal(text: str, name: str, title: str) -> None:
    """What a terminal shows, as a picture."""
    shown = Text.from_ansi(text.rstrip("\n"))
    lines = shown.split("\n")
    width = max(line.cell_len for line in lines)
    console = Console(width=width, record=True, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(shown, soft_wrap=True)
    code = "<pre><b>$ {title}</b>\n{code}</pre>"
    latin, wide = "'DejaVu Sans Mono'", "'Noto Sans Mono CJK TC'"  # of the second, a wide character is two wide
    is_wide = any(line.cell_len > len(line.plain) for line in lines)
    font = ",".join((wide, latin) if is_wide else (latin, wide)) + ",monospace"
    style = f"body{{margin:0;background:#161b22;color:#e0e6ed}}pre{{margin:0;padding:16px 20px;font:14px/20px {font}}}"
    body = console.export_html(theme=_THEME, inline_styles=True, code_format=code.replace("{title}", title))
    page = Path(f"{name}.page.html")
    page.write_text(f'<!doctype html><meta charset="utf-8"><style>{style}</style>{body}', "utf-8")
    take(Shot(name, int(width * (7 if is_wide else 8.43)) + 44, 20 * (len(lines) + 1) + 34), page.resolve().as_uri())


def type_in_workbook(path: Path) -> None:
    """Put what people type into a workbook, as Excel does, which keeps what openpyxl would drop."""
    writer = open_writer(path)
    image = writer.read()
    tab = next(iter(image.tabs.values()))
    heads = [known.name for cell in tab.rows[0] if (known := column_of(str(cell.value)))]
    ids = [row[0].value for row in tab.rows]
    cells = (
        CellWrite(tab.title, ids.index(key), heads.index(head), Decimal(value) if isinstance(value, int) else value)
        for key, typed in TYPED.items()
        for head, value in typed.items()
    )
    writer.write(SheetBatch(tuple(cells), version=image.version))


def sheet() -> None:
    """The sheet that `init --sheet` makes and a sync fills, as LibreOffice shows it."""
    config = Path("okrsync.yaml").read_text("utf-8")
    place = "  connection: google\n  spreadsheet: demo-okrs\n  tabs: [OKRs]\n"
    Path("okrsync.yaml").write_text(config.replace(place, "  file: okrs.xlsx\n"), "utf-8")
    shutil.rmtree(".okrsync")  # the ledger of the Google spreadsheet
    okrsync(WEEKS[0], "init", "--sheet", "--yes")
    for number, day in enumerate((*WEEKS, TODAY)):
        type_in_workbook(Path("okrs.xlsx"))
        okrsync(day, "sync", "--force", *(() if number else ("--adopt",)))
    office = shutil.which("soffice") or sys.exit("LibreOffice is not installed")
    profile = f"-env:UserInstallation={Path('office').resolve().as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "okrs.xlsx"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    for page, shot in ((1, Shot("sheet", 1600, 530)), (3, Shot("sheet-summary", 1600, 290))):
        pages = ("-f", str(page), "-l", str(page), "-singlefile")
        drawn = ["pdftoppm", "-png", "-r", "300", *pages, "okrs.pdf", shot.name]
        subprocess.run(drawn, check=True, capture_output=True, timeout=120)
        style = "body{margin:0;background:#fff}img{width:1700px;margin:-60px 0 0 -50px}"
        html = Path(f"{shot.name}.html")
        html.write_text(f'<!doctype html><style>{style}</style><img src="{shot.name}.png">', "utf-8")
        take(shot, html.resolve().as_uri())


def report() -> None:
    """The report of a company's workspace in both languages, and that of many workspaces."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for language, shots in REPORT.items():
            page = folder / f"{language}.html"
            config = make_company(folder / language, language)
            okrsync(TODAY, "report", "-c", str(config), "--out", str(page))
            for shot in shots:
                take(shot, page.as_uri())
        opened = (folder / "en.html").read_text("utf-8").replace('class="k" id="E1-1"', 'class="k" open id="E1-1"')
        opened = opened.replace('<details class="w">', '<details class="w" open>')
        (folder / "opened.html").write_text(opened.replace("</style>", f"{ONLY_OPENED}</style>"), "utf-8")
        take(OPENED, (folder / "opened.html").as_uri())
        configs = [make_small(folder / f"{n}", n, KEY_RESULTS, "en") for n in range(WORKSPACES)]
        okrsync(TODAY, "report", *map(str, configs), "--out", str(folder / "all.html"))
        take(COMPANY, (folder / "all.html").as_uri())


def main() -> None:
    """Make every picture, and hold their sizes."""
    IMAGES.mkdir(exist_ok=True)
    os.environ["COLUMNS"], os.environ["TERM"] = str(COLUMNS), "xterm-256color"
    if "--terminal" not in sys.argv:
        report()
    if "--report" in sys.argv:
        return
    with workspace("en"):
        terminal(okrsync(TODAY, "dry-run", screen=Screen()), "plan", "okrsync dry-run")
        okrsync(TODAY, "sync", "--force")
        okrsync(TODAY, "report", "--out", str(IMAGES / "tree.svg"))
        terminal(okrsync(TODAY, "status", screen=Screen()), "status", "okrsync status")
        sheet()
    with workspace("zh-TW"):
        terminal(okrsync(TODAY, "dry-run", screen=Screen()), "plan-zh-TW", "okrsync dry-run")
    sizes = {path.name: path.stat().st_size for path in sorted(IMAGES.iterdir())}
    for name, size in sizes.items():
        sys.stdout.write(f"{size:>8,}  {name}{'  too large' if size > MOST_BYTES else ''}\n")
    if max(sizes.values()) > MOST_BYTES or sum(sizes.values()) > MOST_IN_ALL:
        sys.exit("too large: lower a window or a scale")


if __name__ == "__main__":
    main()
