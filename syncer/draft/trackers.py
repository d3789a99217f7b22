"""Guess where the number of a key result may come from, by the words of its title. Pure."""

import re

from syncer.draft.draft import Tracker

_WORDS: tuple[tuple[Tracker, str], ...] = (
    (
        "github",
        (
            r"\b(?:prs?|pull requests?|merges?|merged|reviews?|releases?|deploy\w*|commits?)\b"
            r"|合併|程式碼審查|審查時間|審查的時間|釋出|部署|上線次數"
        ),
    ),
    (
        "jira",
        (
            r"\b(?:bugs?|incidents?|sev-?\d|tickets?|defects?|story points?|points|issues?|backlog|sprints?)\b"
            r"|臭蟲|缺陷|事故|工單|故事點|程式錯誤"
        ),
    ),
    (
        "rows",
        (
            r"\b(?:deals?|revenue|customers?|clients?|sales|pipeline|churn|csat|nps|leads?|orders?|bookings?|sign-?ups?)\b"
            r"|營收|客戶|業績|訂單|成交|滿意度|名單|續約"
        ),
    ),
)
_PATTERNS = tuple((tracker, re.compile(words, re.IGNORECASE)) for tracker, words in _WORDS)


def tracker_of(title: str) -> Tracker | None:
    """Return the likely source by the first matching word list; None where the title does not speak."""
    return next((tracker for tracker, words in _PATTERNS if words.search(title)), None)
