"""What a write hit in a row without an id, where rows are inserted again before the repair."""

import sheet_people as people
from command_kit import Shell
from connectors.sandbox.google_sheets.rows import delete_rows, insert_rows
from lean_kit import lean_workspace, numbers
from sheet_people import between, entered_by_id


def test_a_hit_row_without_an_id_is_cleared_also_where_rows_are_inserted_before_the_repair(shell: Shell) -> None:
    with lean_workspace(shell.folder) as sandbox:
        assert shell.run("sync").code == 0
        numbers(sandbox, 2)
        insert_rows(people.book_of(sandbox), people.tab_of(sandbox), 4, 1, inherit=False)
        loose = sorted(str(row) for key, row in entered_by_id(sandbox).items() if key.startswith("row "))
        between(
            sandbox,
            lambda book, tab: delete_rows(book, tab, 4, 1),
            lambda book, tab: insert_rows(book, tab, 10, 2, inherit=False),
        )
        done = shell.run("sync")
        found = entered_by_id(sandbox)
        assert [key for key, row in found.items() if key.startswith("row ") and "Progress" in row] == [], done.out
        assert len([key for key in found if key.startswith("row ")]) == len(loose)
