"""How the locales of spreadsheets write numbers and dates, after the CLDR (https://cldr.unicode.org).

A locale that is not listed decides nothing: a column that only it could decide has to be stated in the config.
"""

from config.cell_types import COMMA, POINT, DateOrder, Locale, Marks

_POINT = "en_US en_GB en_AU en_CA en_IE en_IN zh_TW zh_CN zh_HK ja_JP ko_KR th_TH fil_PH iw_IL es_MX"
_COMMA = "de_DE de_AT es_ES es_AR es_CL es_CO it_IT pt_BR nl_NL da_DK tr_TR in_ID vi_VN el_GR hr_HR ro_RO sr_RS sl_SI"
_MONTH_FIRST = "en_US fil_PH"
_DAY_FIRST = (
    "en_GB en_AU en_IE en_IN zh_HK th_TH iw_IL es_MX de_DE de_AT de_CH es_ES es_AR es_CL es_CO it_IT it_CH pt_BR pt_PT "
    "nl_NL da_DK tr_TR in_ID vi_VN el_GR hr_HR ro_RO sr_RS sl_SI fr_FR fr_CH cs_CZ sk_SK pl_PL fi_FI no_NO uk_UA ru_RU "
    "bg_BG lv_LV et_EE"
)
_YEAR_FIRST = "zh_TW zh_CN ja_JP ko_KR hu_HU lt_LT sv_SE"

_MARKS: tuple[tuple[str, Marks], ...] = ((_POINT, POINT), (_COMMA, COMMA))
_ORDERS: tuple[tuple[str, DateOrder], ...] = ((_MONTH_FIRST, "MDY"), (_DAY_FIRST, "DMY"), (_YEAR_FIRST, "YMD"))

MARKS = {name: marks for names, marks in _MARKS for name in names.split()}
ORDERS = {name: order for names, order in _ORDERS for name in names.split()}


def locale_of(name: str) -> Locale:
    """Return how the locale of a spreadsheet, such as `de_DE`, writes numbers and dates."""
    return Locale(name, MARKS.get(name), ORDERS.get(name))
