"""The folder of the ledger and the locks, usually `.okrsync` next to the config."""

from pathlib import Path


def make_state_folder(folder: Path) -> None:
    """Create the folder with mode 0700 and a `.gitignore`; an existing folder is left as it is.

    Raises OSError.
    """
    if folder.exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
