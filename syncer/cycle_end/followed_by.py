"""State in a cycle's config which config follows it, so that its sheet is not written once the cycle has ended."""

import codecs
from pathlib import Path

import yaml

from config.errors import OkrsyncError
from config.message import Message
from config.yaml_scalar import yaml_scalar
from connectors.local_sheet.okr_sheet import replace
from syncer.cycle_end.yaml_edit import YamlText

KEY = "followed_by"


def followed_by_line(path: Path) -> str:
    """Return the line of a config that the one at `path` follows."""
    return f"{KEY}: {yaml_scalar(path.name)}"


def state_successor(config: Path, path: Path) -> bool:
    """Write the line into a config, below its cycle; return False if the file cannot be changed."""
    try:
        data = config.read_bytes()
        changed = _with_line(data, followed_by_line(path))
        if _entries(changed) != {**_entries(data), KEY: path.name}:
            return False
        replace(config, changed, Message("writing {path}", path=config))
    except (OSError, OkrsyncError, yaml.YAMLError):
        return False
    return True


def _with_line(data: bytes, line: str) -> bytes:
    """Add the line and keep all others with their line ends."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    end = "\r\n" if b"\r\n" in data else "\n"
    text = YamlText(data.decode("utf-8-sig"), [""])
    if text.has(KEY):
        text.replace(KEY, line)
    else:
        text.add("", [line], below="cycle")
    return mark + text.text().replace("\n", end).encode()


def _entries(data: bytes) -> dict[str, object]:
    found = yaml.load(data.decode("utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506 - makes texts alone
    return found if isinstance(found, dict) else {}
