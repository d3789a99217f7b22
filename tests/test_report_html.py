"""The HTML report: one file, no outside request, everything people look for, nothing that a tracker could inject."""

import re
import shutil
import subprocess
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_kit import Shell
from demo_kit import demo_workspace
from syncer.present.report.calculation import web_address
from syncer.present.report.chart import Frame, Point, chart_svg, spark_svg, ticks
from syncer.present.report.groups import alignment_tree
from syncer.present.report.page import unbroken
from workspace_kit import HEAD, load

VOID = {"meta", "input", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is not closed in order; keeps the text that people see."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)


def read(page: str) -> Balanced:
    parsed = Balanced()
    parsed.feed(page)
    assert parsed.open == []
    return parsed


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Needs attention", "on track", "How this is calculated", "45 days left", "Talking points")),
        ("zh-TW", ("需要關注", "如期進行", "計算方式", "剩 45 天", "討論重點")),
    ],
)
def test_the_page_is_one_whole_file(shell: Shell, language: str, words: tuple[str, ...]) -> None:
    with demo_workspace(shell.folder, "zh-TW" if language == "zh-TW" else "en"):
        shell.run("sync")
        assert shell.run("report", "--out", "okr.html").code == 0
    parsed = read(Path("okr.html").read_text("utf-8"))
    text = " ".join("".join(parsed.text).split())
    for word in (*words, "KR1", "KR8", "CORE-27"):
        assert word in text
    assert {address.split("/")[2].split(":")[0] for address in parsed.addresses if address[0] != "#"} <= {"127.0.0.1"}


def test_titles_from_outside_stay_text(shell: Shell) -> None:
    with demo_workspace(shell.folder):
        config = Path("okrsync.yaml").read_text("utf-8")
        hostile = '"<script>alert(1)</script>\\" onload=x \\x1b[31m"'
        Path("okrsync.yaml").write_text(config.replace("90% of this quarter's bugs are resolved", hostile), "utf-8")
        assert shell.run("report", "--out", "okr.html").code == 0
    page = Path("okr.html").read_text("utf-8")
    assert page.count("<script>") == 1
    assert "alert(1)" in "".join(read(page).text)
    assert "\x1b" not in page


CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: LANGUAGE
okr_sheet:
  file: okrs.csv
check_in:
  every: week
company:
  mission: Everybody can reach a doctor
  strategies:
    S1: Be reachable everywhere
teams:
  board:
    title: Board
    level: company
  web:
    title: Web team
    level: team
    parent: board
measures:
  done:
    from: files.rows
    path: rows.csv
    value: count(*) filter (state = 'done')
kpis:
  health:
    title: Rows done
    measure: done
    hold: at_least 90
objectives:
  W1:
    title: Booking takes a minute
    team: web
    aligns_to: [KR0]
    key_results:
      KR1:
        title: Finish 20 things
        owner: Kim
        theme: debt
        baseline: 0
        target: 20
        measure: done
      KR2:
        title: Visit 6 partners
        baseline: 0
        target: 6
  C1:
    title: Everybody is near a doctor
    team: board
    supports: [S1]
    key_results:
      KR0:
        title: See 60 towns
        baseline: 0
        target: 60
        measure: done
