"""Starts a command and writes what it used as JSON: the small process between the benchmark and what it measures.

    python -I -S launch.py USAGE_FILE BOUND_SECONDS COMMAND ...

A child's peak memory begins with that of the process it was started from, and the benchmark itself holds large worlds:
this one holds nothing, so that a peak is the command's own. Run it as above, without site packages; it exits as the
command did.
"""

import json
import os
import signal
import sys
import time

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Of `ru_maxrss`: bytes on macOS, kibibytes on Linux."""
_POLL_SECONDS = 0.002


def main() -> int:
    """Start, wait at most so long, write what it used."""
    usage_file, bound, *command = sys.argv[1:]
    began = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    finished, done = True, 0
    while not done:
        done, status, usage = os.wait4(process, os.WNOHANG)
        if finished and not done and time.perf_counter() - began > float(bound):
            finished = False
            os.kill(process, signal.SIGKILL)
        if not done:
            time.sleep(_POLL_SECONDS)
    used = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * _RSS_UNIT,
        "finished": finished,
    }
    with open(usage_file, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would double what this process holds
        json.dump(used, file)
    return os.waitstatus_to_exitcode(status) if finished else 0


if __name__ == "__main__":
    sys.exit(main())
