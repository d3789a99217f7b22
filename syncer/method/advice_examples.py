"""An example for each rule of `lint`: the wording it speaks up about, and a better one."""

from collections.abc import Mapping

from syncer.i18n import translatable

EXAMPLES: Mapping[str, tuple[str, str]] = {
    "too_many_objectives": (
        translatable("Amy owns five objectives, one of them 'Tidy the wiki'"),
        translatable("Amy owns two: 'Customers trust our service' and 'New people feel at home in a week'"),
    ),
    "key_result_count": (
        translatable("'Customers trust our service' with one key result"),
        translatable("the same with three: fewer bugs, quicker replies, more renewals"),
    ),
    "objective_figure": (
        translatable("Grow revenue by 30%"),
        translatable("Companies choose us first"),
    ),
    "objective_vague": (
        translatable("Do better"),
        translatable("Customers get help the first time they ask"),
    ),
    "unaligned": (
        translatable("O2 of the support team, with no `aligns_to`"),
        translatable("O2 with `aligns_to: C1`, the company's objective"),
    ),
    "not_above": (
        translatable("O2 of the support team with `aligns_to: O5`, the sales team's"),
        translatable("O2 with `aligns_to: [C1, O5]`: the company's objective, too"),
    ),
    "no_owner": (
        translatable("owner: (empty)"),
        translatable("owner: Amy Chen"),
    ),
    "several_owners": (
        translatable("owner: Amy, Bob and Cid"),
        translatable("owner: Amy; helpers: Bob, Cid"),
    ),
    "no_finish_line": (
        translatable("Replies get quicker"),
        translatable("Replies within 4 hours: `baseline: 10`, `target: 4`"),
    ),
    "nothing_moves": (
        translatable("`baseline: 90%`, `target: 90%`"),
        translatable("`baseline: 90%`, `target: 95%`"),
    ),
    "task": (
        translatable("Publish 10 posts"),
        translatable("Interactions with our posts grow by 2,000"),
    ),
    "too_easy": (
        translatable("last cycle: 1.0, 1.0, 1.0"),
        translatable("a cycle that ends with 0.7, 0.6, 1.0"),
    ),
    "too_hard": (
        translatable("last cycle: 0.1, 0.2, 0.0"),
        translatable("fewer key results that end with 0.6 or 0.7"),
    ),
}
"""By rule: (instead of, better)."""
