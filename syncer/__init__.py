"""The one job: read, compute, plan, check, write, verify, record, report."""
