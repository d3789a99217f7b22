"""Tables as people and programs leave them: titles, notes, totals, repeated headers, merges, odd delimiters."""

from pathlib import Path
from typing import Any

import pytest

from connectors.files.connector import FilesSource
from connectors.protocol import Read, ReadError, Reading
from golden_files import check_golden
from source_contract import INSTANTS, Rows

TITLE = "Report, of, all, regions\n\nRegion;Revenue;Units\nNorth;1200;3\nSouth;800;4\n"
TOTALS = "Deal,Amount\na,100\nb,200\n\nTotal,300\n"
JIRA = "Issue key,Summary,Sprint,Sprint,Labels,Labels,Story Points\nA-1,x,S1,S2,l1,,3.0\nA-2,y,S1,,l1,l2,5.0\n"


def answer(folder: Path, data: str | bytes, *columns: str, **query: str) -> tuple[Reading | ReadError, Rows]:
    name = query.pop("name", "t.csv")
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    kept = Rows()
    read = Read("a", "rows", {"path": name, **query}, columns, instants=INSTANTS)
    (found,) = FilesSource("files", folder).read([read], kept)
    if isinstance(found, Reading) and found.failed:
        return ReadError(read, next(iter(found.failed.values()))), kept
    return found, kept


def rows(folder: Path, data: str | bytes, *columns: str, **query: str) -> list[dict[str, Any]]:
    found, kept = answer(folder, data, *columns, **query)
    assert isinstance(found, Reading), found.error
    return [{name: row[name] for name in columns} for row in kept.rows["a"]]


def remarks(folder: Path, data: str | bytes, **query: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found, _ = answer(folder, data, **query)
    assert isinstance(found, Reading), found.error
    return found.notes, found.warnings


@pytest.mark.parametrize(
    ("data", "query", "expected"),
    [
        ("n|x\n1|a\n2|b\n", {}, [1, 2]),
        ("n\tx,y\n1\ta\n2\tb\n", {}, [1, 2]),
        ("n;x, y, z\n1;a\n2;b\n", {}, [1, 2]),
        ("n;x\n1;0,5\n2;1,5\n", {}, [1, 2]),
        ("n,x\n1,a; b\n2,c; d\n", {}, [1, 2]),
        ("Extracted on 2026-11-01\nid;n;x\na;1;1.5\nb;2;2.5\n", {}, [1, 2]),
        ("Report, of, all, of us\n\nid;n\na;1\nb;2\n", {"header_row": "3"}, [1, 2]),
        ("n x\n1 a\n2 b\n", {"delimiter": "space"}, [1, 2]),
        ("n:x\n1:a\n2:b\n", {"delimiter": ":"}, [1, 2]),
        ("n,a|x\n1,b|c\n2,d|e\n", {"delimiter": "comma"}, [1, 2]),
    ],
)
def test_delimiters(tmp_path: Path, data: str, query: dict[str, str], expected: list[int]) -> None:
    assert rows(tmp_path, data, "n", **query) == [{"n": value} for value in expected]


@pytest.mark.parametrize("query", [{}, {"header_row": "3"}, {"delimiter": "semicolon"}])
def test_title_lines_above_the_headers(tmp_path: Path, query: dict[str, str]) -> None:
    assert rows(tmp_path, TITLE, "Revenue", "Units", **query) == [
        {"Revenue": 1200, "Units": 3},
        {"Revenue": 800, "Units": 4},
    ]


@pytest.mark.parametrize(
    ("until", "count", "note"),
    [
        ("blank", 2, "the data ends above row 4 (`until: blank`); 1 row below is left out"),
        ("total", 2, "the data ends above row 5 (`until: total`); 1 row below is left out"),
        ("T*", 2, "the data ends above row 5 (`until: T*`); 1 row below is left out"),
        ("Sum", 3, "no row matches `until: Sum`; all rows are data"),
    ],
)
def test_until_ends_the_data(tmp_path: Path, until: str, count: int, note: str) -> None:
    assert len(rows(tmp_path, TOTALS, "Amount", until=until)) == count
    assert remarks(tmp_path, TOTALS, until=until)[0] == (note,)


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        (TOTALS, "`until: blank` leaves it out"),
        (TOTALS.replace("\n\n", "\n"), "`until: Total` leaves it out"),
        ("Deal,Owner,Amount\na,x,1\nb,y,2\nAll,,3\n", "`until: All` leaves it out"),
        ("Deal,Amount\na,100\nb,200\nc,300\n", ""),
        ("n,x\n1,a\n2,b\n3,c\n", ""),
        ("Deal,Amount\na,100\n\nTotal,100\n", ""),
        ("Deal,Amount\na,0\nb,0\nTotal,0\n", ""),
    ],
)
def test_a_last_row_that_is_the_sum_of_the_others(tmp_path: Path, data: str, warning: str) -> None:
    _, warnings = remarks(tmp_path, data)
    assert len(warnings) == bool(warning)
    assert all(warning in each for each in warnings)


def test_repeated_headers_are_numbered(tmp_path: Path) -> None:
    data = "Labels,labels,Labels_2,n,Labels\na,b,c,1,d\n"
    names = ("Labels", "labels_2_", "Labels_2", "n", "Labels_3")
    assert rows(tmp_path, data, *names) == [dict(zip(names, ("a", "b", "c", 1, "d"), strict=True))]
    assert remarks(tmp_path, data)[0] == ("columns with the same header (A1, B1, E1): Labels, labels_2_, Labels_3",)


