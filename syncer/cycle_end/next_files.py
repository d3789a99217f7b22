"""Write the next cycle's config as new files and check that it can be loaded."""

from contextlib import suppress
from pathlib import Path

from config.errors import ConfigError, OkrsyncError
from config.loading.loader import Config, load_config
from config.message import Message
from connectors import registry
from syncer.cycle_end.close_config import NextConfig, next_config, parse_next_cycle
from syncer.cycle_end.closed_cycle import Closing
from syncer.cycle_end.cycle_names import neighbour


def write_next(config: Config, closing: Closing, path: Path, cycle: str) -> NextConfig:
    """Write the next cycle's files.

    Raises OkrsyncError: unknown or invalid cycle, another folder than the config's, an existing file, or a result that
    cannot be loaded.
    """
    doing = Message("writing the next cycle's config {path}", path=path)
    path, cycle = _placed(config, path, cycle, doing)
    name = cycle or neighbour(config.workspace.cycle, 1)
    if not name:
        raise OkrsyncError(
            doing,
            Message("nobody knows which cycle follows {cycle}", cycle=closing.cycle),
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
            advice=Message("Write it beside this one: --next {parent}", parent=config.path.parent / path.name),
        )
    made = next_config(config, closing, path, after)
    if there := [file for file in made.files if file.exists()]:
        raise OkrsyncError(
            doing,
            Message("{there} is there", there=there[0]),
            effect="Nothing was written.",
            advice="Name another file, or move it away.",
        )
    try:
        for file, text in made.files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except OSError as exc:
        for file in made.files:
            with suppress(OSError):
                file.unlink()
        raise OkrsyncError(
            doing,
            f"{type(exc).__name__}: {exc.strerror}",
            effect="Nothing is left of it.",
            advice="Check the disk's space and the folder's permissions.",
        ) from exc
    _require_sound(config, made, path, doing)
    return made


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


def _require_sound(config: Config, made: NextConfig, path: Path, doing: str) -> None:
    patterns = config.workspace.include
    caught = [file for file in made.files for pattern in patterns if file.absolute() in config.base_dir.glob(pattern)]
    if caught:
        for file in made.files:
            file.unlink()
        raise OkrsyncError(
            doing,
            Message("this config's `include` would read {caught} as well", caught=caught[0]),
            effect="Nothing is left of it.",
            advice="Name the included files one by one in `include`, then run it again.",
        )
    try:
        load_config(path, registry.tables)
    except ConfigError as error:
        saw: str = Message("it was written, and has to be corrected by hand:")
        for one in error.problems:
            saw += f"\n  {one.file}:{one.line} {one.path}  " + one.message
        raise OkrsyncError(doing, saw, advice="Then run `okrsync check`.") from error
