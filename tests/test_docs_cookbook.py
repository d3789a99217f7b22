"""The cookbook's expressions give the numbers of the method's worked examples, from rows as people keep them."""

import io
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from connectors.sandbox.github.sample import sample_projects, sample_repositories
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.jira.boards import BoardSprint
from connectors.sandbox.jira.sample import sample_board, sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from gitlab_kit import TOKEN, GitLab, issue
from memory_sheet import MemorySheet
from microsoft_kit import SECRET, SITE, Microsoft, OnlineFile
from sandbox_kit import Sandbox
from workspace_kit import HEAD, NOW, load, look

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "cookbook.md").read_text("utf-8")
RECIPES = {
    text.partition("\n")[0]: re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    for text in re.split(r"^##+ ", PAGE, flags=re.MULTILINE)
}


def test_the_chinese_page_has_the_same_recipes() -> None:
    chinese = (ROOT / "docs" / "cookbook.zh-TW.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", chinese, re.DOTALL)
    assert blocks == re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(re.findall(r"^##+ ", chinese, re.MULTILINE)) == len(RECIPES) - 1


def csv(header: str, *groups: tuple[int, str]) -> str:
    return "\n".join([header, *(line for count, line in groups for _ in range(count))]) + "\n"


CASES: list[tuple[str, dict[str, str], str]] = [
    (
        "新簽約 10 家企業客戶，達成 50 萬營收",
        {"Deals": csv("stage,amount", (6, "成交,50000"), (1, "成交,100000"), (5, "洽談中,80000"), (2, "洽談中,"))},
        "0.75",
    ),
    (
        "完成 3 場產品展示會，並吸引 200 名潛在客戶",
        {
            "展示會": csv("場次,狀態", (3, "甲,已舉辦"), (2, "乙,籌備中")),
            "潛在客戶": "公司\n" + "".join(f"公司{number}\n" for number in range(150)) + "公司1\n",
        },
        "0.875",
    ),
    (
        "完成 80% 的 CRM 資料更新",
        {"exports/crm.csv": csv("name,updated_at", (6, "甲,2026-10-05"), (4, "乙,2026-09-30"))},
        "0.75",
    ),
    ("網站月流量成長 30%，達 5 萬次瀏覽", {"Summary": csv("value", (1, "44230.771"))}, "0.5"),
    (
        "社群互動數增加 2,000 次",
        {"exports/social.csv": csv("讚,留言,分享", (1, "10000,2000,500"), (1, "900,100,0"))},
        "0.75",
    ),
    (
        "完成 2 場線上直播，參與人數達 500 人",
        {"exports/livestreams.csv": csv("日期,參與人數", (1, "2026-11-01,300"))},
        "0.55",
    ),
    (
        "平均客服回應時間縮短至 1 小時以內",
        {"exports/tickets.csv": csv("first_reply_minutes", (1, "90"), (1, "120"))},
        "0.75",
    ),
    ("客戶滿意度達 90% 以上", {"滿意度問卷": csv("客戶,分數", (9, "甲,5"), (1, "乙,2"), (3, "丙,"))}, "1"),
    (
        "九成民眾 45 分鐘內可達診所",
        {"data/travel_times.csv": csv("minutes", (85, "30"), (15, "60"))},
        "0.75",
    ),
    (
        "The latest value of a log",
        {"NPS log": "day,score,who\n2026-10-05,22,Ann\n2026-11-02,,Bob\n2026-10-19,35,Bob\n2026-10-12,50,Ann\n"},
        "0.75",
    ),
    (
        "比起點還差",
        {
            "exports/cases.csv": csv("name,done", (13, "甲,true"), (2, "乙,false")),
            "exports/survey.csv": csv("trust", (2, "36")),
        },
        "1 0",
    ),
]


