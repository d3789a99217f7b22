"""Output of `record`: what was recorded, as text and as versioned JSON that `record --restore` reads."""

from collections.abc import Sequence
from datetime import tzinfo
from itertools import groupby

from config.plain_text import one_line
from syncer.i18n import translate, translate_count
from syncer.ledger.pushed import PushedValue, plain_number
from syncer.present.json_values import json_document
from syncer.present.text_width import padded, to_right
from syncer.run.pushed import Recorded
from syncer.sheet.number_text import exact_number

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def recorded_json(recorded: Recorded, zone: tzinfo) -> str:
    """Format values as JSON."""
    values = [
        {
            "measure": one.measure,
            "id": one.id,
            "at": one.at.astimezone(zone).isoformat(),
            "amount": plain_number(one.amount),
            "increment": one.increment,
            "who": one.who,
            "note": one.note,
            "recorded_at": one.recorded_at.astimezone(zone).isoformat(),
        }
        for one in recorded.values
    ]
    return json_document({"version": VERSION, "added": recorded.added, "values": values})


def recorded_text(recorded: Recorded, zone: tzinfo, language: str) -> str:
    """Say what one number makes of its measure."""
    new = recorded.values[-1]
    at = f"{new.at.astimezone(zone):%Y-%m-%d %H:%M}"
    shown = exact_number(new.amount)
    if not recorded.added:
        return (
            translate(
                language,
                "{measure} has {number} with the key {key} already; nothing was recorded.",
                measure=new.measure,
                number=shown,
                key=one_line(new.id),
            )
            + "\n"
        )
    if new.increment:
        text = translate(
            language, "Recorded {measure} {change} at {at}.", measure=new.measure, change=f"{new.amount:+,f}", at=at
        )
    else:
        text = translate(language, "Recorded {measure} = {number} at {at}.", measure=new.measure, number=shown, at=at)
    return f"{text} {translate(language, 'It counts from the next sync on.')}\n"


def listed_text(recorded: Recorded, zone: tzinfo, language: str) -> str:
    """List values below their measures, oldest first."""
    if not recorded.values:
        return translate(language, "Nothing is recorded yet.") + "\n"
    lines: list[str] = []
    for measure, group in groupby(recorded.values, lambda one: one.measure):
        lines += ["", measure, *_lines(list(group), zone)]
    return "\n".join(lines[1:]) + "\n"


def restored_text(recorded: Recorded, language: str) -> str:
    """Say how many values were restored."""
    there = len(recorded.values) - recorded.added
    added = translate_count(language, "{count:,} value was recorded", "{count:,} values were recorded", recorded.added)
    rest = translate_count(language, "{count:,} was there already", "{count:,} were there already", there)
    return translate(language, "{added}; {rest}.", added=added, rest=rest) + "\n"


def _lines(values: Sequence[PushedValue], zone: tzinfo) -> list[str]:
    numbers = [f"{one.amount:+,f}" if one.increment else exact_number(one.amount) for one in values]
    width, names = max(map(len, numbers)), max(len(one.who) for one in values)
    return [
        f"  {one.at.astimezone(zone):%Y-%m-%d %H:%M}  {to_right(number, width)}  {padded(one.who, names)}  "
        f"{one_line(one.note)}".rstrip()
        for one, number in zip(values, numbers, strict=True)
    ]
