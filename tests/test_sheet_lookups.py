"""The text of lookup formulas, and how they are recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.sheet.lookups import is_lookup, lookup, lookup_link, same_formula

OWN = "okrsync 2026-Q4"
PLAIN = lookup(OWN, "F", "A")
LINKED = lookup_link(OWN, "K", "L", "A")
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
        assert is_lookup(read, OWN), read


def test_a_title_without_quotes_is_the_same_title() -> None:
    assert is_lookup(lookup("okrsync", "F", "A").replace("'", ""), "okrsync")


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "=1+1",
        f"='{OWN}'!F5",
        f"{PLAIN}+1",
        PLAIN.replace("ROW()", "7"),
        PLAIN.replace("$F:$F", "$G:$G", 1),
        PLAIN.replace('""', '" "'),
        lookup("another", "F", "A"),
        LINKED.replace("HYPERLINK", "CONCATENATE"),
    ],
)
def test_a_formula_of_people_is_no_lookup(formula: str) -> None:
    assert not is_lookup(formula, OWN)


@given(titles, columns, columns, columns)
def test_every_lookup_is_recognised_in_its_own_tab(title: str, value: str, link: str, key: str) -> None:
    for formula in (lookup(title, value, key), lookup_link(title, value, link, key)):
        assert is_lookup(formula, title)
        assert not is_lookup(formula, title + "x")


@given(columns, columns)
def test_separators_and_spaces_make_no_other_formula(first: str, second: str) -> None:
    other = lookup(OWN, second, "A").replace(";", " ,  ")
    assert same_formula(lookup(OWN, first, "A"), other) == (first == second)
