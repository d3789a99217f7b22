# ruff: noqa: E501 - a message is compared whole and stands on one line
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.findings import Place, find_place
from config.loading import yaml_nodes
from config.loading.yaml_nodes import Document, Node, parse_document

Parse = Callable[[str | bytes], Document]
C_AND_PYTHON = [getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader]


@pytest.fixture(params=C_AND_PYTHON, ids=["c", "python"])
def parse(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Parse:
    """Both parsers of PyYAML word their errors differently; ours say the same."""
    monkeypatch.setattr(yaml_nodes, "_LOADER", request.param)
    return lambda text: parse_document(text.encode() if isinstance(text, str) else text, "okrsync.yaml")


def problems_of(document: Document) -> list[str]:
    return [f"{one.line} {one.path}: {one.message}" for one in document.problems]


def test_every_scalar_is_text(parse: Parse) -> None:
    document = parse(
        "a: 1.10\nb: 0123\nc: yes\nd: null\ne: 2026-10-01\nf: 40%\ng: ''\nh:\ni: [1, x]\n'j': \"2\"\nk: ~\n"
    )
    assert document.problems == ()
    assert document.root == {
        "a": "1.10",
        "b": "0123",
        "c": "yes",
        "d": "null",
        "e": "2026-10-01",
        "f": "40%",
        "g": "",
        "h": None,
        "i": ["1", "x"],
        "j": "2",
        "k": "~",
    }


def test_everything_knows_its_line(parse: Parse) -> None:
    document = parse("a:\n  b: 1\n  c:\n    - x\n    - d: 2\n\n\n  e: |\n    text\nf: 3\n")
    assert {path: (place.line, place.column) for path, place in document.places.items()} == {
        "a": (1, 1),
        "a.b": (2, 3),
        "a.c": (3, 3),
        "a.c.1": (4, 7),
        "a.c.2": (5, 7),
        "a.c.2.d": (5, 7),
        "a.e": (8, 3),
        "f": (10, 1),
    }
    here = Place("okrsync.yaml", 2, 3)
    assert find_place(document.places, "a.b.x.y", Place("?")) == here
    assert str(here) == "okrsync.yaml:2"
    assert str(find_place(document.places, "z.b", Place("okrsync.yaml"))) == "okrsync.yaml"


@pytest.mark.parametrize(
    "text", ["\ufeffa: 1\n", "a: 1\r\n", "---\na: 1\n...\n", "%YAML 1.1\n---\na: 1\n", "# x\na: 1 # y\n"]
)
def test_what_is_allowed_around_a_config(parse: Parse, text: str) -> None:
    document = parse(text)
    assert (document.root, document.problems) == ({"a": "1"}, ())


_QUOTE = "quote it, or write `{0}: |` and the text on the next line, indented"
_QUOTE_VALUE = "quote the value, or write `{0}: |` and the text on the next line, indented"
_WIDE = "the colon after '{0}' is full-width (：); write `{0}: ` with a normal colon and a space"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", "2 : a tab indents this line; indent with spaces"),
        ("a:\n  b: 1\n\tc: 2\n", "3 : a tab indents this line; indent with spaces"),
        ("a:\n  \tb: 1\n", "2 : a tab indents this line; indent with spaces"),
        ("a: |\n\tfoo\n", "2 : a tab indents this line; indent with spaces"),
        ("a: x\ntarget：90\nc: 1\n", "2 : " + _WIDE.format("target")),
        ("a: x\ntarget：90\n", "2 : " + _WIDE.format("target")),
        ("a: x\n目標： 90\n", "2 : " + _WIDE.format("目標")),
        ("okr_sheet：\n  a: 1\n", "1 : " + _WIDE.format("okr_sheet")),
        ("a:\u30001\nb: 2\n", "1 : a full-width space follows 'a:'; write a normal one"),
        ("a:\n  b: 1\n\u3000\u3000c\n", "3 : a full-width space indents this line; indent with normal spaces"),
        ("a:1\nb: 2\n", "1 : a space is missing after 'a:'"),
        ("b: 2\na\n", "2 : this line has no colon; write `key: value`"),
        ("created: >={cycle.start}\n", "1 : a value cannot begin with '>' unquoted; " + _QUOTE.format("created")),
        ("jql: {cycle.start} < x\n", "1 : a value cannot begin with '{' unquoted; " + _QUOTE.format("jql")),
        ("search: [bug] in:title\n", "1 : a value cannot begin with '[' unquoted; " + _QUOTE.format("search")),
        ("a: @x\n", "1 : a value cannot begin with '@' unquoted; " + _QUOTE.format("a")),
        ("a: `x`\n", "1 : a value cannot begin with '`' unquoted; " + _QUOTE.format("a")),
        ("a: %x\n", "1 : a value cannot begin with '%' unquoted; " + _QUOTE.format("a")),
        ("a: - b\n", "1 : a value cannot begin with '-' unquoted; " + _QUOTE.format("a")),
        ("a: | b\n", "1 : a value cannot begin with '|' unquoted; " + _QUOTE.format("a")),
        ("title: KR: x\n", "1 : a value cannot hold ': ' unquoted; " + _QUOTE.format("title")),
        (
            "value: 'done' = x\n",
            (
                "1 : a value that begins with a quote ends at the next one; "
                "write `value: |` and the text on the next line, indented"
            ),
        ),
        ("a: 1\nb: 'x\nc: 1\n", "2 : a quote is opened here and never closed"),
        ("a: [1, 2\nb: 3\n", "1 : a '[' or '{' is opened here and not closed; a text that begins with it is quoted"),
        ("a: 1\n  b: 2\n", "2 : is indented deeper than the line above it, which already has a value"),
        ("a: 1\n\n  b: 2\n", "3 : is indented deeper than the line above it, which already has a value"),
        ("a:\n    b: 1\n  c: 2\n", "3 : this line's indentation fits no line above it"),
        ("a: \x01\n", "1 : holds a control character (U+0001); remove it"),
        ("a: 1\r\nb: \x7f\n", "2 : holds a control character (U+007F); remove it"),
        ("[" * 200, "1 : is nested too deeply"),
        (
            "? [a]\n: b\n",
            "1 : a key is plain text here; a value that begins with '{', '[' or '*' is written below its key in block style (|)",
        ),
        (b"a: 1\nb: \xff\n", "2 : is not UTF-8 from this line on; save the file as UTF-8"),
        ("目標: 1\n".encode("big5"), "1 : is not UTF-8 from this line on; save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "1 : is not UTF-8 from this line on; save the file as UTF-8"),
        (b"#" * 5_000_001, "0 : is larger than 5 MB; no config is"),
    ],
)
def test_what_is_no_yaml_says_what_to_write(parse: Parse, text: str | bytes, expected: str) -> None:
    document = parse(text)
    assert problems_of(document) == [expected]
    assert not document.readable
    assert document.root == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "0 : is empty; it begins with a line such as `cycle: 2026-Q4`"),
        ("# nothing\n", "0 : is empty; it begins with a line such as `cycle: 2026-Q4`"),
        ("- a\n", "0 : is not a config: it has no options; it begins with a line such as `cycle: 2026-Q4`"),
        ("a: 1\nb: 2\na: 3\n", "3 a: appears more than once; first on line 1"),
        ("a:\n  b: 1\n  b:\n    c: 2\n", "3 a.b: appears more than once; first on line 2"),
        ("a: 1\n---\nb: 2\n", "2 : a second document begins here; a config is one, without ---"),
        (
            "a: *x\n",
            "1 a: begins with '*', an alias in YAML; aliases are not supported: write the value out, or quote it",
        ),
        ("a: &x 1\n", "1 a: begins with '&', an anchor in YAML; anchors are not supported: quote the value"),
        ("a: !!int 3\n", "1 a: begins with '!', a tag in YAML; tags are not supported: quote the value"),
        ("jql: !a = b\n", "1 jql: begins with '!', a tag in YAML; tags are not supported: quote the value"),
        (
            "a: !!python/object/apply:os.system [x]\n",
            "1 a: begins with '!', a tag in YAML; tags are not supported: quote the value",
        ),
        ("<<: 1\n", "1 <<: '<<' merges mappings in YAML; that is not supported: write the values out"),
        ("a: {?}\n", "1 a.: every colon needs a key before it"),
        ("a:\n\u3000b: 1\n", "2 \u3000b: a full-width space is next to 'b'; write normal spaces"),
        ("a:\n  target：90\n", "2 a: " + _WIDE.format("target")),
        ("a:\n  - measure：x\n", "2 a.1: " + _WIDE.format("measure")),
        ("target： 90: x\n", "1 target： 90: " + _WIDE.format("target")),
        ("a:\n  target:90\n", "2 a: a space is missing after 'target:'"),
        ("title: x\n   target：90\n", "1 title: goes on to line 2, where " + _WIDE.format("target")),
        (
            "m:\n  value: {cycle.start}\n",
            "2 m.value.cycle.start: a value that begins with '{' is a mapping in YAML; write `value: |` and the text on the next line, indented",
        ),
        (
            "measure: {from: a.b, value: quantile_cont(x, 0.9), unit: h}\n",
            "1 measure.0.9): a comma inside { } ended the value before '0.9)'; write `measure:` and one option a line below it",
        ),
        (
            "search: is:open #bug\n",
            "1 search: ends before '#bug', since ' #' begins a comment; " + _QUOTE_VALUE.format("search"),
        ),
        (
            "title: Fix # 12\n",
            "1 title: ends before '# 12', since ' #' begins a comment; " + _QUOTE_VALUE.format("title"),
        ),
        ("title: x  #2\n", "1 title: ends before '#2', since ' #' begins a comment; " + _QUOTE_VALUE.format("title")),
        (
            "measure: a #b\n",
            "1 measure: ends before '#b', since ' #' begins a comment; " + _QUOTE_VALUE.format("measure"),
        ),
        (
            "title: #1 priority\nb: 1\n",
            "1 title: is empty, since ' #' begins a comment; " + _QUOTE_VALUE.format("title"),
        ),
        (
            "okr_sheet:\n  columns:\n    id: KR #\n",
            "3 okr_sheet.columns.id: ends before '#', since ' #' begins a comment; " + _QUOTE_VALUE.format("id"),
        ),
    ],
)
def test_what_yaml_would_take_silently_is_refused(parse: Parse, text: str, expected: str) -> None:
    document = parse(text)
    assert problems_of(document) == [expected]
    assert document.readable


