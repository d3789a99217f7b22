"""One word per idea: words that messages, help texts and pages avoid, in English and in Chinese."""

import re
from collections.abc import Iterator

import pytest

from catalogues import ROOT, messages_in_code, read
from syncer.sheet.columns import COLUMNS

AVOIDED = {
    r"stands? (?!for\b)|stood (?!in the way)": "is",
    r"beside\b": "next to, with",
    r"(nobody|somebody) (?!$)": "no one who; name the person or use the passive",
    r"told\b": "said, shown",
    r"anew\b": "again",
    r"has no place": "is not allowed",
    r"left out:": "default:",
    r"nowhere\b": "not",
    r"frugal": "cheap",
    r"word by word": "step by step",
    r"needs a look": "needs attention",
    r"taken hold": "adoption",
    r"where effort goes": "focus areas",
    r"why this figure": "how this is calculated",
    r"fold all": "collapse all",
    r"(?<!there )is no (?=[a-z])": "is not a",
    r"of ours\b": "in okrsync",
    r"everybody (?!:)": "everyone",
    r"states? `": "set",
    r"is not stated": "is not set",
    r"as to a stranger": "as to an anonymous user",
    r"knows none\b": "has none",
    r"goes? with --": "needs, cannot be used with",
    r"speaks? up\b": "gives advice",
    r"at hand\b": "available",
}
"""Patterns that begin a word, and what to write instead."""

AVOIDED_ZH = {
    "量測": "指標",
    "試算(?!表)": "預覽",
    "分頁": "工作表",
    "(?<!HTTP )標頭": "標題（試算表）、HTTP 標頭",
    "欄名(?!稱)": "標題",
    "回補": "補算",
    "核對": "驗證",
    "結束碼": "結束代碼",
    "行動項目": "行動方案",
    r"(?<!sum\()分享": "共用",
    "預期進度": "應有進度",
    "你(?!的公司)": "您",
    "讀數": "數值",
    "資源投入": "投入方向",
    "手動輸入": "手動填寫",
    "由人員": "由負責人",
    "工作天": "工作日",
    "拿掉": "移除",
    "更正": "修正",
    "佔位符": "預留位置",
    "服務帳號": "服務帳戶",
    "怎麼算出來|怎麼來的": "如何計算、計算方式",
    "保護機制": "安全檢查",
    "迴歸": "regression",
    "我們的程式錯誤": "okrsync 的程式錯誤",
    "關鍵結果": "關鍵成果",
    "默認|配置|單元格|撤銷|當前值": "預設、設定、儲存格、復原、目前值",
}

TERMS = {
    r"\bmeasures?\b": "指標",
    r"\bcredentials?\b": "認證資訊",
    r"\bcertificates?\b": "憑證",
    r"\bledger\b": "同步紀錄",
    r"\bexit codes?\b|with code": "結束代碼",
    r"(?<!linear, )\bworkdays?\b": "工作日",
    r"\bheaders?\b": "標題|標頭",
    r"\bobjectives?\b": "目標",
    r"\bkey results?\b": "關鍵成果",
    r"\bactions?\b": "行動方案",
    r"\bconflict\b": "手動改過",
    r"\bforecasts?\b": "期末預測",
    r"\bplan\b": "變更計畫",
    r"\btab\b (?!indents)": "工作表|定位字元",
    r"(?<!straight )\blines?\b": "行",
}
"""What a message with an English term says in Chinese; names in braces, code and examples do not count."""

NOT_TERMS = {"measure  {text}", "count or measure it, such as count(distinct ...)"}
_SET_APART = re.compile(r"`[^`]*`|--[\w-]+|\{[^}]*\}|<[^>]*>|Example: .*|this line contains a tab|history tab")
_PATTERNS = [(re.compile(rf"\b(?:{pattern})", re.IGNORECASE), better) for pattern, better in AVOIDED.items()]

