"""From measures to figures: which reads are sent, and what their rows amount to."""
