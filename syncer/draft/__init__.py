"""A config drafted from an OKR sheet that people keep: rows to objectives and key results, with questions. Pure."""
