"""Find the readings that the scores of a cycle use: the last of the cycle, or those of the day when figures settle."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from syncer.compute.assess import Assessment
from syncer.ledger.ledger import Ledger
from syncer.ledger.records import ValueRecord
from syncer.run.same_sheet import scope_of


def final_readings(assessment: Assessment, ledger: Ledger) -> Sequence[ValueRecord]:
    """Return the recorded value that each key result is scored by, where the ledger has it. Raises LedgerError.

    It is the last one until the end of the cycle; where measures state `settle`, the first one from the day on that is
    so long after the end.
    """
    scope, last = scope_of(assessment.config), assessment.config.workspace.cycle.last
    settling: dict[int, list[str]] = defaultdict(list)
    for state in assessment.key_results:
        settling[state.definition.settle].append(state.definition.id)
    found = ledger.last_scored(scope, last, settling.pop(0, []))
    for days, keys in sorted(settling.items()):
        found += ledger.first_values(scope, last + timedelta(days=days), keys)
    return found
