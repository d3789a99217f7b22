"""Workspaces that show the report at its best: a company's quarter after six weekly runs, and many small ones.

Everything is made here, in both languages; `tests/pictures.py` and `tests/measure_page.py` use it.
"""

import csv
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import yaml

from config.languages import Language
from syncer.cli import run_guarded

WEEKS = ("2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16")
TODAY = WEEKS[-1]


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """The text in one of them."""
        return self.zh if language == "zh-TW" else self.en


KIM, AMY, BEN = Words("Kim Lee", "李怡君"), Words("Amy Chen", "陳美玲"), Words("Ben Wu", "吳志明")
SUE, TOM = Words("Sue Lin", "林淑芬"), Words("Tom Chang", "張家豪")


@dataclass(frozen=True, slots=True)
class Kr:
    """A key result: its fields in the config, its value in each week, and what its owner wrote today."""

    id: str
    title: Words
    owner: Words
    goal: dict[str, object]
    weeks: tuple[float | None, ...]
    theme: Words | None = None
    note: Words | None = None
    blocker: Words | None = None
    helper: Words | None = None
    typed: bool = False
    confidence: int | None = None


NEW, DEBT = Words("new value", "新價值"), Words("technical debt", "技術債")
NONE6 = (None,) * 6

OBJECTIVES: dict[str, tuple[Words, str, Words, list[str], list[Kr]]] = {
    "C1": (
        Words("Companies in Taiwan rely on us every day", "台灣企業每天都放心用我們的服務"),
        "board",
        AMY,
        [],
        [
            Kr("C1-1", Words("Grow recurring revenue to NT$5,000,000 a month", "每月經常性營收達 500 萬元"), AMY,
               {"baseline": 3200000, "target": 5000000, "unit": "NT$"},
               (3210000, 3390000, 3580000, 3790000, 4010000, 4220000), NEW,
               Words("Two annual contracts were signed.", "簽下兩份年約。"), confidence=8),
            Kr("C1-2", Words("Keep 97% of customers", "客戶續約率維持 97% 以上"), BEN,
               {"kind": "at_least", "target": "97%"}, (0.961, 0.964, 0.968, 0.972, 0.971, 0.973), confidence=7),
        ],
    ),
    "E1": (
        Words("The service is dependable", "服務穩定，客戶安心"),
        "core",
        KIM,
        ["C1"],
        [
            Kr("E1-1", Words("Resolve 90% of this quarter's bugs", "本季的錯誤有 90% 完成修正"), KIM,
               {"baseline": "40%", "target": "90%"}, (0.42, 0.47, 0.55, 0.58, 0.64, 0.714), DEBT,
               Words("The last regressions are in code review.", "剩下的 regression bug 正在 code review。"),
               confidence=8),
            Kr("E1-2", Words("Shorten the time from commit to production from 30 to 8 hours",
                             "從提交到上線的時間由 30 小時縮短到 8 小時"), TOM,
               {"baseline": 30, "target": 8, "unit": "hours"}, (29.6, 28.2, 27.9, 25.1, 24.4, 24.07), DEBT,
               None, Words("The build machines wait for their budget.", "建置主機還在等預算核准。"), AMY, confidence=4),
            Kr("E1-3", Words("Answer 99.9% of requests within 300 ms", "99.9% 的請求在 300 毫秒內回應"), TOM,
               {"kind": "at_least", "target": "99.9%"}, (0.9962, 0.9971, 0.9984, 0.9985, 0.9981, 0.9984), DEBT),
            Kr("E1-4", Words("Train 12 people as incident leads", "培訓 12 位事故應變負責人"), KIM,
               {"baseline": 0, "target": 12}, (0, 2, 3, 5, 6, 8), None, None, typed=True, confidence=9),
        ],
    ),
    "S1": (
        Words("Companies choose us", "企業客戶選擇我們"),
        "sales",
        BEN,
        ["C1-1"],
        [
            Kr("S1-1", Words("Sign 40 new business customers", "新簽約 40 家企業客戶"), BEN,
               {"baseline": 0, "target": 40}, (2, 5, 9, 13, 18, 22), NEW,
               Words("The trade fair brought nine leads.", "參展帶來九個潛在客戶。"), confidence=8),
            Kr("S1-2", Words("Win 200 qualified leads", "爭取 200 位合格潛在客戶"), SUE,
               {"baseline": 0, "target": 200}, (3, 14, 22, 31, 36, 48), NEW, None,
               Words("The campaign waits for its landing page.", "活動頁面還沒上線。"), KIM, confidence=3),
            Kr("S1-3", Words("Visit 6 partners", "拜訪 6 家合作夥伴"), SUE, {"baseline": 0, "target": 6},
               (0, 1, 1, 2, 3, 3), NEW, None, typed=True, confidence=6),
            Kr("S1-4", Words("Raise satisfaction after demos to 4.6", "產品展示後的滿意度提高到 4.6 分"), BEN,
               {"target": 4.6, "unit": Words("points", "分")}, NONE6, NEW),
        ],
    ),
    "P1": (
        Words("People find their way without help", "使用者不用問人就會用"),
        "design",
        SUE,
        ["C1"],
        [
            Kr("P1-1", Words("Halve the time to the first report, from 40 to 20 minutes",
                             "產生第一份報告的時間由 40 分鐘減半到 20 分鐘"), SUE,
               {"baseline": 40, "target": 20, "unit": "minutes"}, (39, 36, 33.4, 31, 28.2, 26.6), NEW, confidence=7),
            Kr("P1-2", Words("Interview 15 customers", "訪談 15 位客戶"), TOM, {"baseline": 0, "target": 15},
               NONE6, None, None, typed=True),
        ],
    ),
}  # fmt: skip
TEAMS = {
    "board": (Words("Company", "公司"), "company", None),
    "core": (Words("Core services", "核心服務部"), "department", "board"),
    "sales": (Words("Sales", "業務部"), "department", "board"),
    "design": (Words("Product design", "產品設計部"), "department", "board"),
}
HEADS = ["KR id", "Current value", "Progress", "Status", "Confidence", "Note", "Blocker", "Helper", "Check-in date"]


