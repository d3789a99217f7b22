"""The catalogues in `syncer/locale`: what the sources say, and whether each language has it.

`python tests/catalogues.py` after a message was added or changed: it takes new ones into each .po, without a
translation, drops what nobody says any more, and compiles.
"""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

from babel.messages import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from typer.main import get_command

from config.fields import Model
from config.fleet import Manifest
from config.loading.model_problems import described
from config.message import sentence_part
from connectors import registry
from syncer.cli import app

ROOT = Path(__file__).resolve().parent.parent
SYNCER = ROOT / "syncer"
LANGUAGES = ("zh_TW",)
HEADER = """\
# Messages are format strings: the names in braces stay as they are, in any order.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
_IN_TEMPLATE = re.compile(r"\b(?:translate|note)\('((?:[^'\\]|\\.)*)'")

PARTS = ("doing", "saw", "effect", "advice")
"""What an error says, and the names under which a function prepares it."""

Message = tuple[str, str, str]
"""What it is said of (usually nothing), the message for one, the message for many (usually empty)."""


def po_of(language: str) -> Path:
    """Where a language's catalogue is edited; the compiled one stands beside it."""
    return SYNCER / "locale" / language / "LC_MESSAGES" / "okrsync.po"


def messages_in_code() -> dict[Message, set[str]]:
    """Every message of the sources, and the files that say it."""
    found: dict[Message, set[str]] = {}
    packages = [path for package in ("config", "connectors") for path in (ROOT / package).rglob("*.py")]
    for path in sorted([*packages, *SYNCER.rglob("*.py"), *SYNCER.rglob("*.j2")]):
        text = path.read_text("utf-8")
        for message in _in_python(text) if path.suffix == ".py" else _in_template(text):
            found.setdefault(message, set()).add(path.relative_to(ROOT).as_posix())
    for message in sorted(_required()):
        found[message] = {"config/models.py"}
    for message in sorted(_helps(get_command(app))):
        found.setdefault(message, set()).add("syncer/cli.py")
    return found


def _required() -> Iterator[Message]:
    """What options that must be stated are: a config that lacks one is told so."""
    models = Model.__subclasses__()  # Manifest too, which only the fleet's commands import
    assert Manifest in models
    for model in models:
        models.extend(model.__subclasses__())
        fields = [field for field in model.model_fields.values() if field.is_required() and field.description]
        yield from (("", described(field).template, "") for field in fields)
    tables = [table for kind in registry.types() for table in registry.tables(kind).values()]
    yield from (("", sentence_part(key.doc).template, "") for table in tables for key in table.query if key.required)


def _helps(command: Any) -> Iterator[Message]:
    """What a command's help says, and that of those below it."""
    texts = [command.help, command.epilog, *(getattr(param, "help", None) for param in command.params)]
    yield from (("", text, "") for text in texts if text)
    for each in getattr(command, "commands", {}).values():
        yield from _helps(each)


def _in_template(text: str) -> Iterator[Message]:
    for message in _IN_TEMPLATE.findall(text):
        yield "", message, ""


def _in_errors(tree: ast.Module) -> Iterator[Message]:
    """What an error says that is the same every time: its parts stand there, or in a name of the module."""
    constants = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        for value in _parts_of(node):
            whole = constants.get(value.id) if isinstance(value, ast.Name) else value
            for part in (whole.body, whole.orelse) if isinstance(whole, ast.IfExp) else (whole,):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
                    yield "", part.value, ""


def _parts_of(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in PARTS:
        yield node.value
    if isinstance(node, ast.Call):
        yield from (keyword.value for keyword in node.keywords if keyword.arg in ("effect", "advice"))
    if is_error(node):
        yield from node.args


def is_error(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether an error of ours is made there: it tells at least what we were doing and what we saw."""
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
    return name.endswith("Error") and len(node.args) == len(PARTS[:2])


def _in_python(text: str) -> Iterator[Message]:
    tree = ast.parse(text)
    yield from _in_errors(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            match name, texts:
                case (("translate" | "ask" | "translatable" | "Message"), [message]):
                    yield "", message, ""
                case (("translate_count" | "Message"), [one, many]):
                    yield "", one, many
                case ("translate_in_context", [subject, message]) | ("translatable", [message, subject]):
                    yield subject, message, ""


def read(language: str) -> Catalog:
    """A language's catalogue as it stands."""
    with po_of(language).open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # the same bytes every time
    return catalogue


def entries(catalogue: Catalog) -> set[tuple[str, str, str]]:
    """Its messages and their wordings, without what else a file says of them."""
    found = set()
    for each in catalogue:
        subject: str | bytes = each.context or ""  # Babel reads it from a compiled file as bytes
        subject = subject.decode() if isinstance(subject, bytes) else subject
        if each.id:
            found.add((subject, "".join(each.id), "".join(each.string or "")))
    return found


def compiled(language: str) -> Catalog:
    """What programs read."""
    with po_of(language).with_suffix(".mo").open("rb") as stream:
        return read_mo(stream)


def update(language: str) -> None:
    """Bring a language's catalogue up to the sources; what is translated stays."""
    before = read(language)
    after = Catalog(language, fuzzy=False)
    for (subject, one, many), places in sorted(messages_in_code().items()):
        known = before.get(one, subject or None)
        after.add(
            (one, many) if many else one,
            known.string if known else "",
            locations=[(place, 0) for place in sorted(places)],
            context=subject or None,
        )
    with po_of(language).open("wb") as stream:
        stream.write(HEADER.format(language=language, plurals=after.plural_forms).encode())
        write_po(stream, after, width=110, omit_header=True, include_lineno=False)
    with po_of(language).with_suffix(".mo").open("wb") as stream:
        write_mo(stream, read(language))


if __name__ == "__main__":
    for each in LANGUAGES:
        update(each)
