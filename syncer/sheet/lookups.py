"""Lookup formulas: cells of people's tabs that show a value of okrsync's own tab by the row's id. Pure."""

import re

from connectors.grids.a1 import quoted

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")|(?P<tab>'(?:[^']|'')*')|(?<!#)(?P<bare>\b\w+)!|(?P<space>\s+)|(?P<rest>.)"""
)
_INDEX = r"INDEX\((?:'(?:[^']|'')*'!|#REF!)\$([A-Z]{1,3}):"
_SHAPE = re.compile(rf"=IFNA\(IF\({_INDEX}.*?TRIM\(INDEX\(\$([A-Z]{{1,3}}):")
_LINK = re.compile(rf"HYPERLINK\({_INDEX}")
_BROKEN = "#REF!"
"""What stands in a formula for a tab that was deleted."""


def lookup(own_tab: str, own_column: str, id_column: str) -> str:
    """The formula that shows a column of the own tab, the same in every row; columns are letters."""
    found = _found(own_tab, own_column, id_column)
    return f'=IFNA(IF({found}="";"";{found});"")'


def lookup_link(own_tab: str, own_column: str, link_column: str, id_column: str) -> str:
    """The lookup of *Source*: its text, linked where the own tab holds a link."""
    found, link = _found(own_tab, own_column, id_column), _found(own_tab, link_column, id_column)
    return f'=IFNA(IF({found}="";"";IF({link}="";{found};HYPERLINK({link};{found})));"")'


def same_formula(first: str, second: str) -> bool:
    """Whether two formulas differ only in separators, spaces, case and the quotes of sheet names."""
    return _normal(first) == _normal(second)


def is_lookup(formula: str, own_tab: str) -> bool:
    """Whether a formula is a lookup in the own tab, or one that broke because that tab was deleted."""
    text = _normal(formula)
    shape = _SHAPE.match(text)
    if shape is None:
        return False
    own, (value, key) = _normal(quoted(own_tab) + "!"), shape.groups()
    link = _LINK.search(text)
    wanted = lookup_link(own_tab, value, link[1], key) if link else lookup(own_tab, value, key)
    return text in (_normal(wanted), _normal(wanted).replace(own, _BROKEN))


def _found(own_tab: str, own_column: str, id_column: str) -> str:
    own, key = quoted(own_tab), f"${id_column}:${id_column}"
    return f"INDEX({own}!${own_column}:${own_column};MATCH(TRIM(INDEX({key};ROW()));{own}!$A:$A;0))"


def _normal(formula: str) -> str:
    return "".join(map(_normal_token, _TOKEN.finditer(formula)))


def _normal_token(match: re.Match[str]) -> str:
    if match["text"]:
        return match["text"]
    if match["tab"]:
        return match["tab"].casefold()
    if match["bare"]:
        return quoted(match["bare"]).casefold() + "!"
    if match["space"]:
        return ""
    return match["rest"].upper().replace(",", ";")
