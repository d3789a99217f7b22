"""CPU of syncs that follow each other in one process, as in a worker that runs on: prints the median as JSON.

    python tests/bench/warm.py CONFIG ROUNDS

The first one, which imports everything, is left out.
"""

import io
import json
import os
import sys
import time
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from measure import NOW
from syncer.cli import run_guarded


def main() -> None:
    """Sync, each time on a later day, so that there is something to write."""
    config, rounds = sys.argv[1], int(sys.argv[2])
    taken = []
    for day in range(rounds + 1):
        os.environ["OKRSYNC_NOW"] = (NOW + timedelta(days=10 + day)).isoformat()
        began = time.process_time()
        with redirect_stdout(io.StringIO()) as printed:
            code = run_guarded(["sync", "-c", config, "--format", "json"])
        if code:
            sys.exit(f"exit {code}: {printed.getvalue()}")
        taken.append(time.process_time() - began)
    json.dump({"cpu_seconds": median(taken[1:])}, sys.stdout)


if __name__ == "__main__":
    main()
