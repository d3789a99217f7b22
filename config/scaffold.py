"""Render templates as the files of a new workspace: a working config and the data files it reads."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from config.identity import NAMELESS, new_workspace_id
from config.languages import Language
from config.message import Message
from config.yaml_scalar import yaml_scalar

_CONFIG = "okrsync.yaml"
_FIRST = "starter"


@cache
def templates() -> tuple[str, ...]:
    """Return the names of the templates: `starter` first, then the others sorted."""
    names = {entry.name.split(".")[0] for entry in _folder().iterdir() if entry.name.endswith(".yaml")}
    return tuple(sorted(names, key=lambda name: (name != _FIRST, name)))


def render(template: str, language: Language, *, folder: str, cycle: str, timezone: str) -> dict[str, str]:
    """Render the files of a new workspace as text by relative path: `okrsync.yaml`, and the `data/` files it reads.

    The workspace gets the name of its `folder`, and a new id made of it. Raises ValueError for an unknown template.
    """
    import jinja2

    if template not in templates():
        raise ValueError(
            Message("there is no template {template!r}; there are {known}", template=template, known=templates())
        )
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is YAML, not HTML
    )
    source = (_folder() / f"{template}.{language}.yaml").read_text("utf-8")
    config = environment.from_string(source).render(
        cycle=cycle, timezone=timezone, workspace=new_workspace_id(folder), name=yaml_scalar(folder or NAMELESS)
    )
    return {_CONFIG: config, **{path: _data(path, language) for path in _paths(config)}}


def _folder() -> Traversable:
    return files("config") / "templates"


def _paths(config: str) -> list[str]:
    import yaml

    measures = yaml.load(config, Loader=yaml.BaseLoader)["measures"]  # noqa: S506 - makes nothing but texts
    return sorted({measure["path"] for measure in measures.values() if "path" in measure})


def _data(path: str, language: Language) -> str:
    name, _, ending = path.rpartition(".")
    return (_folder() / f"{name}.{language}.{ending}").read_text("utf-8")
