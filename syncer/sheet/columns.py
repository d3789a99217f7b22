"""Columns of an OKR sheet, statuses and decisions: their words in English and Chinese, and who fills the columns."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from config.dataclass import dataclass
from config.message import Message
from config.models import Kind
from syncer.i18n import status_label, translatable, translate
from syncer.method.status import Status

Owner = Literal["id", "definition", "computed", "people"]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A known column. `other` lists further headers with the same meaning."""

    name: str
    en: str
    zh: str
    owner: Owner
    other: tuple[str, ...] = ()


_ALL = (
    SheetColumn("id", "KR id", "KR 編號", "id", ("id", "key result id", "編號", "okr 編號", "okr id", "代號")),
    SheetColumn("objective", "Objective", "目標", "definition", ("目標（O）", "O", "objectives", "objective (o)")),
    SheetColumn(
        "title",
        "Key result",
        "關鍵成果",
        "definition",
        (
            *("關鍵結果", "關鍵成果（KR）", "關鍵結果（KR）", "KR", "KRs", "key results", "key result (kr)", "title"),
            *("objective/key result", "objectives/key results", "objectives and key results"),
            *("目標/關鍵成果", "目標與關鍵成果", "目標及關鍵成果", "目標/關鍵結果", "目標與關鍵結果", "目標及關鍵結果"),
        ),
    ),
    SheetColumn(
        "owner", "Owner", "負責人", "definition", ("DRI", "assignee", "responsible", "負責同仁", "負責人員", "承辦人")
    ),
    SheetColumn("team", "Team", "團隊", "definition", ("部門", "department")),
    SheetColumn("baseline", "Baseline", "起始值", "definition", ("起點", "start value")),
    SheetColumn("target", "Target", "目標值", "definition"),
    SheetColumn("unit", "Unit", "單位", "definition"),
    SheetColumn("kind", "Kind", "類型", "definition", ("goal type", "kr type", "目標類型")),
    SheetColumn("weight", "Weight", "權重", "definition"),
    SheetColumn("source", "Source", "資料來源", "definition", ("data source", "measure")),
    SheetColumn(
        "current",
        "Current value",
        "目前值",
        "computed",
        ("current", "value", "actual", "現值", "實際值", "當前值", "目前數值"),
    ),
    SheetColumn("progress", "Progress", "進度", "computed", ("完成度",)),
    SheetColumn("attainment", "Attainment", "達成率", "computed"),
    SheetColumn("expected", "Expected", "應有進度", "computed", ("expected progress",)),
    SheetColumn("status", "Status", "狀態", "computed"),
    SheetColumn("updated", "Value updated", "數值更新日", "computed", ("last updated", "updated")),
    SheetColumn("forecast", "Forecast", "期末預測", "computed"),
    SheetColumn("link", "Source link", "來源連結", "computed"),
    SheetColumn("computed_score", "Computed score", "系統建議分數", "computed"),
    SheetColumn("rows_read", "Rows read", "讀取列數", "computed"),
    SheetColumn("measures", "Measures", "指標清單", "computed"),
    SheetColumn("confidence", "Confidence", "信心指數", "people"),
    SheetColumn("note", "Note", "說明", "people", ("notes", "comments", "備註")),
    SheetColumn("blocker", "Blocker", "障礙", "people", ("blockers",)),
    SheetColumn("help", "Help needed", "需要的協助", "people"),
    SheetColumn("helper", "Helper", "協助人", "people"),
    SheetColumn("date", "Check-in date", "更新日期", "people", ("check-in",)),
    SheetColumn("self_score", "Self score", "自評分數", "people"),
    SheetColumn("decision", "Decision", "季末決定", "people"),
    SheetColumn("decided_by", "Decided by", "決定者", "people"),
    SheetColumn("reason", "Reason", "原因", "people"),
    SheetColumn("override", "Status override", "狀態覆寫", "people"),
    SheetColumn("override_owner", "Override by", "覆寫者", "people"),
    SheetColumn("override_reason", "Override reason", "覆寫原因", "people"),
    SheetColumn("override_expiry", "Override until", "覆寫到期", "people", ("override expiry",)),
    SheetColumn("judgement", "Objective reached", "目標達成判斷", "people"),
)

