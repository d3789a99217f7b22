"""An example for each rule of `lint`: the wording it speaks up about, and a better one."""

from collections.abc import Mapping

from syncer.words import mark

EXAMPLES: Mapping[str, tuple[str, str]] = {
    "too_many_objectives": (
        mark("Amy owns five objectives, one of them 'Tidy the wiki'"),
        mark("Amy owns two: 'Customers trust our service' and 'New people feel at home in a week'"),
    ),
    "key_result_count": (
        mark("'Customers trust our service' with one key result"),
        mark("the same with three: fewer bugs, quicker replies, more renewals"),
    ),
    "objective_figure": (
        mark("Grow revenue by 30%"),
        mark("Companies choose us first"),
    ),
    "objective_vague": (
        mark("Do better"),
        mark("Customers get help the first time they ask"),
    ),
    "unaligned": (
        mark("O2 of the support team, with no `aligns_to`"),
        mark("O2 with `aligns_to: C1`, the company's objective"),
    ),
    "not_above": (
        mark("O2 of the support team with `aligns_to: O5`, the sales team's"),
        mark("O2 with `aligns_to: [C1, O5]`: the company's objective, too"),
    ),
    "no_owner": (
        mark("owner: (empty)"),
        mark("owner: Amy Chen"),
    ),
    "several_owners": (
        mark("owner: Amy, Bob and Cid"),
        mark("owner: Amy; helpers: Bob, Cid"),
    ),
    "no_finish_line": (
        mark("Replies get quicker"),
        mark("Replies within 4 hours: `baseline: 10`, `target: 4`"),
    ),
    "nothing_moves": (
        mark("`baseline: 90%`, `target: 90%`"),
        mark("`baseline: 90%`, `target: 95%`"),
    ),
    "task": (
        mark("Publish 10 posts"),
        mark("Interactions with our posts grow by 2,000"),
    ),
    "too_easy": (
        mark("last cycle: 1.0, 1.0, 1.0"),
        mark("a cycle that ends with 0.7, 0.6, 1.0"),
    ),
    "too_hard": (
        mark("last cycle: 0.1, 0.2, 0.0"),
        mark("fewer key results that end with 0.6 or 0.7"),
    ),
}
"""By rule: (instead of, better)."""
