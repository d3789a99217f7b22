"""What `lint` says, by rule: why it speaks up, and what to write instead. The catalogues hold other languages."""

from collections.abc import Mapping

from syncer.words import mark

TEXTS: Mapping[str, tuple[str, str]] = {
    "too_many_objectives": (
        mark("{owner} has {count} objectives in one cycle; nobody can put that many first."),
        mark("Keep the one to three that matter most; the others can wait for the next cycle."),
    ),
    "key_result_count": (
        mark("Its key results number {count}; three to five prove an objective from all sides and stay in mind."),
        mark("Add what else would prove the objective, or only watch the least telling ones as KPIs."),
    ),
    "objective_figure": (
        mark("The objective holds a figure; figures belong to its key results."),
        mark("Say in words what will be better and for whom, and make the figure a key result."),
    ),
    "objective_vague": (
        mark("The objective only wishes for better; nobody can tell when it is reached."),
        mark("Say what is different at the end and for whom: 'Customers trust our service'."),
    ),
    "unaligned": (
        mark("It does not align to any objective above it."),
        mark("Name the objective or key result it serves in `aligns_to`, or ask whether it is needed this cycle."),
    ),
    "not_above": (
        mark("What it aligns to ({names}) does not stand above it, but beside or below."),
        mark(
            "Align it to an objective of a level above, too, or of a longer cycle; what it shares with others may stay."
        ),
    ),
    "no_owner": (
        mark("Nobody is named who answers for it."),
        mark("Name one person in `owner`; many may help."),
    ),
    "several_owners": (
        mark("It has {count} owners; where several answer, often nobody does."),
        mark("Name one owner, and the others as helpers, or give each their own key result."),
    ),
    "no_finish_line": (
        mark("It has no finish line, so nobody can tell whether it is reached."),
        mark("Give it a number to reach: `target`, or a `baseline` and a `change` such as +30%."),
    ),
    "nothing_moves": (
        mark("Its target is its baseline: it is reached before it begins."),
        mark("Set a target that differs, or watch the number as a health metric."),
    ),
    "task": (
        mark("It is something to do, not what comes of it: it can be done without anything getting better."),
        mark("Measure what it is for, and keep the task as an action: 'Posts' becomes 'Interactions +2,000'."),
    ),
    "too_easy": (
        mark("Every key result scored 1.0 in the last cycle: the targets were too easy."),
        mark("Aim where 0.6 to 0.7 would already be good."),
    ),
    "too_hard": (
        mark("Every key result scored below 0.3 in the last cycle: the targets were out of reach, or too many."),
        mark("Choose fewer, and targets of which about two thirds can be reached."),
    ),
}
"""Each rule's (reason, better). `{count}`, `{owner}` and `{names}` are filled in."""
