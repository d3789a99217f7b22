"""The words people see, in English and 繁體中文 (the glossary in docs/ holds the terms)."""

from typing import Literal

Language = Literal["en", "zh-TW"]

_WORDS: dict[str, tuple[str, str]] = {
    "not_started": ("not started", "尚未開始"),
    "just_started": ("just started", "剛起步"),
    "on_track": ("on track", "如期進行"),
    "at_risk": ("at risk", "有風險"),
    "off_track": ("off track", "進度落後"),
    "met": ("met", "達標"),
    "not_met": ("not met", "未達標"),
    "done": ("done", "已達成"),
    "unknown": ("unknown", "無資料"),
    "stale": ("stale", "久未更新"),
    "dropped": ("dropped", "已取消"),
}


def word(key: str, language: str) -> str:
    """The word for a status. Raises KeyError for a word that is not in the glossary."""
    return _WORDS[key][language == "zh-TW"]


def say(language: str, en: str, zh: str) -> str:
    """One of two wordings of the same sentence."""
    return zh if language == "zh-TW" else en
