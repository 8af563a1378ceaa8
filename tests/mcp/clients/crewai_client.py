"""crewai-tools: fills in null for each argument that is left out."""

from crewai_tools import MCPServerAdapter

from common import HEADERS, URL

with MCPServerAdapter({"url": URL, "transport": "streamable-http", "headers": HEADERS}) as tools:
    by_name = {tool.name: tool for tool in tools}
    for name, arguments, says in [
        ("create_tasks", {"tasks": [{"title": "From crewai"}]}, '"created":1'),
        ("list_reminders", {}, "reminders"),
        ("set_reminder", {"task": "From crewai", "at": "tomorrow 9:00"}, "From crewai"),
        ("list_tasks", {"search": "crewai"}, "From crewai"),
        ("complete_tasks", {"tasks": ["From crewai"]}, '"completed":true'),
    ]:
        told = str(by_name[name].run(**arguments))
        assert says in told, f"{name}: {told}"
