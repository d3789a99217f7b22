"""Write the next cycle's config and make its sheet, where nothing of either exists yet."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from config.errors import ConfigError, OkrsyncError
from config.loading.loader import Config, load_config
from config.message import Message
from connectors import registry
from connectors.registry import Context
from syncer.cycle_end.followed_by import state_successor
from syncer.cycle_end.next_files import Ended, NextConfig, neighbour, next_config, parse_next_cycle
from syncer.cycle_end.next_sheet import make_next_sheet, next_place, next_rows, require_free


def write_next(ended: Ended, path: Path, cycle: str, context: Context) -> NextConfig:
    """Write the next cycle's files and make its sheet, without which no file is left; name them in the cycle's config.

    Raises OkrsyncError: unknown or invalid cycle, another folder than the config's, an existing file or tab, or a
    result that cannot be loaded.
    """
    config, closing = ended.config, ended.closing
    doing = Message("writing the next cycle's config {path}", path=path)
    path, cycle = _placed(config, path, cycle, doing)
    name = cycle or neighbour(config.workspace.cycle, 1)
    if not name:
        raise OkrsyncError(
            doing,
            Message("the cycle after {cycle} is not known", cycle=closing.cycle),
            effect="Nothing was written.",
            advice="Name it: --next-cycle 2027-Q1, or --next-cycle NAME=2027-01-01..2027-03-31.",
        )
    try:
        after = parse_next_cycle(name, config)
    except ValueError as exc:
        raise OkrsyncError(doing, str(exc), effect="Nothing was written.", advice="Correct --next-cycle.") from exc
    if after.first <= config.workspace.cycle.first:
        raise OkrsyncError(
            doing,
            Message("{name} does not begin after {cycle}", name=after.name, cycle=closing.cycle),
            effect="Nothing was written.",
            advice="Correct --next-cycle.",
        )
    if path.absolute().parent != config.base_dir:
        raise OkrsyncError(
            doing,
            "relative paths of the config start at its folder",
            effect="Nothing was written.",
            advice=Message("Write it in the same folder: --next {parent}", parent=config.path.parent / path.name),
        )
    place = next_place(ended.assessment, after)
    require_free(config, ended.assessment, place, doing)
    made = next_config(ended, path, after, place)
    if there := [file for file in made.files if file.exists()]:
        raise OkrsyncError(
            doing,
            Message("{there} already exists", there=there[0]),
            effect="Nothing was written.",
            advice="Name another file, or move it away.",
        )
    _write_files(made.files, doing)
    loaded = _require_sound(config, made, path, doing)
    try:
        rows = next_rows(loaded, closing, ended.assessment, place, made.rebased)
        sheet = make_next_sheet(loaded, context, rows)
    except OkrsyncError:
        for file in made.files:
            file.unlink()
        raise
    return replace(made, sheet=sheet, follows=state_successor(config.path, path))


def _write_files(files: Mapping[Path, str], doing: str) -> None:
    """Write new files; on an error none is left. Raises OkrsyncError."""
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except OSError as exc:
        for file in files:
            with suppress(OSError):
                file.unlink()
        raise OkrsyncError(
            doing,
            f"{type(exc).__name__}: {exc.strerror}",
            effect="No partial file was kept.",
            advice="Check the disk's space and the folder's permissions.",
        ) from exc


def _placed(config: Config, path: Path, cycle: str, doing: str) -> tuple[Path, str]:
    """Return the path and the cycle of the new config.

    The name of a cycle alone means `okrsync-NAME.yaml` in the folder of the current config.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        return path, cycle
    name = str(path)
    with suppress(ValueError):
        if cycle in ("", name) and "=" not in name:
            parse_next_cycle(name, config)
            return config.path.parent / f"okrsync-{name}.yaml", name
    raise OkrsyncError(
        doing,
        "that is neither a .yaml file nor the name of a cycle",
        effect="Nothing was written.",
        advice="Write it as in: --next okrsync-2027-Q1.yaml, or as in: --next 2027-Q1",
    )


def _require_sound(config: Config, made: NextConfig, path: Path, doing: str) -> Config:
    patterns = config.workspace.include
    caught = [file for file in made.files for pattern in patterns if file.absolute() in config.base_dir.glob(pattern)]
    if caught:
        for file in made.files:
            file.unlink()
        raise OkrsyncError(
            doing,
            Message("this config's `include` would read {caught} as well", caught=caught[0]),
            effect="No partial file was kept.",
            advice="Name the included files one by one in `include`, then run it again.",
        )
    try:
        return load_config(path, registry.tables, terms=config.terms)
    except ConfigError as error:
        saw: str = Message("it was written, and needs correcting by hand:")
        for one in error.problems:
            saw += f"\n  {one.file}:{one.line} {one.path}  " + one.message
        raise OkrsyncError(doing, saw, advice="Then run `okrsync check`.") from error
