"""Shapes for statuses, readable without colour."""

from collections.abc import Mapping

from syncer.method.status import Status

SIGNS: Mapping[Status, str] = {
    Status.DONE: "✔",
    Status.MET: "✔",
    Status.ON_TRACK: "●",
    Status.JUST_STARTED: "◔",
    Status.NOT_STARTED: "○",
    Status.AT_RISK: "▲",
    Status.OFF_TRACK: "■",
    Status.NOT_MET: "■",
    Status.STALE: "◷",
    Status.UNKNOWN: "?",
    Status.DROPPED: "–",
}

IN_NEED = (Status.OFF_TRACK, Status.NOT_MET, Status.AT_RISK, Status.STALE, Status.UNKNOWN)
"""Statuses that need attention, worst first."""
