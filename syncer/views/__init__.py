"""What a meeting, the OKR master and messages are told."""
