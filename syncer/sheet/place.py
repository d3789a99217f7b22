"""Where an existing OKR sheet is, by its web address or path; a reader of it before there is a config."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from config.dataclass import dataclass
from config.errors import OkrsyncError, SheetError
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from config.models import GoogleSheetsConnection
from connectors.microsoft.links import shown
from connectors.okr_sheet import AskedTabs, SheetImage
from connectors.registry import Context

GOOGLE, KEY_VARIABLE = "google", "GOOGLE_SERVICE_ACCOUNT"
"""Name of the connection in a drafted config, and the variable that its key is read from."""

OFFICE = "office"
TENANT_VARIABLE, CLIENT_VARIABLE, SECRET_VARIABLE = "MICROSOFT_TENANT", "MICROSOFT_CLIENT_ID", "MICROSOFT_SECRET"
"""The same for a workbook in OneDrive or SharePoint."""
_CLOUD = {"url": "MICROSOFT_URL", "token_url": "MICROSOFT_TOKEN_URL"}
"""Variables of the addresses of a national cloud, by the connection's options."""

_SHAREPOINT = re.compile(r"https://[\w-]+\.sharepoint(?:-mil)?\.(?:com|us|cn)/.+")
_DOCS = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([\w-]+)")
_LOOPBACK = re.compile(
    r"(https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?)/(?:_sandbox/(\w+)|(\w+)/v4)/spreadsheets/([\w-]+)"
)


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """A local file, a Google spreadsheet, or a link to a workbook in OneDrive or SharePoint.

    `url` is that of an API elsewhere than Google's, such as the sandbox.
    """

    file: Path | None = None
    spreadsheet: str = ""
    url: str = ""
    link: str = ""

    @property
    def connection_name(self) -> str:
        """The name of the connection in a drafted config."""
        return OFFICE if self.link else GOOGLE

    def connection(self) -> Mapping[str, str]:
        """Return the options of the connection; without a key in the environment, those of the default credentials."""
        if self.link:
            cloud = {name: os.environ[variable] for name, variable in _CLOUD.items() if os.environ.get(variable)}
            app = {"client_id": f"${CLIENT_VARIABLE}", "client_secret": f"${SECRET_VARIABLE}"}
            return {"type": "microsoft", "tenant": os.environ.get(TENANT_VARIABLE, ""), **app, **cloud}
        options = {"type": "google_sheets"}
        if self.url:
            options |= {"url": self.url, "token_url": f"{self.url}/token"}
        if os.environ.get(KEY_VARIABLE):
            options["service_account"] = f"${KEY_VARIABLE}"
        return options


def parse_place(text: str) -> SheetPlace:
    """Parse a web address or a path. Raises OkrsyncError."""
    text = text.strip()
    if found := _DOCS.match(text):
        return SheetPlace(spreadsheet=found[1])
    if found := _LOOPBACK.match(text):
        return SheetPlace(spreadsheet=found[4], url=f"{found[1]}/{found[2] or found[3]}")
    if _SHAREPOINT.match(text):
        return SheetPlace(link=text)
    path = Path(text).expanduser()
    if "://" in text or path.suffix.lower() not in (".xlsx", ".csv"):
        raise _no_sheet(
            text,
            Message("it is not the address of a Google spreadsheet or a SharePoint file, nor an .xlsx or .csv file"),
        )
    if not path.is_file():
        raise _no_sheet(text, Message("there is no such file"))
    return SheetPlace(file=path)


def _no_sheet(text: str, saw: str) -> OkrsyncError:
    return OkrsyncError(
        Message("reading the sheet {text}", text=text),
        saw,
        effect="Nothing was written.",
        advice="Give the address in the browser, https://docs.google.com/spreadsheets/d/... or "
        "https://contoso.sharepoint.com/..., or a file's path.",
    )


def read_place(place: SheetPlace, context: Context) -> SheetImage:
    """Read all tabs; of a Google spreadsheet with the read-only scope. Raises SheetError."""
    if place.file is not None:
        from connectors.local_sheet import okr_sheet as local

        return local.open_reader(place.file).read_all()
    if place.link:
        return _read_online(place, context)
    from connectors.google_sheets import okr_sheet as google

    connection = GoogleSheetsConnection.model_validate(dict(place.connection()))
    try:
        reader = google.open_reader(GOOGLE, connection, google.SheetTabs(place.spreadsheet, (), ""), context)
    except SheetError as error:
        if connection.service_account is not None:
            raise
        advice = Message(
            "Share the spreadsheet with a service account, and set {variable} to the path of its key.",
            variable=KEY_VARIABLE,
        )
        raise SheetError(error.doing, error.saw, effect="Nothing was written.", advice=advice) from error
    try:
        return reader.read()
    finally:
        reader.close()


def _read_online(place: SheetPlace, context: Context) -> SheetImage:
    from connectors.microsoft import okr_sheet as online

    if missing := [name for name in (TENANT_VARIABLE, CLIENT_VARIABLE, SECRET_VARIABLE) if not os.environ.get(name)]:
        raise SheetError(
            Message("reading the sheet {text}", text=shown(place.link)),
            Message("the environment variable {name} is not set", name=missing[0]),
            effect="Nothing was written.",
            advice=Message(
                "Set {names}: the tenant, and the id and the secret of an app registration (docs/excel-online.md).",
                names=[TENANT_VARIABLE, CLIENT_VARIABLE, SECRET_VARIABLE],
            ),
        )
    connection = MicrosoftConnection.model_validate(dict(place.connection()))
    reader = online.open_reader(OFFICE, connection, place.link, AskedTabs(), context)
    try:
        return reader.read_all()
    finally:
        reader.close()
