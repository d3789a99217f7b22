"""Edits of a YAML text: an entry changes, every other line stays, and nothing that people wrote is lost."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.loading.yaml_nodes import parse_document
from syncer.cycle_end.yaml_edit import YamlText

HERE = Path(__file__).parent.parent
FILES = [*HERE.glob("config/templates/*.yaml"), HERE / "docs/example.yaml"]
ODD = """\
a:   1          # one
b: { x: 1,y: [1,2] }
c: this is
  folded
# left of its entry
d: "折\\
  x"
e:
- 1
-   # below its dash
    f: 😀
    # still of f
- g: |
    four
 # left of g
  h: 2

# end
i: 'it''s'
j: {k: 1,  # why
    l: '#2',
    # about m
    m: [{n: 2026-01-02, o: {p: q}}, {n: y}]
}  # behind
u:
  {v: 中文}
"""


def data(text: str) -> Any:
    return parse_document(text.encode(), "f").root


def without(node: Any, steps: list[str]) -> Any:
    """The data without one entry; what is left empty is nothing."""
    first, *rest = steps
    key = int(first) - 1 if isinstance(node, list) else first
    changed = node.copy()
    if rest:
        changed[key] = without(node[key], rest)
    else:
        del changed[key]
    return changed or None


def words(text: str) -> Counter[str]:
    """What is written in a text, but for the signs that lay it out."""
    return Counter(re.findall(r"[^\s{}\[\],#:-]+", text))


def entries() -> Iterator[tuple[str, str]]:
    example = (HERE / "docs/example.yaml").read_text("utf-8")
    for text in (ODD, example):
        yield from ((text, path) for path in parse_document(text.encode(), "f").places)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_text_without_edits_is_itself(path: Path) -> None:
    text = path.read_text("utf-8")
    assert YamlText(text).text() == text


def test_an_odd_text_without_edits_is_itself() -> None:
    assert YamlText(ODD).text() == ODD


def test_what_is_commented_out_is_gone_and_still_there_to_read() -> None:
    for text, path in entries():
        edited = YamlText(text, [path])
        edited.comment_out(path, "old:")
        after = edited.text()
        assert data(after) == without(data(text), path.split(".")), path
        assert words(text) <= words(after), path


def test_braces_are_spread_where_they_stand_around_an_edit() -> None:
    text = YamlText(ODD, ["b", "j.m.1", "u.v"])
    text.comment_out("j.m.1.n", "of then:")
    text.add("u", ["w: 1  # new"], below="v")
    assert text.text() == (
        ODD.partition("b:")[0]
        + "b:\n  x: 1\n  y: [1, 2]\nc:"
        + ODD.partition("\nc:")[2].partition("j:")[0]
        + "j:  # behind\n  # why\n  # about m\n  k: 1\n  l: '#2'\n"
        "  m:\n  -\n    # of then:\n    # n: 2026-01-02\n    o: {p: q}\n  - {n: y}\nu:\n  v: 中文\n  w: 1  # new\n"
    )


def test_a_text_that_stands_in_braces_as_a_whole_is_spread() -> None:
    text = YamlText('{"cycle": "2026-Q4", "objectives": {"O1": {"title": "x"}}}\n', ["objectives.O1"])
    text.replace("cycle", "cycle: 2027-Q1")
    assert text.text() == 'cycle: 2027-Q1\n"objectives":\n  "O1":\n    "title": "x"\n'


def test_a_removed_entry_takes_the_comments_above_it_along() -> None:
    text = YamlText("a:\n  # of b\n  # again\n  b:\n    c: 1\n    # in b\n  # of d\n  d: 2\n# of e\ne: 3\n")
    text.remove("a.b", "b ended")
    text.remove("e", "e ended")
    assert text.text() == "a:\n  # b ended\n  # of d\n  d: 2\n# e ended\n"


def test_lines_are_added_to_a_mapping_of_any_shape() -> None:
    text = YamlText("a:\n    b: 1\n    c:  # none yet\nd:\n- e: 1\n  # last\n- f: 2\n")
    text.add("a", ["x: 1", "y: 2"], below="b")
    text.add("a.c", ["z: 3"], below="title")
    text.add("d.1", ["x: 1"])
    assert text.text() == (
        "a:\n    b: 1\n    x: 1\n    y: 2\n    c:  # none yet\n      z: 3\nd:\n- e: 1\n  # last\n  x: 1\n- f: 2\n"
    )


def test_edits_do_not_move_each_other() -> None:
    text = YamlText(
        "a:\n  b: |\n    one\n    # not a comment\n  # above c\n  c:\n  - x: 1\n    y: 2\n  - {x: 3}\n  d: 5  # five\n",
        ["a.c.1", "a.c.2"],
    )
    text.comment_out("a.c.1", "gone:")
    text.comment_out("a.b", "old:")
    text.replace("a.d", "d: 6")
    text.add("a", ["e: 7", "f: 8"], below="d")
    assert text.text(["# head"]) == (
        "# head\na:\n  # old:\n  # b: |\n  #   one\n  #   # not a comment\n  # above c\n  c:\n  # gone:\n  # - x: 1\n"
        "  #   y: 2\n  - x: 3\n  d: 6\n  e: 7\n  f: 8\n"
    )
