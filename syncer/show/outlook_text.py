"""Where a key result leads, in words; and why there is no forecast where there is none."""

from datetime import date

from syncer.computing.outlook import Outlook
from syncer.okr.forecast import FEWEST
from syncer.show.figures import show_value
from syncer.words import say


def forecast_text(outlook: Outlook, last: date, language: str, *, percent: bool = False) -> str:
    """The end value, the day the target is met, and the number of points it stands on."""
    found = outlook.forecast
    if found is None:
        return say(
            language,
            f"none: it needs values on {FEWEST} different days of the cycle, there are {outlook.days}",
            f"無：需要本週期內 {FEWEST} 個不同日期的數值，目前有 {outlook.days} 個",
        )
    end = show_value(outlook.end_value, percent=percent or outlook.is_progress)
    if found.met_on is None:
        met = say(language, "no day on which the target is met", "依此走勢無法達標")
    elif found.met_on > last:
        met = say(language, f"target met {found.met_on}, after the end", f"{found.met_on} 達標，晚於期末")
    else:
        met = say(language, f"target met {found.met_on}", f"{found.met_on} 達標")
    return say(
        language,
        f"{end} on {last}; {met} (a straight line through {found.points} days)",
        f"{last} 為 {end}；{met}（依 {found.points} 天數值的直線）",
    )
