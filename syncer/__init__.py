"""Read, compute, plan, check, write, verify, record, report."""
