"""Allowlist of deterministic SQL functions for values, with the type families of parameters and results.

A family is one letter: n number, t text, b true or false, s point in time, i length of time, l list of texts;
the empty text is unknown (a column of an open table). A parameter `u` takes a literal unit of time, `f` a literal
number from 0 to 1.
"""

from config.dataclass import dataclass
from config.message import Message

WORDS = {
    "n": Message("a number"),
    "t": Message("text"),
    "b": Message("true or false"),
    "s": Message("a point in time"),
    "i": Message("a length of time"),
    "l": Message("a list"),
    "": "unknown",
}

_LENGTHS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
UNITS = frozenset((*_LENGTHS, *(f"{unit}s" for unit in _LENGTHS), "dow", "isodow", "doy", "dayofweek", "dayofyear"))

CASTS = {
    "tinyint": "n",
    "smallint": "n",
    "integer": "n",
    "int": "n",
    "bigint": "n",
    "hugeint": "n",
    "float": "n",
    "real": "n",
    "double": "n",
    "decimal": "n",
    "numeric": "n",
    "boolean": "b",
    "bool": "b",
    "date": "s",
    "timestamp": "s",
    "varchar": "t",
    "text": "t",
    "string": "t",
    "interval": "i",
}


@dataclass(frozen=True, slots=True)
class Function:
    """Signature of a function.

    Attributes:
        params: the families that each parameter accepts; `*` is any.
        least: number of required arguments.
        gives: the family of the result; `0` or `1`: the family of that argument, counted from 0.
        aggregate: whether the function works on all rows.
        endless: whether the last parameter may be repeated.
    """

    params: tuple[str, ...]
    least: int
    gives: str
    aggregate: bool = False
    endless: bool = False


def _function(takes: str, gives: str, *, aggregate: bool = False) -> Function:
    """Parse a signature: `n n?` takes one number or two, `*...` any number of arguments of any family."""
    words = takes.split()
    return Function(
        params=tuple(word.rstrip("?.") for word in words),
        least=sum(not word.endswith("?") for word in words),
        gives=gives,
        aggregate=aggregate,
        endless=takes.endswith("..."),
    )


_AGGREGATES = {
    "count_star": ("", "n"),
    "count": ("*", "n"),
    "count_if": ("b", "n"),
    "share": ("b", "n"),
    "sum": ("nb", "n"),
    "avg": ("nis", "0"),
    "mean": ("nis", "0"),
    "min": ("*", "0"),
    "max": ("*", "0"),
    "median": ("nsi", "0"),
    "quantile_cont": ("nsi f", "0"),
    "quantile_disc": ("nsi f", "0"),
    "stddev": ("n", "n"),
    "stddev_pop": ("n", "n"),
    "stddev_samp": ("n", "n"),
    "variance": ("n", "n"),
    "var_pop": ("n", "n"),
    "var_samp": ("n", "n"),
    "bool_and": ("b", "b"),
    "bool_or": ("b", "b"),
    **dict.fromkeys(("max_by", "arg_max", "last", "min_by", "arg_min", "first"), ("* nsi", "0")),
}
GREATEST = ("max_by", "arg_max", "last")
LEAST = ("min_by", "arg_min", "first")
"""Aggregates that take a value of the one row with the greatest or the least key, such as the latest entry of a log."""

_SCALARS = {
    "abs": ("n", "n"),
    "round": ("n n?", "n"),
    "floor": ("n", "n"),
    "ceil": ("n", "n"),
    "ceiling": ("n", "n"),
    "trunc": ("n", "n"),
    "greatest": ("*...", "0"),
    "least": ("*...", "0"),
    "coalesce": ("*...", "0"),
    "ifnull": ("* *", "0"),
    "nullif": ("* *", "0"),
    "if": ("b * *", "1"),
    "lower": ("t", "t"),
    "upper": ("t", "t"),
    "trim": ("t t?", "t"),
    "ltrim": ("t t?", "t"),
    "rtrim": ("t t?", "t"),
    "replace": ("t t t", "t"),
    "substring": ("t n n?", "t"),
    "left": ("t n", "t"),
    "right": ("t n", "t"),
    "length": ("tl", "n"),
    "len": ("tl", "n"),
    "contains": ("tl t", "b"),
    "starts_with": ("t t", "b"),
    "ends_with": ("t t", "b"),
    "regexp_matches": ("t t t?", "b"),
    "regexp_full_match": ("t t t?", "b"),
    "regexp_extract": ("t t n?", "t"),
    "date_trunc": ("u s", "s"),
    "date_part": ("u si", "n"),
    "datepart": ("u si", "n"),
    "date_diff": ("u s s", "n"),
    "datediff": ("u s s", "n"),
    "date_sub": ("u s s", "n"),
    "datesub": ("u s s", "n"),
    **dict.fromkeys((*_LENGTHS, "isodow"), ("s", "n")),
    "epoch": ("si", "n"),
    "strptime": ("t t", "s"),
    **{f"to_{unit}": ("n", "i") for unit in ("years", "months", "weeks", "days", "hours", "minutes", "seconds")},
    "list_contains": ("l t", "b"),
    "array_contains": ("l t", "b"),
    "array_length": ("l", "n"),
}

FUNCTIONS: dict[str, Function] = {
    **{name: _function(takes, gives, aggregate=True) for name, (takes, gives) in _AGGREGATES.items()},
    **{name: _function(takes, gives) for name, (takes, gives) in _SCALARS.items()},
}

REFUSED = {
    **dict.fromkeys(
        ("now", "today", "current_date", "current_timestamp", "get_current_timestamp", "age", "localtimestamp"),
        Message("its answer changes by the hour; write {{today}}, {{as_of}} or {{cycle.start}} instead"),
    ),
    **dict.fromkeys(("random", "uuid", "gen_random_uuid", "any_value"), Message("its answer is not certain")),
    **dict.fromkeys(
        ("list", "array_agg", "string_agg", "group_concat", "list_value", "list_apply", "list_transform"),
        Message("a value is one number, not a list"),
    ),
    "unnest": Message("it makes rows out of one"),
    "row": Message("a value is one number, not several"),
}
"""Functions that are refused, with the reason shown to the user."""

CLOCKS = frozenset(("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"))
"""Names without brackets that SQL reads as functions unless a column has that name."""
