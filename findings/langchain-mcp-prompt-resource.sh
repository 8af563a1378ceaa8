#!/usr/bin/env bash
# MCP prompts in LangChain: a prompt whose message embeds a resource cannot be loaded at all.
#
# Versions: PyPI langchain-mcp-adapters 0.3.2 with mcp 1.30.0.
# Seen: the protocol lets the content of a prompt's message be text, image, audio, or an embedded resource (2025-06-18,
# "Prompts", data types). The session hands such a prompt over; load_mcp_prompt of the adapter raises
# "Unsupported prompt message content type: resource", and the prompt's text messages are lost with it.
# What helps: a prompt that says everything in text messages.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check langchain-mcp-adapters==0.3.2 mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.fastmcp import FastMCP
from mcp.server.fastmcp.prompts.base import UserMessage
from mcp.types import EmbeddedResource, TextResourceContents

server = FastMCP("garden")


@server.prompt()
def plan() -> list:
    page = TextResourceContents(uri="garden://today", mimeType="text/plain", text="water the plants")
    return [UserMessage("Plan my day."), UserMessage(EmbeddedResource(type="resource", resource=page))]


server.run()
PYTHON
cat >"$folder/client.py" <<'PYTHON'
import asyncio, pathlib, sys
from langchain_mcp_adapters.prompts import load_mcp_prompt
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main():
    server = str(pathlib.Path(__file__).with_name("server.py"))
    async with stdio_client(StdioServerParameters(command=sys.executable, args=[server])) as streams:
        async with ClientSession(*streams) as session:
            await session.initialize()
            print("session:", *[m.content.type for m in (await session.get_prompt("plan")).messages])
            try:
                print("adapter:", await load_mcp_prompt(session, "plan"))
            except ValueError as error:
                print("adapter:", error)


asyncio.run(main())
PYTHON

seen=$("$folder/venv/bin/python" "$folder/client.py" 2>/dev/null)
printf '%s\n' "$seen"
[[ $seen == $'session: text resource\nadapter: Unsupported prompt message content type: resource' ]]
