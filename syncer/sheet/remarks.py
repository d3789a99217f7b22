"""Rows that hold neither objectives nor key results: remarks such as `Notes: ...`, and totals."""

import re

_REMARK = re.compile(
    r"(?:(?:notes?|n\.?b\.?|remarks?|comments?|legend|p\.?s\.?|last (?:reviewed|updated)|updated|source"
    r"|備註|附註|註|註記|註解|說明|圖例|最後更新|更新日期)\s*[:：].*"
    r"|(?:notes?|remarks?|comments?|legend|(?:sub|grand )?total|sum|average|overall"
    r"|備註|附註|說明|圖例|合計|總計|小計|平均|加總)(?:\s*[:：].*)?)",
    re.IGNORECASE | re.DOTALL,
)


def is_remark(text: str) -> bool:
    """Whether a text is a remark or the label of a total, and so neither objective nor key result."""
    return _REMARK.fullmatch(text.strip()) is not None