def _every() -> Iterator[Kr]:
    for _, _, _, _, key_results in OBJECTIVES.values():
        yield from key_results


def _key_result(kr: Kr, language: Language) -> dict[str, object]:
    fields: dict[str, object] = {"title": kr.title.of(language), "owner": kr.owner.of(language)}
    fields |= {name: value.of(language) if isinstance(value, Words) else value for name, value in kr.goal.items()}
    if kr.theme:
        fields["theme"] = kr.theme.of(language)
    if not kr.typed:
        fields["measure"] = kr.id.lower().replace("-", "_")
    return fields


def config_of(language: Language) -> dict[str, object]:
    """The config of the company's workspace."""

    def in_language(en: str, zh: str) -> str:
        return Words(en, zh).of(language)

    measures: dict[str, object] = {
        kr.id.lower().replace("-", "_"): {
            "from": "files.rows",
            "path": "figures.csv",
            "value": f"max(value) filter (where key = '{kr.id}')",
        }
        for kr in _every()
        if not kr.typed
    }
    measures["e1_1"] = {"from": "files.rows", "path": "bugs.csv", "value": "share(status = 'done')"}
    return {
        "workspace": {"id": "showcase-7f3k", "name": in_language("Formosa Cloud OKRs", "福爾摩沙雲端 OKR")},
        "cycle": "2026-Q4",
        "timezone": "Asia/Taipei",
        "language": language,
        "okr_sheet": {"file": "okrs.csv"},
        "check_in": {"every": "week"},
        "company": {
            "mission": in_language("Every company in Taiwan can rely on its tools", "讓台灣每一家企業都有可靠的工具"),
            "strategies": {"S1": in_language("Be dependable before being big", "先可靠，再擴張")},
        },
        "teams": {
            key: {"title": title.of(language), "level": level, **({"parent": parent} if parent else {})}
            for key, (title, level, parent) in TEAMS.items()
        },
        "measures": measures,
        "kpis": {
            "uptime": {"title": in_language("Uptime", "可用率"), "measure": "uptime", "hold": "at_least 99.9%"},
            "churn": {
                "title": in_language("Complaints a week", "每週客訴數"),
                "measure": "complaints",
                "hold": "at_most 12",
            },
        },
        "objectives": {
            key: {
                "title": title.of(language),
                "team": team,
                "owner": owner.of(language),
                **({"aligns_to": above} if above else {"supports": ["S1"]}),
                "key_results": {kr.id: _key_result(kr, language) for kr in key_results},
            }
            for key, (title, team, owner, above, key_results) in OBJECTIVES.items()
        },
    }


def _write_week(folder: Path, week: int, language: Language) -> None:
    figures: list[list[object]] = [[kr.id, kr.weeks[week]] for kr in _every() if kr.weeks[week] is not None]
    rows: list[list[object]] = [["key", "value"], *figures, ["uptime", 0.9995], ["complaints", 15 - week]]
    _write(folder / "figures.csv", rows)
    done = round(42 * (0.42, 0.47, 0.55, 0.58, 0.64, 0.714)[week])
    bugs: list[list[object]] = [
        [f"CORE-{100 + n}", "done" if n < done else "open", f"2026-10-{1 + n % 28:02}"] for n in range(42)
    ]
    _write(folder / "bugs.csv", [["key", "status", "created"], *bugs])
    rows = [list(HEADS)]
    for kr in _every():
        value = kr.weeks[week] if kr.typed and kr.weeks[week] is not None else ""
        texts = [text.of(language) if text else "" for text in (kr.note, kr.blocker, kr.helper)]
        printed = kr.confidence is not None
        sure = (kr.confidence or 0) - (week % 2) if printed else ""
        rows.append([kr.id, value, "", "", sure, *texts, WEEKS[week] if printed else ""])
    if (folder / "okrs.csv").exists():
        with (folder / "okrs.csv").open(encoding="utf-8-sig", newline="") as stream:
            before = {row["KR id"]: row for row in csv.DictReader(stream)}
        for row in rows[1:]:
            row[2:4] = [before[str(row[0])]["Progress"], before[str(row[0])]["Status"]]
    _write(folder / "okrs.csv", rows)


