#!/usr/bin/env bash
# mcp-use's LangChain adapter sends null for each argument of a tool that the caller left out.
#
# Versions: PyPI mcp-use 1.7.1 with mcp 1.30.0.
# Seen: a tool whose schema has `id` required, and `reopen` (boolean) and `note` (text) optional, neither nullable, is
# called with {"id": 3} alone. The server receives {"id": 3, "note": null, "reopen": null}, which does not fit the
# schema that it gave: a server that validates refuses each call of a tool with optional arguments.
# What helps: a server that takes null for "left out", whatever its schema says.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mcp-use==1.7.1 mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
import asyncio, json
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.types import TextContent, Tool

server = Server("tasks")
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "reopen": {"type": "boolean"}, "note": {"type": "string"}},
}


@server.list_tools()
async def list_tools():
    return [Tool(name="finish", description="Completes a task", inputSchema=SCHEMA)]


@server.call_tool(validate_input=False)
async def call_tool(name, arguments):
    return [TextContent(type="text", text=json.dumps(arguments, sort_keys=True))]


async def main():
    async with stdio_server() as streams:
        await server.run(*streams, server.create_initialization_options())


asyncio.run(main())
PYTHON
cat >"$folder/client.py" <<'PYTHON'
import asyncio, pathlib, sys
from mcp_use import MCPClient
from mcp_use.agents.adapters import LangChainAdapter


async def main():
    server = str(pathlib.Path(__file__).with_name("server.py"))
    client = MCPClient.from_dict({"mcpServers": {"tasks": {"command": sys.executable, "args": [server]}}})
    tools = await LangChainAdapter().create_tools(client)
    print("received:", await next(tool for tool in tools if tool.name == "finish").ainvoke({"id": 3}))
    await client.close_all_sessions()


asyncio.run(main())
PYTHON

seen=$(MCP_USE_ANONYMIZED_TELEMETRY=false "$folder/venv/bin/python" "$folder/client.py" 2>/dev/null | grep '^received:')
printf '%s\n' "$seen"
[[ $seen == 'received: {"id": 3, "note": null, "reopen": null}' ]]
