"""What is wrong with a command line, in the language of who typed it. Typer's words are recognised by their form."""

import re
from collections.abc import Mapping

import typer

from syncer.words import mark, say, translated

_INVALID = re.compile(r"Invalid value(?: for (?P<hint>.+?))?: (?:Value error, )?(?P<rest>.+)", re.DOTALL)
_FORMS: Mapping[str, str] = {
    r"No such option: (?P<name>\S+)": mark("there is no option {name}"),
    r"No such option: (?P<name>\S+) \(Possible options: (?P<known>.+)\)": mark(
        "there is no option {name}; there are {known}"
    ),
    r"No such command '(?P<name>.+)'\.": mark("there is no command {name}"),
    r"Missing command\.": mark("a command is missing"),
    r"Missing argument '(?P<name>.+?)'\.\s*": mark("{name} is missing"),
    r"Missing option '(?P<name>.+?)'\.\s*": mark("{name} is missing"),
    r"Missing argument '(?P<name>.+?)'\. Choose from:\s+(?P<known>.+)": mark("{name} is missing: one of {known}"),
    r"Got unexpected extra argument\(s\) \((?P<text>.+)\)": mark("this is too much: {text}"),
    r"Option '(?P<name>.+)' requires an argument\.": mark("{name} needs a value"),
    r"Option '(?P<name>.+)' does not take a value\.": mark("{name} takes no value"),
    r"'(?P<text>.*)' is not one of (?P<known>.+)\.": mark("{text} is none of {known}"),
    r"'(?P<text>.*)' does not match the formats? '%Y-%m-%d'\.": mark("{text} is no date; write it as 2026-11-16"),
    r"\w+ '(?P<path>.*)' does not exist\.": mark("there is no {path}"),
}


def usage_text(error: typer.TyperException, language: str) -> str:
    """How the command is used, and what is wrong with how it was."""
    lines = []
    if (context := getattr(error, "ctx", None)) is not None:
        usage = context.get_usage().removeprefix("Usage: ")
        lines = [
            say(language, "Usage: {usage}", usage=usage),
            say(language, "Try '{command} -h' for help.", command=context.command_path),
            "",
        ]
    return "\n".join([*lines, say(language, "Error: {message}", message=_message(error, language))])


def _message(error: typer.TyperException, language: str) -> str:
    text = error.format_message()
    invalid = _INVALID.fullmatch(text)
    if invalid is None:
        return _told(text, language)
    own = translated(language, error.message)
    what = own if own != error.message else _told(invalid["rest"], language)
    if invalid["hint"] is None:
        return what
    return say(language, "{hint} is not right: {what}", hint=invalid["hint"].replace("'", ""), what=what)


def _told(text: str, language: str) -> str:
    for form, message in _FORMS.items():
        if found := re.fullmatch(form, text, re.DOTALL):
            values = {name: " ".join((value or "").split()) for name, value in found.groupdict().items()}
            return say(language, message, **values)
    return text
