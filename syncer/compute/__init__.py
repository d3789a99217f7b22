"""From figures to key results, objectives and what changed: pure functions over one day."""
