"""What `lint` says, by rule: why it speaks up, and what to write instead. The catalogues hold other languages."""

from collections.abc import Mapping

from syncer.i18n import translatable

TEXTS: Mapping[str, tuple[str, str]] = {
    "too_many_objectives": (
        translatable("{owner} has {count} objectives in one cycle; nobody can put that many first."),
        translatable("Keep the one to three that matter most; the others can wait for the next cycle."),
    ),
    "key_result_count": (
        translatable(
            "Its key results number {count}; three to five prove an objective from all sides and stay in mind."
        ),
        translatable("Add what else would prove the objective, or only watch the least telling ones as KPIs."),
    ),
    "objective_figure": (
        translatable("The objective holds a figure; figures belong to its key results."),
        translatable("Say in words what will be better and for whom, and make the figure a key result."),
    ),
    "objective_vague": (
        translatable("The objective only wishes for better; nobody can tell when it is reached."),
        translatable("Say what is different at the end and for whom: 'Customers trust our service'."),
    ),
    "unaligned": (
        translatable("It does not align to any objective above it."),
        translatable(
            "Name the objective or key result it serves in `aligns_to`, or ask whether it is needed this cycle."
        ),
    ),
    "not_above": (
        translatable("What it aligns to ({names}) does not stand above it, but beside or below."),
        translatable(
            "Align it to an objective of a level above, too, or of a longer cycle; what it shares with others may stay."
        ),
    ),
    "no_owner": (
        translatable("Nobody is named who answers for it."),
        translatable("Name one person in `owner`; many may help."),
    ),
    "several_owners": (
        translatable("It has {count} owners; where several answer, often nobody does."),
        translatable("Name one owner, and the others as helpers, or give each their own key result."),
    ),
    "no_finish_line": (
        translatable("It has no finish line, so nobody can tell whether it is reached."),
        translatable("Give it a number to reach: `target`, or a `baseline` and a `change` such as +30%."),
    ),
    "nothing_moves": (
        translatable("Its target is its baseline: it is reached before it begins."),
        translatable("Set a target that differs, or watch the number as a health metric."),
    ),
    "task": (
        translatable("It is something to do, not what comes of it: it can be done without anything getting better."),
        translatable("Measure what it is for, and keep the task as an action: 'Posts' becomes 'Interactions +2,000'."),
    ),
    "too_easy": (
        translatable("Every key result scored 1.0 in the last cycle: the targets were too easy."),
        translatable("Aim where 0.6 to 0.7 would already be good."),
    ),
    "too_hard": (
        translatable(
            "Every key result scored below 0.3 in the last cycle: the targets were out of reach, or too many."
        ),
        translatable("Choose fewer, and targets of which about two thirds can be reached."),
    ),
}
"""Each rule's (reason, better). `{count}`, `{owner}` and `{names}` are filled in."""
