"""What the programs of this folder share: where the daemon is, and what a refusal looks like."""

import os

URL = os.environ["MCP_URL"]
HEADERS = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
# What the clients leave out comes as null, and a list may come as its JSON text.
TEXT = '[{"title": "From text", "due": "tomorrow"}]'
CALLS = [
    ("create_tasks", {"tasks": TEXT}, '"created":1'),
    ("create_tasks", {"tasks": [{"title": "From a list", "due": None, "tags": None}]}, '"created":1'),
    ("list_reminders", {"task": None, "all": None, "limit": None, "cursor": None}, '"reminders":['),
    ("set_reminder", {"task": "From text", "at": "one hour before", "add": None, "channels": None}, "PT1H"),
    ("complete_tasks", {"tasks": ["From a list"], "reopen": None}, '"completed":true'),
]