"""
HEADS = ["KR id", "Current value", "Progress", "Status", "Note", "Blocker", "Helper", "Check-in date",
         "Status override", "Override by", "Override reason"]  # fmt: skip
SAID = ["two signed", "no time", "Ann", "2026-10-25"]
ROWS = [["KR0"], ["KR1", *[""] * 7, "on track", "Lee", "the queue opens"], ["KR2", "2", "", "", *SAID]]


def page_after_weeks(shell: Shell, language: str = "en") -> str:
    """The report after four weekly runs, in each of which 3 more things were done."""
    Path("okrsync.yaml").write_text(CONFIG.replace("LANGUAGE", language), "utf-8")
    Path("okrs.csv").write_text("\n".join(",".join(row) for row in [HEADS, *ROWS]) + "\n", "utf-8")
    for week, day in enumerate(("2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16")):
        rows = [f"C-{number},{'done' if number < 3 * week + 1 else 'open'}" for number in range(24)]
        Path("rows.csv").write_text("\n".join(["key,state", *rows, ""]), "utf-8")
        shell.at(f"{day}T09:30:00+08:00")
        assert shell.run("sync", "--adopt", "--force").code == 0
    assert shell.run("report", "--out", "okr.html").code == 0
    return Path("okr.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Mission Everybody can reach a doctor",
                "Strategy S1 Be reachable everywhere (C1)",
                "What changed",
                "Finish 20 things +3 progress 35% → 50%; 3 ",
                "Visit 6 partners no time – Ann",
                "Rows done 10 ≥ 90 not met",
                "on track (computed: ",
                "status set by Lee: the queue opens",
                "no update since 2026-10-25",
                "Last check-in 2026-10-25 Note two signed Blocker no time Helper Ann",
                "Finish 20 things Kim · since 6 Nov",
                "See 60 towns since 30 Oct",
                "Baseline 0 Forecast 29.3 on 2026-12-31; target met 2026-12-10",
                "Board · C1",
                "Web team · aligns to KR0 · W1",
                "Overall progress 29% expected 50% off track",
                "10 → 20",
                "files.rows · done Query rows.csv Rows 10 of 24 count",
            ),
        ),
        (
            "zh-TW",
            (
                "使命 Everybody",
                "最近的變化",
                "需要什麼協助？",
                "Board · C1",
                "上次進度更新 2026-10-25",
            ),
        ),
    ],
)
def test_the_page_shows_what_the_method_knows(shell: Shell, language: str, words: tuple[str, ...]) -> None:
    text = " ".join(" ".join(read(page_after_weeks(shell, language)).text).split())
    for word in words:
        assert word in text.replace("( ", "(").replace(" )", ")").replace(" ;", ";"), word


def test_objectives_stand_below_what_they_align_to(shell: Shell) -> None:
    page = page_after_weeks(shell)
    below = page[page.index('id="C1"') :]
    assert 'id="KR0"' in below
    assert below.index('id="KR0"') < below.index('id="W1"') < below.index('id="KR1"') < below.index('id="KR2"')
    before = below[: below.index('id="W1"')]
    assert before.count("<details") == before.count("</details") + 1


def test_the_tree_holds_every_objective_once_higher_levels_first(tmp_path: Path) -> None:
    def objective(key: str, team: str, *above: str) -> str:
        return f"  {key}:\n    title: t\n    team: {team}\n    aligns_to: [{', '.join(above)}]\n"

    teams = "teams:\n  a:\n    level: team\n  c:\n    level: company\n"
    objectives = objective("A", "a", "D") + objective("B", "a") + objective("C", "c", "D", "B") + objective("D", "c")
    config = load(tmp_path, f"{HEAD}{teams}objectives:\n{objectives}")
    tree = [(node.id, [child.id for child in node.below]) for node in alignment_tree(config)]
    assert tree == [("D", ["C", "A"]), ("B", [])]


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://a.example/?q=1&r=2", "https://a.example/?q=1&r=2"),
        ("javascript:alert(1)", ""),
        ('https://a.example/"onload=x', ""),
        ("https://a.example/\x1b[31m", ""),
        ("see https://evil.example", ""),
    ],
)
def test_only_addresses_of_the_tracker_become_links(address: str, link: str) -> None:
    assert web_address(address) == link


FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
WHOLE = (Point(FIRST, 0.0), Point(LAST, 20.0))


def frame(**fields: Any) -> Frame:
    """A frame of the quarter that shows plain numbers."""
    return Frame(FIRST, LAST, **{"show": lambda value: f"<{value:g}>", "month": lambda day: f"{day:%b}", **fields})


def test_a_chart_has_scales_months_and_the_last_value() -> None:
    svg = chart_svg(WHOLE, frame(expected=WHOLE, target=20.0, target_label="target", label='KR "1" <b>'))
    expected, reached = re.findall(r'points="([^"]*)"', svg)
    assert expected == reached
    assert "KR &quot;1&quot; &lt;b&gt;" in svg
    assert re.findall(r">([^<>]+)</text>", svg) == [
        *("&lt;0&gt;", "&lt;10&gt;", "&lt;20&gt;"),
        *("Oct", "Nov", "Dec"),
        *("target", "&lt;20&gt;"),
    ]
    assert svg.count("<circle") == 2


@pytest.mark.parametrize(
    "points", [(), WHOLE[:1], (Point(date(2026, 9, 1), 1.0), *WHOLE[:1]), (WHOLE[0], Point(date(2027, 1, 1), 1.0))]
)
def test_fewer_than_two_days_in_the_cycle_draw_no_chart(points: tuple[Point, ...]) -> None:
    assert chart_svg(points, frame(forecast=WHOLE)) == ""
    assert spark_svg(points[:1]) == ""


def test_the_forecast_leads_on_from_the_newest_value() -> None:
    middle = Point(date(2026, 11, 16), 10.0)
    svg = chart_svg((WHOLE[0], middle), frame(forecast=WHOLE[1:]))
    (forecast,) = re.findall(r'class="forecast" points="([^"]*)"', svg)
    (reached,) = re.findall(r'class="reached" points="([^"]*)"', svg)
    assert forecast.split()[0] == reached.split()[-1]


def test_a_long_past_stays_small() -> None:
    days = [Point(FIRST + timedelta(day), day // 30 / 3) for day in range(90)]
    svg = chart_svg(days, frame())
    assert svg.count("<circle") == 16
    (reached,) = re.findall(r'points="([^"]*)"', svg)
    assert len(reached.split()) == 6
    (spark,) = re.findall(r'points="([^"]*)"', spark_svg(days))
    assert len(spark.split()) == 6


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_enclose_the_values_with_few_round_numbers(low: float, room: float) -> None:
    found = ticks(low, low + room)
    slack = max(max(abs(low), abs(low + room), 1e-6) * 1e-5, 1e-9)  # below 1e-9 everything is level
    assert found[0] <= low + slack
    assert found[-1] >= low + room - slack
    assert 1 <= len(found) <= 7
    assert found == sorted(found)


PROBE = """<script>
const seen=()=>all.filter(k=>!k.hidden).map(k=>k.id).join(), told=[];
const set=(id,text)=>{f(id).value=text;f(id).dispatchEvent(new Event('input'))};
told.push(seen()); set('q','debt'); told.push(seen(),f('found').textContent);
told.push(folds.filter(g=>g.hidden).length); set('q','TOWNS'); told.push(seen());
told.push(document.getElementById('W1').hidden,cards.filter(c=>!c.card.hidden).map(c=>c.card.dataset.card).join('+'));
set('q','nothing'); told.push(f('found').textContent);
location.hash='KR2'; open(); told.push(seen());
told.push(document.getElementById('KR2').open,document.activeElement.parentElement.id);
f('fold').click(); told.push(folds.some(g=>g.open)); open(); told.push(document.getElementById('C1').open);
document.body.dataset.told=told.join('|');
</script></body>"""


def read_in_browser(page: str, probe: str, folder: Path) -> list[str]:
    """What a script at the end of the page found out."""
    folder.mkdir(exist_ok=True)
    path = folder / "probe.html"
    path.write_text(page.replace("</body>", probe), "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    done = subprocess.run(
        ["chromium", *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom", path.as_uri()],  # noqa: S607 - wherever it is
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    (output,) = re.findall(r'data-told="([^"]*)"', done.stdout)
    return str(output).split("|")


def test_the_state_comes_before_the_search(shell: Shell) -> None:
    page = page_after_weeks(shell)
    places = [page.index(part) for part in ('id="_progress"', 'id="_q"', 'data-card="needs"', 'id="_okrs"')]
    assert places == sorted(places)


PRINTING = """<script>
const told=[all.filter(k=>k.open).length]; dispatchEvent(new Event('beforeprint'));
told.push(all.filter(k=>k.open).length,folds.every(g=>g.open));
document.body.dataset.told=told.join('|');
</script></body>"""


needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")


@needs_chromium
def test_a_few_key_results_are_printed_opened(shell: Shell, tmp_path: Path) -> None:
    assert read_in_browser(page_after_weeks(shell), PRINTING, tmp_path) == ["0", "3", "true"]


@needs_chromium
def test_filters_search_links_and_folding_work_in_a_browser(shell: Shell, tmp_path: Path) -> None:
    assert read_in_browser(page_after_weeks(shell), PROBE, tmp_path) == [
        "KR0,KR1,KR2",
        *("KR1", "1 of 3 key results", "0"),
        *("KR0", "true", "needs+moved+waits", "Nothing matches these filters."),
        *("KR0,KR1,KR2", "true", "KR2"),
        *("false", "true"),
    ]


PROBE_OF_SEVERAL = """<script>
const seen=()=>all.filter(k=>!k.hidden).map(k=>k.id).join(), told=[];
const set=(id,text)=>{f(id).value=text;f(id).dispatchEvent(new Event('input'))};
set('q','debt'); told.push(seen()); set('ws',f('ws').options[2].value); told.push(seen());
told.push(document.getElementById('_1/').hidden,document.getElementById('_2/').hidden);
location.hash='1/KR2'; open(); told.push(document.activeElement.parentElement.id,seen());
f('fold').click(); location.hash='2/W1'; open(); told.push(document.getElementById('_2/').open);
told.push(document.getElementById('_1/').open);
document.body.dataset.told=told.join('|');
</script></body>"""


@needs_chromium
def test_filters_and_links_work_over_several_workspaces(shell: Shell, tmp_path: Path) -> None:
    page_after_weeks(shell)
    other = shell.folder / "other"
    other.mkdir()
    for name in ("okrsync.yaml", "rows.csv"):
        shutil.copy(name, other / name)
    shutil.copy("okrs.csv", other / "others.csv")
    config = (other / "okrsync.yaml").read_text("utf-8").replace("file: okrs.csv", "file: others.csv")
    (other / "okrsync.yaml").write_text(config, "utf-8")
    assert shell.run("report", "okrsync.yaml", "other/okrsync.yaml", "--out", "all.html").code == 0
    page = Path("all.html").read_text("utf-8")
    assert page.count("Company OKRs 2026-Q4") == 2
    assert re.findall(r'data-heat="(\d/)"', page) == ["1/", "1/", "2/", "2/"]
    assert {int(far) for far in re.findall(r'style="--far:(\d+)%"', page)} <= set(range(101))
    assert read_in_browser(page, PROBE_OF_SEVERAL, tmp_path) == [
        *("1/KR1,2/KR1", "2/KR1", "true", "false"),
        *("1/KR2", "1/KR0,1/KR1,1/KR2,2/KR0,2/KR1,2/KR2"),
        *("true", "false"),
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("自2026-11-16起 <b>", ["2026-11-16"]),
        ("CORE-39、CORE-40 at 2026-11-16 09:30", ["CORE-39", "CORE-40", "2026-11-16 09:30"]),
        ("x-2026-11-16-y AB-1x", []),
    ],
)
def test_lines_end_within_no_day_and_no_key(text: str, parts: list[str]) -> None:
    page = unbroken(text)
    assert re.findall(r'<span class="nb">([^<]*)</span>', page) == parts
    assert "".join(read(f"<p>{page}</p>").text) == text
