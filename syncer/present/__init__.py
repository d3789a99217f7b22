"""Text, JSON, markdown, HTML and workbooks for people and machines."""