def _write(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def okrsync(day: str, *arguments: str) -> int:
    """Run a command as on that day; its exit code."""
    os.environ["OKRSYNC_NOW"] = f"{day}T09:30:00+08:00"
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as printed:
        code = run_guarded(arguments)
    if code not in (0, 2, 4):
        raise RuntimeError(printed.getvalue())
    return code


def make_company(folder: Path, language: Language) -> Path:
    """Make the company's workspace after its weekly runs; its config."""
    folder.mkdir(parents=True, exist_ok=True)
    config = config_of(language)
    config["measures"] = {
        **config["measures"],  # type: ignore[dict-item]
        **{
            name: {"from": "files.rows", "path": "figures.csv", "value": f"max(value) filter (where key = '{name}')"}
            for name in ("uptime", "complaints")
        },
    }
    path = folder / "okrsync.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    for week, day in enumerate(WEEKS):
        _write_week(folder, week, language)
        okrsync(day, "sync", "-c", str(path), "--adopt", "--force")
    return path


_AREAS = (
    Words("Payments", "支付"), Words("Search", "搜尋"), Words("Mobile", "行動應用"), Words("Data platform", "資料平台"),
    Words("Support", "客服"), Words("Security", "資安"), Words("Logistics", "物流"), Words("Hiring", "招募"),
    Words("Finance", "財務"), Words("Partnerships", "合作夥伴"),
)  # fmt: skip
_CITIES = (Words("Taipei", "台北"), Words("Taichung", "台中"), Words("Tainan", "台南"), Words("Kaohsiung", "高雄"))
_GOALS = (
    Words("Customers get an answer the same day", "客戶當天就得到回覆"),
    Words("Releases are calm", "改版平穩上線"),
    Words("New people feel at home", "新同事很快上手"),
)
_RESULTS = (
    Words("Answer {n} requests within a day", "一天內回覆 {n} 件請求"),
    Words("Bring {n} teams to weekly releases", "讓 {n} 個團隊每週改版"),
    Words("Interview {n} customers", "訪談 {n} 位客戶"),
    Words("Close {n} old incidents", "結清 {n} 件舊事故"),
)
_OWNERS = (KIM, AMY, BEN, SUE, TOM)


def make_small(folder: Path, number: int, key_results: int, language: Language) -> Path:
    """Make one small workspace, whose values people type, after two weekly runs; its config."""
    folder.mkdir(parents=True, exist_ok=True)
    area, city = _AREAS[number % len(_AREAS)], _CITIES[number // len(_AREAS) % len(_CITIES)]
    name = f"{area.of(language)} {city.of(language)}" + (f" {number}" if number >= len(_AREAS) * len(_CITIES) else "")
    objectives: dict[str, dict[str, object]] = {}
    targets: dict[str, int] = {}
    for count in range(key_results):
        goal = objectives.setdefault(
            f"O{count * 3 // key_results + 1}",
            {"title": _GOALS[count * 3 // key_results].of(language), "team": "team", "key_results": {}},
        )
        target = 10 + (7 * count + 3 * number) % 30
        targets[f"KR{count + 1}"] = target
        goal["key_results"][f"KR{count + 1}"] = {  # type: ignore[index]
            "title": _RESULTS[(count + number) % len(_RESULTS)].of(language).format(n=target),
            "owner": _OWNERS[(count + number) % len(_OWNERS)].of(language),
            "baseline": 0,
            "target": target,
        }
    config = {
        "workspace": {"id": f"small-{number:04}", "name": name},
        "cycle": "2026-Q4",
        "timezone": "Asia/Taipei",
        "language": language,
        "okr_sheet": {"file": "okrs.csv"},
        "check_in": {"every": "week"},
        "teams": {"team": {"title": name}},
        "objectives": objectives,
    }
    path = folder / "okrsync.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    for week in (3, 5):
        rows: list[list[object]] = [["KR id", "Current value", "Confidence", "Blocker", "Check-in date"]]
        for count, (key, target) in enumerate(targets.items()):
            share = min(1.0, (week + 1) * (1 + (5 * count + 7 * number) % 9) / 50)
            stuck = Words("waits for a decision", "等待決策").of(language) if (count + number) % 13 == 0 else ""
            silent = (count + 2 * number) % 17 == 0
            day = "" if silent else WEEKS[week]
            rows.append([key, "" if silent else round(share * target), 5 + (count + number) % 4, stuck, day])
        _write(folder / "okrs.csv", rows)
        okrsync(WEEKS[week], "sync", "-c", str(path), "--adopt", "--force")
    return path
