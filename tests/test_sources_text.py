"""`okrsync sources`: what can be read, and the keys and columns of one table."""

import pytest

from command_kit import Shell
from connectors import registry


def test_all_tables_are_listed_in_short(shell: Shell) -> None:
    output = shell.run("sources").out
    for kind in registry.types():
        for table in registry.tables(kind).values():
            full = kind if table.name == kind else f"{kind}.{table.name}"
            assert f"\n{full}  (" in f"\n{output}"
    assert output.endswith("`okrsync sources TABLE` shows its columns.\n")
    assert "    summary " not in output


@pytest.mark.parametrize(
    ("name", "shown", "left_out"),
    [
        (
            "jira.issues",
            [
                "jira.issues  (jql, [types], [numbers], [dates])",
                "    summary ",
                "  jql ",
                "    timestamp  a date picker",
            ],
            "github.issues",
        ),
        ("github", ["github.issues  (", "github.pull_requests  (", "    merged "], "jira.issues"),
        ("google_sheets.rows", ["(optional) ", "columns: those of the data, by their headers"], "google_sheets.cell"),
    ],
)
def test_one_table_or_one_service_with_every_column(shell: Shell, name: str, shown: list[str], left_out: str) -> None:
    done = shell.run("sources", name)
    assert done.code == 0, done.err
    assert [text for text in shown if text not in done.out] == []
    assert f"\n{left_out}  (" not in f"\n{done.out}"