def from_files(recipe: str) -> str:
    """The recipe with a file for each range or cell of a spreadsheet."""
    recipe = re.sub(r"google\.(?:rows|cell)\n    spreadsheet: \w+\n", "files.rows\n", recipe)
    recipe = re.sub(r"    (?:range|cell): ([^!]+)!.*\n", r"    path: \1.csv\n", recipe)
    return re.sub(r"\.xlsx\n    tab: .*\n", ".csv\n", recipe)


@pytest.mark.parametrize(("title", "files", "progress"), CASES, ids=[title for title, _, _ in CASES])
def test_the_recipe_gives_the_worked_example(tmp_path: Path, title: str, files: dict[str, str], progress: str) -> None:
    [recipe] = RECIPES[title]
    named = {name if "/" in name else f"{name}.csv": text for name, text in files.items()}
    text = HEAD + from_files(recipe)
    if "objectives:" not in text:
        text = text.replace("    title:", "    objective: O1\n    title:") + "objectives: {O1: {title: 更好}}\n"
    seen = look(load(tmp_path, text, named), MemorySheet({"OKRs": [["KR 編號", "關鍵成果", "目前值"]]}))
    assert not seen.failures(), [str(failure.error) for failure in seen.failures()]
    assert [state.progress.progress for state in seen.key_results] == [Decimal(each) for each in progress.split()]


def test_the_recipe_of_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten customers with half a million in this cycle, beside deals of another one."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database, database:
        database.execute("CREATE TABLE deals (id INTEGER, customer TEXT, amount REAL, stage TEXT, closed_at TEXT)")
        won = [(n, f"Customer {n}", 50_000, "won", "2026-10-20 08:00:00") for n in range(10)]
        more = [(10, "Customer 1", 1, "lost", "2026-10-20 08:00:00"), (11, "Old", 9, "won", "2026-09-30 23:59:59")]
        database.executemany("INSERT INTO deals VALUES (?, ?, ?, ?, ?)", [*won, *more])
    monkeypatch.setenv("SHOP_DB", "sqlite:///shop.db")
    [recipe] = RECIPES["Revenue and customers from a SQL database"]
    text = HEAD + recipe.replace("    title:", "    objective: O1\n    title:") + "objectives: {O1: {title: Grow}}\n"
    seen = look(load(tmp_path, text), MemorySheet({"OKRs": [["KR id", "Key result", "Current value"]]}))
    assert not seen.failures(), [str(failure.error) for failure in seen.failures()]
    [state] = seen.key_results
    assert [str(number) for number in state.values] == ["10", "500000"]
    assert state.progress.progress == 1


