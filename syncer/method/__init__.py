"""What the numbers mean: pure functions, see the OKR method in docs/."""