@pytest.mark.parametrize(
    "text",
    [
        "value: count(*)  # the rows\n",
        "cycle: 2026-Q4 #now\n",
        "title:   # below\n  x\n",
        "title: |  # a comment\n  a #b\n",
        "title: 'a #b'\n",
        "title: 目標：讓客戶信賴\n",
        "title:\n  KR1：x\n",
        "search: |\n  repo:acme/app\n",
        "search:\n  repo:acme/app is:open\n",
        "search: repo:acme/app\n  is:open\n",
        "value: a\n",
        "include:\n  - teams/*.yaml\n",
        "url: https://x\n",
        "a:\n  https://x\n",
        "tabs: [a, b]\n",
        "a: {b: 1, c: , d: }\n",
        "value: 'x'\n",
        "jql: a = b{x}\n",
    ],
)
def test_what_is_right_is_left_alone(parse: Parse, text: str) -> None:
    assert problems_of(parse(text)) == []


def test_all_faults_are_listed_at_once(parse: Parse) -> None:
    document = parse("a: !x 1\na: 2\nsearch: x #y\nb: &c 1\nd: *c\n")
    assert [one.line for one in document.problems] == [1, 2, 3, 4, 5]
    assert document.root == {"a": "1", "search": "x", "b": "1", "d": None}


def test_aliases_cannot_multiply(parse: Parse) -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    document = parse("\n".join(lines))
    assert len(document.problems) == 40 + 39 * 3
    assert document.root["a39"] == [None, None, None]


@given(st.text(max_size=300) | st.text("ab:\n -#{}[]'\"|>&*!?,\t：　\r", max_size=80))
def test_any_text_gives_a_document(text: str) -> None:
    document = parse_document(text.encode("utf-8", "surrogatepass"), "x")
    assert document.readable or document.problems


@given(st.binary(max_size=200))
def test_any_bytes_give_a_document(data: bytes) -> None:
    document = parse_document(data, "x")
    assert document.readable or document.problems


trees = st.recursive(
    st.text("abc #:：,'\"{}[]\n1%", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdef", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=4), trees, min_size=1, max_size=4))
def test_what_is_written_properly_comes_back(tree: dict[str, Node]) -> None:
    text = yaml.safe_dump(tree, default_style='"', allow_unicode=True)
    document = parse_document(text.encode(), "x")
    assert (document.root, document.problems) == (tree, ())