def test_the_recipe_of_sharepoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deals of this cycle are counted, those before it and those that are lost are not."""
    book = Workbook()
    assert book.active is not None
    book.active.title = "Deals"
    book.active.append(["stage", "amount", "signed"])
    book.active.append(["won", 300_000, date(2026, 10, 7)])
    book.active.append(["won", 9, date(2026, 9, 30)])
    book.active.append(["lost", 7, date(2026, 10, 8)])
    data = io.BytesIO()
    book.save(data)
    monkeypatch.setenv("MICROSOFT_SECRET", SECRET)
    [recipe] = RECIPES["Deals and OKRs in Excel on SharePoint"]
    microsoft = Microsoft({f"{SITE}/deals.xlsx": OnlineFile("deals.xlsx", data.getvalue())})
    with Sandbox(microsoft.services) as sandbox:
        here = f"type: microsoft\n    url: {sandbox.url}/graph/v1.0\n    token_url: {sandbox.url}/login"
        text = recipe.replace("type: microsoft", here).replace("    title:", "    objective: O1\n    title:")
        head = HEAD.partition("okr_sheet")[0] + "objectives: {O1: {title: Grow}}\n"
        seen = look(load(tmp_path, head + text), MemorySheet({"OKRs": [["KR id", "Key result", "Current value"]]}))
    assert not seen.failures(), [str(failure.error) for failure in seen.failures()]
    [state] = seen.key_results
    assert [str(number) for number in state.values] == ["300000"]


def test_the_recipe_of_a_project_an_epic_and_deployments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """75 points done, 5 of 8 sub-issues closed, 21 deployments since August; 3 of 24 in the cycle failed."""
    monkeypatch.setenv("GITHUB_TOKEN", GitHubService.token)
    first_day = date(2026, 10, 1)
    service = GitHubService(sample_repositories(first_day, NOW, "en"), sample_projects(first_day, NOW))
    [recipe] = RECIPES["Engineering: a project's points, an epic, deployments from GitHub"]
    with Sandbox([service]) as sandbox:
        text = recipe.replace("type: github\n", f"type: github\n    url: {sandbox.url}/github\n")
        text = HEAD + text.replace("    title:", "    objective: O1\n    title:") + "objectives: {O1: {title: Ship}}\n"
        seen = look(load(tmp_path, text), MemorySheet({"OKRs": [["KR id", "Key result", "Current value"]]}))
        assert len(sandbox.requests()) == 4
    assert not seen.failures(), [str(failure.error) for failure in seen.failures()]
    values = [str(value) for state in seen.key_results for value in state.values]
    assert values == ["75", "0.625", "7", "0.125"]


def test_the_recipe_of_a_velocity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the board's own sprints one is closed, in which 29 points were done; another team's is left out."""
    monkeypatch.setenv("JIRA_TOKEN", JiraSandbox.token)
    first_day = date(2026, 10, 1)
    site = JiraSandbox(sample_issues(first_day, NOW, "en"), now=lambda: NOW)
    made = sample_board(first_day, NOW)
    others = BoardSprint(7, "Platform 7", "closed", NOW - timedelta(days=9), NOW, NOW, origin=3)
    own = [replace(one, origin=12) for one in made.sprints]
    site.boards = {12: replace(made, id=12, sprints=[*own, others])}
    [recipe] = RECIPES["Engineering: a team's velocity, from Jira"]
    with Sandbox([site]) as sandbox:
        there = f"{{type: jira, url: {sandbox.url}/jira, email: demo@example.com, token: $JIRA_TOKEN}}"
        text = HEAD + f"connections:\n  jira: {there}\n" + recipe.replace("    title:", "    objective: O1\n    title:")
        text += "objectives: {O1: {title: Ship}}\n"
        seen = look(load(tmp_path, text), MemorySheet({"OKRs": [["KR id", "Key result", "Current value"]]}))
    assert not seen.failures(), [str(failure.error) for failure in seen.failures()]
    assert [str(value) for state in seen.key_results for value in state.values] == ["29"]


def test_the_recipe_of_reviews_within_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of four merge requests of the cycle took a day; one was merged before, though it was updated since."""
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    merged = {
        1: "2026-10-05T20:00:00Z",
        2: "2026-10-06T08:00:00Z",
        3: "2026-10-06T08:00:01Z",
        4: "2026-10-05T09:00:00Z",
    }
    rows = [
        issue(number, state="merged", merged_at=at, created_at="2026-10-05T08:00:00Z", source_branch="a",
              target_branch="main", draft=False, reviewers=[])
        for number, at in {**merged, 5: "2026-09-30T15:59:59Z"}.items()
    ]  # fmt: skip
    [recipe] = RECIPES["Engineering: reviews within a day, from GitLab"]
    with Sandbox([GitLab({"groups/acme/merge_requests": rows})]) as sandbox:
        there = f"{{type: gitlab, url: {sandbox.url}/gitlab, token: $GITLAB_TOKEN}}"
        text = (
            HEAD + f"connections:\n  gitlab: {there}\n" + recipe.replace("    title:", "    objective: O1\n    title:")
        )
        text += "objectives: {O1: {title: Ship}}\n"
        seen = look(load(tmp_path, text), MemorySheet({"OKRs": [["KR id", "Key result", "Current value"]]}))
    assert not seen.failures(), [str(failure.error) for failure in seen.failures()]
    assert [str(value) for state in seen.key_results for value in state.values] == ["0.75"]