def test_repeated_headers_of_a_jira_export_are_lists(tmp_path: Path) -> None:
    assert rows(tmp_path, JIRA, "Sprint", "Labels", "Story Points") == [
        {"Sprint": ("S1", "S2"), "Labels": ("l1",), "Story Points": 3},
        {"Sprint": ("S1",), "Labels": ("l1", "l2"), "Story Points": 5},
    ]


def test_files_without_headers(tmp_path: Path) -> None:
    data = "1,,Epic,Core\n2,1,Story,Data\n3,2,Task,Schema\n"
    (warning,) = remarks(tmp_path, data)[1]
    assert "write `header: none`" in warning
    assert rows(tmp_path, data, "A", "C", header="none") == [
        {"A": 1, "C": "Epic"},
        {"A": 2, "C": "Story"},
        {"A": 3, "C": "Task"},
    ]
    named = rows(tmp_path, data, "id", "kind", header="none", columns='["id", "parent", "kind", "title"]')
    assert named[0] == {"id": 1, "kind": "Epic"}


def test_years_above_numbers_are_headers(tmp_path: Path) -> None:
    assert remarks(tmp_path, "Team,2025,2026\nA,1,2\nB,3,4\n", header_row="1") == ((), ())


def test_rows_of_unchecked_boxes_are_blank(tmp_path: Path) -> None:
    data = "Task,Done,Note\na,TRUE,x\nb,FALSE,\n,FALSE,\n,false,\n"
    assert len(rows(tmp_path, data, "Task")) == 2
    assert remarks(tmp_path, data)[0] == ("2 rows with nothing but FALSE are left out as blank",)


@pytest.mark.parametrize(
    "data", ["Churned\nTRUE\nFALSE\nFALSE\n", "Churned,Comment\nTRUE,slow\nFALSE,\nTRUE,\nFALSE,\n"]
)
def test_answers_that_are_false_count(tmp_path: Path, data: str) -> None:
    assert len(rows(tmp_path, data, "Churned")) == data.count("\n") - 1


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ('1;"Add" button;2', '"Add" button'),
        ('1;"Add ""new"" button";2', 'Add "new" button'),
        ('1;a 5" pipe;2', 'a 5" pipe'),
        ('"1";"Add" button;2', '"Add" button'),
    ],
)
def test_quotes_within_fields(tmp_path: Path, line: str, title: str) -> None:
    assert rows(tmp_path, f"id;title;n\n{line}\n2;fine;3\n", "title", "n") == [
        {"title": title, "n": 2},
        {"title": "fine", "n": 3},
    ]


@pytest.mark.parametrize(
    ("text", "encoding", "note"),
    [
        ("城市,n\n臺北市信義區,1\n高雄市前鎮區,2\n新竹縣竹北市,3\n", "cp950", "read as big5"),
        ("city,n\nMontréal,1\nQuébec,2\nMontréal,3\n", "cp1252", "read as windows-1252"),
        ("顧客,n\nひまわり商事,1\nカタカナ工業,2\nみどりの会,3\n", "cp932", "read as shift_jis"),
    ],
)
def test_encodings_that_are_certain(tmp_path: Path, text: str, encoding: str, note: str) -> None:
    assert rows(tmp_path, text.encode(encoding), "n") == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert remarks(tmp_path, text.encode(encoding))[0] == (note,)


DOUBTFUL = "stage,amount\n成交,100\n未定,200\n成交,300\n"


@pytest.mark.parametrize(("encoding", "stated"), [("gbk", "gbk"), ("cp950", "big5")])
def test_a_stated_encoding_is_used(tmp_path: Path, encoding: str, stated: str) -> None:
    found = rows(tmp_path, DOUBTFUL.encode(encoding), "stage", "amount", encoding=stated)
    assert sum(row["amount"] for row in found if row["stage"] == "成交") == 400


REFUSALS: dict[str, tuple[str | bytes, dict[str, str]]] = {
    "a line with more fields than headers": ("id,name,status\n1,Smith, John,done\n2,Lee,done\n", {}),
    "many of them": ("id,name,x\n" + "1,a,b,c\n" * 5, {}),
    "more fields than columns": ("1,a,x\n2,b\n", {"header": "none", "columns": '["id", "name"]'}),
    "a doubtful encoding": (DOUBTFUL.encode("gbk"), {}),
    "no encoding": (b"a,b\n\x81\x8d,1\n", {}),
    "a quote that is never closed": ('id,name\n1,"a\n2,b\n', {}),
    "text after a quote": ('id,name\n1,"a\nb" c\n2,b\n', {}),
    "text after a quote, and a delimiter in it": ('id;name;n\n1;"a;b" c;2\n2;b;3\n', {}),
    "a header row that is none": ("a,b\n1,2\n", {"header_row": "7"}),
    "a key of another kind": ("a,b\n1,2\n", {"tab": "Deals"}),
    "JSON with a delimiter": ("[]", {"delimiter": ";", "name": "t.json"}),
}


def test_refusals(tmp_path: Path) -> None:
    output = []
    for what, (data, query) in REFUSALS.items():
        found, _ = answer(tmp_path, data, **query)
        assert isinstance(found, ReadError), what
        output.append(f"-- {what}\n{found.error}\n")
    check_golden("table_refusals.txt", "\n".join(output))


def test_lines_that_do_not_fit_are_counted(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name,status\n1,Smith, John,done\n2,Lee,done\n")
    read = Read("a", "rows", {"path": "t.csv"}, (), count_only=True, instants=INSTANTS)
    (found,) = FilesSource("files", tmp_path).read([read], Rows())
    assert isinstance(found, Reading)
    assert found.count == 2
