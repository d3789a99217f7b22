"""The folder in which okrsync keeps its ledger and locks, usually `.okrsync` beside the config."""

from pathlib import Path


def make_state_folder(folder: Path) -> None:
    """Make it for its owner alone and keep it out of git. A folder that stands already is left as it is.

    Raises OSError.
    """
    if folder.exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
