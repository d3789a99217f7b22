"""Our quick dataclasses behave as the library's."""

import dataclasses
from dataclasses import FrozenInstanceError, field, replace
from typing import Any, ClassVar

import pytest

from config.dataclass import dataclass


def _twins() -> list[tuple[type[Any], type[Any]]]:
    """The same classes by our decorator and by the library's."""
    return list(zip(_classes(dataclass), _classes(dataclasses.dataclass), strict=True))


def _classes(decorator: Any) -> tuple[type[Any], ...]:
    @decorator(frozen=True, slots=True)
    class Point:
        kind: ClassVar[str] = "point"
        x: int
        y: int = 0
        tags: list[str] = field(default_factory=list, compare=False)
        secret: str = field(default="", repr=False)

        def far(self) -> bool:
            return self.x > 100

    @decorator(frozen=True, slots=True)
    class Named(Point):
        name: str = "?"

    @decorator(frozen=True, slots=True, kw_only=True)
    class Options:
        a: int
        b: int = 2

    @decorator(slots=True)
    class Counter:
        seen: dict[str, int] = field(default_factory=dict)

    @decorator(frozen=True)
    class Loose:
        value: int = 1

        def __post_init__(self) -> None:
            if self.value < 0:
                raise ValueError(self.value)

    @decorator(frozen=True, slots=True)
    class Empty:
        pass

    @decorator(frozen=True, slots=True)
    class Own:
        text: str

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    return Point, Named, Options, Counter, Loose, Empty, Own


MADE: list[tuple[int, tuple[Any, ...], dict[str, Any]]] = [
    (0, (1,), {}),
    (0, (1, 2), {"tags": ["a"], "secret": "s"}),
    (1, (1,), {}),
    (1, (1, 2, ["t"], "s", "n"), {}),
    (2, (), {"a": 1}),
    (3, (), {}),
    (3, ({"a": 1},), {}),
    (4, (), {}),
    (5, (), {}),
    (6, ("a",), {}),
]
REFUSED: list[tuple[int, tuple[Any, ...], dict[str, Any]]] = [
    (0, (), {}),
    (0, (1,), {"z": 2}),
    (0, (1, 2, [], "s", 5), {}),
    (2, (1,), {}),
    (4, (-1,), {}),
]


def _outcome(cls: type[Any], values: tuple[Any, ...], named: dict[str, Any]) -> tuple[str, str, object]:
    try:
        made = cls(*values, **named)
    except (TypeError, ValueError) as exc:
        return type(exc).__name__, str(exc), None
    return "made", repr(made), [getattr(made, each.name) for each in dataclasses.fields(made)]


@pytest.mark.parametrize(("which", "values", "named"), [*MADE, *REFUSED])
def test_instances_are_made_shown_and_refused_as_by_the_library(which: int, values: Any, named: Any) -> None:
    ours, theirs = _twins()[which]
    for _ in range(2):  # the first instance compiles `__init__`
        assert _outcome(ours, values, named) == _outcome(theirs, values, named)


@pytest.mark.parametrize(("which", "values", "named"), MADE)
def test_instances_are_compared_and_hashed_as_by_the_library(which: int, values: Any, named: Any) -> None:
    found = []
    for cls in _twins()[which]:
        one, same = cls(*values, **named), cls(*values, **named)
        hashable = cls.__hash__ is not None
        found.append((one == same, one != same, one == 1, hashable, hashable and hash(one) == hash(same)))
    assert found[0] == found[1]


def test_fields_that_are_not_compared_do_not_count() -> None:
    point = _twins()[0][0]
    assert point(1, tags=["a"]) == point(1, tags=["b"])
    assert point(1) != point(2)
    assert {point(1), point(1, 0)} == {point(1)}


def test_each_instance_gets_a_default_of_its_own() -> None:
    counter = _twins()[3][0]
    counter().seen["a"] = 1
    assert counter().seen == {}


def test_a_frozen_instance_refuses_changes_and_a_plain_one_takes_them() -> None:
    point, counter = _twins()[0][0](1), _twins()[3][0]()
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    counter.seen = {"b": 2}
    assert (point.x, counter.seen) == (1, {"b": 2})


def test_replace_match_and_subclasses_work() -> None:
    point, named = _twins()[0][0], _twins()[1][0]
    assert replace(named(1, name="n"), x=200) == named(200, name="n")
    assert named(200).far()
    assert named(1) != point(1)
    match point(3, 4):
        case point(x, y):
            assert (x, y) == (3, 4)
