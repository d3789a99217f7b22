"""Meet the largest floods; print by how many MiB the process grew. The argument is a folder."""

import os
import resource
import sys
from pathlib import Path

from bounds_kit import bench
from connectors.http import Policy
from demo_kit import service_key
from hostile_kit import FLOODS, SLOW, hostile

SERVICES = ("Jira Cloud", "Google Sheets", "http")
LARGEST = ("body", "chunk extension", "bomb", "bomb in a bomb", "values")


def growth(folder: Path) -> int:
    """Meet the floods; return the growth."""
    with bench(folder, service_key(), os.environ.__setitem__) as made:
        for name in LARGEST:
            next(FLOODS[name]())
        with hostile(SLOW["nothing"], slow=True) as url:  # all that is imported comes first
            for service in SERVICES:
                made.read(service, url, Policy(tries=1), timeout=0.01)
        before = _peak()
        for name in LARGEST:
            with hostile(FLOODS[name], slow=False) as url:
                for service in SERVICES:
                    made.read(service, url, Policy(tries=3, sleep=lambda _: None), timeout=10)
        return _peak() - before


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.stdout.write(str(growth(Path(sys.argv[1]))))
