"""Texts of `okrsync lint` by rule: the reason for the advice, the suggestion and examples, in English."""

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
"""(bad example, better example) by rule."""


TEXTS: Mapping[str, tuple[str, str]] = {
    "too_many_objectives": (
        translatable("{owner} has {count} objectives in one cycle: too many to be priorities."),
        translatable("Keep the one to three that matter most; the others can wait for the next cycle."),
    ),
    "key_result_count": (
        translatable("Key results: {count}. Three to five cover an objective and can be kept in mind."),
        translatable("Add what else would prove the objective, or keep the less important ones as KPIs."),
    ),
    "objective_figure": (
        translatable("The objective holds a figure; figures belong to its key results."),
        translatable("Say in words what will be better and for whom, and make the figure a key result."),
    ),
    "objective_vague": (
        translatable("The objective only asks for improvement; it does not say when it is reached."),
        translatable("Say what is different at the end and for whom: 'Customers trust our service'."),
    ),
    "unaligned": (
        translatable("It does not align to any objective above it."),
        translatable(
            "Name the objective or key result it serves in `aligns_to`, or ask whether it is needed this cycle."
        ),
    ),
    "not_above": (
        translatable("What it aligns to ({names}) is not above it, but on the same level or below."),
        translatable("Also align it to an objective one level up or of a longer cycle; its other alignments can stay."),
    ),
    "no_owner": (
        translatable("It has no owner."),
        translatable("Name one person in `owner`; the others can help."),
    ),
    "several_owners": (
        translatable("It has {count} owners; when everyone is responsible, often no one is."),
        translatable("Name one owner, and the others as helpers, or give each their own key result."),
    ),
    "no_finish_line": (
        translatable("It has no target, so there is no telling whether it is reached."),
        translatable("Give it a number to reach: `target`, or a `baseline` and a `change` such as +30%."),
    ),
    "nothing_moves": (
        translatable("Its target is its baseline: it is reached before it begins."),
        translatable("Set a target that differs, or watch the number as a health metric."),
    ),
    "task": (
        translatable("It is a task, not a result: it can be done without anything getting better."),
        translatable("Measure what it is for, and keep the task as an action: 'Posts' becomes 'Interactions +2,000'."),
    ),
    "too_easy": (
        translatable("Every key result scored 1.0 in the last cycle: the targets were too easy."),
        translatable("Set targets so that reaching 0.6 to 0.7 is already good."),
    ),
    "too_hard": (
        translatable(
            "Every key result scored below 0.3 in the last cycle: the targets were out of reach, or too many."
        ),
        translatable("Choose fewer, and targets of which about two thirds can be reached."),
    ),
}
"""(reason, suggestion) by rule, with the placeholders `{count}`, `{owner}` and `{names}`."""
