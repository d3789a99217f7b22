"""The OKR method: progress, pace, status, forecast, roll-up, score, lint; a class per kind of key result."""