ROWS_READ = "rows_read"
"""Column of the own tab for the number of rows that a key result's reads returned at the last write."""

MEASURES = "measures"
"""Column of the own tab that lists the measures' names, as choices for the source column."""

COLUMNS: Mapping[str, SheetColumn] = MappingProxyType({column.name: column for column in _ALL})


DEFINITION_HEADERS: Mapping[str, Message] = MappingProxyType(
    {
        "objective": Message("Objective"),
        "title": Message("Key result"),
        "owner": Message("Owner"),
        "team": Message("Team"),
        "baseline": Message("Baseline"),
        "target": Message("Target"),
        "unit": Message("Unit"),
        "weight": Message("Weight"),
        "source": Message("Source"),
    }
)
"""Headers of definitions, for messages."""


def normal_header(text: str) -> str:
    """Normalize a header for comparison: width, case and inner white space do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_AROUND_SLASH = re.compile(" ?/ ?")

_BY_HEADER = {
    normal_header(header): column for column in _ALL for header in (column.en, column.zh, column.name, *column.other)
}


def column_of(header: str) -> SheetColumn | None:
    """Return the known column of a header in either language; None for a column that okrsync does not know."""
    return _BY_HEADER.get(_AROUND_SLASH.sub("/", normal_header(header)))


def header_of(name: str, language: str) -> str:
    """Return the header that okrsync writes for a column."""
    column = COLUMNS[name]
    return column.zh if language == "zh-TW" else column.en


_STATUS_BY_WORD = {
    normal_header(status_label(status.value, language)): status for status in Status for language in ("en", "zh-TW")
}
_STATUS_BY_WORD |= {normal_header(status.value): status for status in Status}


def status_of_text(text: str) -> Status | None:
    """Parse a status in either language; None for any other text."""
    return _STATUS_BY_WORD.get(normal_header(text))


def status_text(status: Status, language: str) -> str:
    """Return the word for a status as written to the sheet."""
    return status_label(status.value, language)


def left_text(language: str) -> str:
    """Return the text in the status column for a key result that is no longer in the config."""
    return translate(language, "Not in the config")


KINDS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "increase": ("提升", "增加", "上升"),
        "decrease": ("降低", "減少", "下降"),
        "at_least": ("at least", ">=", "≥", "至少", "以上"),
        "at_most": ("at most", "<=", "≤", "至多", "最多", "以下", "以內"),
    }
)
"""Kinds that a cell can state, with further words for them."""

_KIND_BY_WORD = {normal_header(word): kind for kind, words in KINDS.items() for word in (kind, *words)}


def kind_of_text(text: str) -> Kind | None:
    """Parse a kind in either language; None for any other text."""
    return _KIND_BY_WORD.get(normal_header(text))


Verdict = Literal["continue", "abandon", "complete"]


VERDICTS: dict[Verdict, str] = {
    "continue": translatable("continue", "decision"),
    "abandon": translatable("abandon", "decision"),
    "complete": translatable("complete", "decision"),
}


_VERDICT_BY_WORD: Mapping[str, Verdict] = {
    "continue": "continue", "繼續": "continue", "延續": "continue",
    "abandon": "abandon", "abandoned": "abandon", "放棄": "abandon",
    "complete": "complete", "completed": "complete", "done": "complete", "標記為完成": "complete", "完成": "complete",
}  # fmt: skip


def verdict_of(text: str) -> Verdict | None:
    """Parse a decision in either language; None for any other text."""
    return _VERDICT_BY_WORD.get(normal_header(text))
