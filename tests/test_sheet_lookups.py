"""The text of lookup formulas, and how they are recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.google_sheets.book import Book, enter
from connectors.sandbox.google_sheets.formulas import Shown
from syncer.sheet.lookups import OwnPlace, is_lookup, lookup, lookup_link, same_formula

OWN = "okrsync 2026-Q4"
PLAIN = lookup(OwnPlace(OWN, "A", "F"), "A")
LINKED = lookup_link(OwnPlace(OWN, "A", "K"), "L", "A")
FOUND = "INDEX('okrsync 2026-Q4'!$F:$F;MATCH(TRIM(INDEX($A:$A;ROW()));'okrsync 2026-Q4'!$A:$A;0))"

titles = st.text(st.characters(categories=("L", "N", "P", "Zs"), max_codepoint=0x9FFF), min_size=1, max_size=20)
columns = st.from_regex(r"[A-Z]{1,2}", fullmatch=True)


def test_the_text_of_a_lookup() -> None:
    assert f'=IFNA(IF({FOUND}="";"";{FOUND});"")' == PLAIN
    link = FOUND.replace("$F", "$L")
    text = FOUND.replace("$F", "$K")
    assert f'=IFNA(IF({text}="";"";IF({link}="";{text};HYPERLINK({link};{text})));"")' == LINKED


@pytest.mark.parametrize("formula", [PLAIN, LINKED])
def test_a_lookup_is_recognised_as_a_service_gives_it_back(formula: str) -> None:
    for read in (formula, formula.replace(";", ", "), formula.lower(), formula.replace(f"'{OWN}'!", "#REF!")):
        assert is_lookup(read), read


def test_a_title_without_quotes_is_the_same_title() -> None:
    assert is_lookup(lookup(OwnPlace("okrsync", "A", "F"), "A").replace("'", ""))
    assert same_formula(
        lookup(OwnPlace("okrsync", "A", "F"), "A").replace("'", ""), lookup(OwnPlace("okrsync", "A", "F"), "A")
    )


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "=1+1",
        f"='{OWN}'!F5",
        f"{PLAIN}+1",
        PLAIN.replace("ROW()", "7"),
        PLAIN.replace('""', '" "'),
        LINKED.replace("HYPERLINK", "CONCATENATE"),
    ],
)
def test_a_formula_of_people_is_no_lookup(formula: str) -> None:
    assert not is_lookup(formula)


@given(titles, columns, columns, columns)
def test_every_lookup_is_recognised_in_its_own_tab(title: str, value: str, link: str, key: str) -> None:
    own, other = OwnPlace(title, "A", value), OwnPlace(title + "x", "A", value)
    pairs = ((lookup(own, key), lookup(other, key)), (lookup_link(own, link, key), lookup_link(other, link, key)))
    for formula, elsewhere in pairs:
        assert is_lookup(formula)
        assert not same_formula(formula, elsewhere)


@given(columns, columns)
def test_separators_and_spaces_make_no_other_formula(first: str, second: str) -> None:
    other = lookup(OwnPlace(OWN, "A", second), "A").replace(";", " ,  ")
    assert same_formula(lookup(OwnPlace(OWN, "A", first), "A"), other) == (first == second)


def test_a_lookup_in_the_column_of_ids_refers_to_itself() -> None:
    """As in Google Sheets, such a cell shows an error, whatever it is that somebody moved there."""
    own = [["id", "title"], ["KR1", "Sign 4 deals"]]
    book = Book.of_values("b", "OKRs", {"OKRs": [["KR id"], ["KR1"]], "okrsync": own})
    enter(book.tabs[0], 1, 0, lookup(OwnPlace("okrsync", "A", "B"), "A"))
    assert Shown(book).value(book.tabs[0], 1, 0)["errorValue"]["type"] == "REF"
