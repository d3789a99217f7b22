"""Any API that answers JSON: GET, POST and GraphQL, page by page."""
