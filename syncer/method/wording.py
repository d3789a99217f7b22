"""What a title says: a figure, a vague wish, a task. In Chinese and English, and silent where it is not sure."""

import re

_NAMES = re.compile(
    r"""
      \b(?:ISO|IEC|IEEE|CNS|SOC|RFC|PCI|COVID|HTTP|Web|Industry|Level|Windows|Office)(?:/[A-Z]+)?[ /-]?\d[\d.:-]*
    | 工業\s?\d(?:\.\d)?
    | [A-Za-z]+-?\d+(?:\.\d+)?[A-Za-z\d]*
    | (?<![\d.,])(?-i:\d[A-Z][A-Za-z]*)(?![\d%])
    | (?<!\d)7-(?:ELEVEN|11)\b
    | (?<!\d)24/7(?!\d)
    | (?<!\d)(?:1[01]\d|20\d\d)\s?(?:年|年度)
    | \b(?:in|by|of|for|during)\s20\d\d\b
    | \b20\d\d[ -]?[QH][1-4]\b
    | 第\s?\d+\s?[季代期屆]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIGURE = re.compile(r"\d|百分之|[一二三四五六七八九十兩]+(?:成(?!不變)|倍|萬|億)")

_VAGUE_ALWAYS = re.compile(
    r"(?:變得?|做得?|變的)更好|更上一層樓|盡力|做好工作"
    r"|\b(?:improve|better|fix|optimi[sz]e|enhance) (?:things|everything|stuff|our work|ourselves)\b"
    r"|\b(?:do|be|get|become) better\b|\bdo (?:our|my) best\b|\bwork harder\b",
    re.IGNORECASE,
)
_VAGUE_ALONE = re.compile(r"優化|最佳化|\boptimi[sz]e\b", re.IGNORECASE)
_PURPOSE = re.compile(r"讓|使|好讓|以便|不再|[，,；;]|\b(?:so that|until|so|to|for)\b", re.IGNORECASE)

_TASK = re.compile(
    r"^\s*(?:每[週周月季天日]\s?)?(?:"
    r"發(?=\s?\d)|發[布佈表]|張貼|撰寫|寫(?=\s?\d)|舉辦|辦理|召開|參加|完成|建立|建置|架設|設立|導入|推出|上線|製作|開發|設計|規劃|安排|執行|啟動|拍攝|印製|培訓"
    r"|(?:launch|set up|write|publish|hold|organi[sz]e|implement|create|develop|ship|roll out|conduct|complete|finish"
    r"|migrate|make|prepare|send|install|introduce|attend|kick off)\b(?!-)"
    r"|(?:build|design|draft|host|post|release|run|start)\s(?:an?|the|our|all|new|two|three|four|five|\d+)\b)",
    re.IGNORECASE,
)
_SHARE = re.compile(r"[%％]|百分之|[一二三四五六七八九\d]成(?!不變)|率|\b(?:share|rate|percent) of\b", re.IGNORECASE)
_OUTCOME = re.compile(r"(?:[，,；;、]|並|且|使|讓|\b(?:and|with|so that|reaching|attracting)\b).*\d", re.IGNORECASE)
_SEPARATOR = re.compile(r"[、,，;；/&＆+\n]|\band\b")


def has_figure(title: str) -> bool:
    """Whether a figure stands in it. Names such as B2B, 5G and ISO 27001, and years, are none."""
    return _FIGURE.search(_NAMES.sub(" ", title)) is not None


def is_vague(title: str) -> bool:
    """Whether it only wishes for better: 變更好, "improve things", or 優化 without saying what for."""
    if _VAGUE_ALWAYS.search(title):
        return True
    return _VAGUE_ALONE.search(title) is not None and _PURPOSE.search(title) is None


def is_task(title: str) -> bool:
    """Whether it is a thing to do. A measured share (完成 80% 的 CRM 資料更新) or a task with its result is none."""
    if _TASK.match(title) is None or _SHARE.search(title):
        return False
    return _OUTCOME.search(title) is None


def owner_count(owner: str | None) -> int:
    """How many people are named."""
    return sum(bool(name.strip()) for name in _SEPARATOR.split(owner or ""))