SHEET = {
    "objective": "目標",
    "title": "關鍵成果",
    "owner": "負責人",
    "baseline": "起始值",
    "target": "目標值",
    "weight": "權重",
    "source": "資料來源",
    "current": "目前值",
    "progress": "進度",
    "attainment": "達成率",
    "expected": "應有進度",
    "status": "狀態",
    "forecast": "期末預測",
    "computed_score": "系統建議分數",
    "confidence": "信心指數",
    "blocker": "障礙",
    "help": "需要的協助",
    "self_score": "自評分數",
}
"""Headers of the sheet in Chinese; messages and pages use the same words."""


MOST_WORDS = 16_500
"""Words of the English pages that every team reads, without code blocks and the generated list of keys."""

GENERATED = "configuration.md"

ONE_PURPOSE = {
    "fleet.md",
    "sql.md",
    "http.md",
    "github-projects.md",
    "gitlab.md",
    "jira-sprints.md",
    "excel-online.md",
    "pushed-values.md",
}
"""Pages about one source or about many workspaces, which only those who use it read: each is short by itself."""

MOST_WORDS_OF_ONE_PURPOSE = 1_200


def chinese_texts() -> Iterator[tuple[str, str]]:
    for message in read("zh_TW"):
        for text in (message.string,) if isinstance(message.string, str) else message.string or ():
            yield str(message.id), text
    pages = [ROOT / "README.zh-TW.md", *(ROOT / "docs").glob("*.zh-TW.md")]
    for page in [*pages, *(ROOT / "config" / "templates").glob("*zh-TW*")]:
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
            yield f"{page.name}:{number}", line


def avoided(text: str) -> list[str]:
    """What a text says that has a better word, with that word."""
    return [f"{found[0]!r}: {better}" for pattern, better in _PATTERNS if (found := pattern.search(text))]


def test_english_messages() -> None:
    texts = {text for _, one, many in messages_in_code() for text in (one, many)}
    assert {text: found for text in texts if (found := avoided(text))} == {}


@pytest.mark.parametrize("pattern", AVOIDED_ZH)
def test_chinese(pattern: str) -> None:
    found = [(place, text) for place, text in chinese_texts() if re.search(pattern, text)]
    assert found == [], f"write {AVOIDED_ZH[pattern]}"


@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_one_translation(term: str) -> None:
    for message in read("zh_TW"):
        english, chinese = (each if isinstance(each, str) else each[-1] for each in (message.id, message.string or ""))
        if english not in NOT_TERMS and re.search(term, _SET_APART.sub("", english)):
            assert re.search(TERMS[term], chinese), f"{english!r} says {TERMS[term]}, not {chinese!r}"


def test_a_line_of_a_file_is_no_row() -> None:
    for message in read("zh_TW"):
        english, chinese = (each if isinstance(each, str) else each[-1] for each in (message.id, message.string or ""))
        if re.search(r"\b(this|next|the) line\b|line \{", english):
            assert not re.search("[一上下這每] ?列|\\} 列", chinese), english


def test_headers_of_the_sheet() -> None:
    assert {name: COLUMNS[name].zh for name in SHEET} == SHEET


def test_the_source_is_a_word_of_the_sheet_only() -> None:
    for message in read("zh_TW"):
        if "資料來源" in str(message.string):
            assert re.search(r"\bsource\b", str(message.id), re.IGNORECASE), message.id


def prose(text: str) -> str:
    """A page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


PAGES = {page.name: prose(page.read_text("utf-8")) for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}


@pytest.mark.parametrize("name", [name for name in sorted(PAGES) if "zh-TW" not in name])
def test_english_pages(name: str) -> None:
    lines = PAGES[name].splitlines()
    assert {line: found for line in lines if (found := avoided(line))} == {}


def words_of(name: str) -> int:
    return sum(1 for word in PAGES[name].split() if re.search(r"\w", word))


def test_the_pages_stay_short() -> None:
    pages = [name for name in PAGES if "zh-TW" not in name and name != "README.md"]
    assert sum(words_of(name) for name in pages if name not in {*ONE_PURPOSE, GENERATED}) < MOST_WORDS
    long = {name: words_of(name) for name in pages if name in ONE_PURPOSE}
    assert max(long.values()) < MOST_WORDS_OF_ONE_PURPOSE, long
