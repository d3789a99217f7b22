"""Files in OneDrive and SharePoint, through Microsoft Graph: a source of rows, and the OKR sheet."""
