"""The ids of issues that came already."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.ids import Ids

an_id = st.one_of(
    st.integers(0, 600).map(str),
    st.integers(0, 2**70).map(str),
    st.sampled_from(["", "07", "7", "-7", "+7", " 7", "7\n", "1_0", "10", "\u0667", "CORE-7", "9" * 31, "9" * 32]),
    st.text(max_size=3),
)


@given(st.lists(an_id))
def test_each_text_is_new_once(ids: list[str]) -> None:
    seen, known = Ids(), set()
    for id_ in ids:
        assert seen.add(id_) == (id_ not in known)
        known.add(id_)
        assert len(seen) == len(known)


@given(st.lists(an_id), st.lists(an_id))
def test_what_only_one_holds_is_counted(left: list[str], right: list[str]) -> None:
    first, second = Ids(), Ids()
    for ids, texts in ((first, left), (second, right)):
        for id_ in texts:
            ids.add(id_)
    assert first.differing(second) == second.differing(first) == len(set(left) ^ set(right))


def test_ids_in_a_row_take_little_memory() -> None:
    tracemalloc.start()
    try:
        seen = Ids()
        for number in range(100_000):
            seen.add(str(1_000_000 + 7 * number))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(seen) == 100_000
    assert held < 1_000_000  # a set of texts takes ten times as much
