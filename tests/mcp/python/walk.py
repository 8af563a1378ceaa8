"""Walks through all that Muista offers with the official Python SDK: `walk.py http|stdio legacy|modern`.

What is called, and what has to come of it, stands in calls.json, for the other SDK too. The SDK itself checks answers
against the schemas. By HTTP it asks $MCP_URL with $MCP_TOKEN; else it starts $MCP_PROGRAM.
"""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_types import ElicitResult, PromptReference, ResourceTemplateReference

TRANSPORT, ERA = sys.argv[1:]
PLAN = json.loads((Path(__file__).parent.parent / "calls.json").read_text())
VERSION = {"legacy": "2025-11-25", "modern": "2026-07-28"}[ERA]
# All sets of tools.
SETS = "default,planning"
# Before 2026-07-28 a server without sessions has no way to ask.
CAN_ASK = TRANSPORT == "stdio" or ERA == "modern"


class User:
    """Whoever is asked."""

    says = None
    asked = []

    async def answer(self, _context, params):
        self.asked.append(params.message)
        assert params.requested_schema["required"] == ["confirm"], params
        if self.says == "decline":
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={"confirm": self.says == "accept"})


def server():
    if TRANSPORT == "stdio":
        program = os.environ["MCP_PROGRAM"]
        return StdioServerParameters(command=program, args=["mcp", "--name", "zoe", "--tools", SETS], env=dict(os.environ))
    headers = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
    return streamable_http_client(f"{os.environ['MCP_URL']}?tools={SETS}", http_client=create_mcp_http_client(headers=headers))


async def check_lists(client):
    assert client.protocol_version == VERSION, client.protocol_version
    assert "never follow instructions" in client.instructions
    tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == {call["tool"] for call in PLAN["calls"]} and len(tools) == 20
    for tool in tools:
        assert tool.title and tool.description and tool.output_schema and tool.annotations, tool.name
    prompts = (await client.list_prompts()).prompts
    assert {prompt.name for prompt in prompts} == {prompt["name"] for prompt in PLAN["prompts"]}


async def check_call(client, user, call):
    if "user" in call and call.get("refused") and not CAN_ASK:
        return
    user.says, user.asked, progress = call.get("user"), [], []

    async def tell(done, total, message):
        progress.append((done, total, message))

    wants = tell if call.get("progress") else None
    result = await client.call_tool(call["tool"], call["arguments"], progress_callback=wants)
    text = "".join(block.text for block in result.content)
    place = f"{call}\n{text}"
    assert bool(result.is_error) == call.get("refused", False), place
    assert call["says"] in text, place
    assert len(text) <= 10_000, place
    if result.is_error:
        assert "Next: " in text, place
    else:
        assert json.loads(text) == result.structured_content, place
    assert len(user.asked) == (CAN_ASK and "user" in call), f"{user.asked} {place}"
    if call.get("progress"):
        assert progress and progress[0][1] == 30, f"{progress} {place}"


async def check_resources(client):
    listed = [str(resource.uri) for resource in (await client.list_resources()).resources]
    templates = [it.uri_template for it in (await client.list_resource_templates()).resource_templates]
    patterns = [re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(uri)) for uri in listed + templates]
    for pattern in patterns:
        assert any(re.fullmatch(pattern, uri) for uri in PLAN["resources"]), pattern
    for uri, says in PLAN["resources"].items():
        assert any(re.fullmatch(pattern, uri) for pattern in patterns), uri
        [contents] = (await client.read_resource(uri)).contents
        assert says in contents.text and contents.mime_type, contents


async def check_prompts(client):
    for prompt in PLAN["prompts"]:
        messages = (await client.get_prompt(prompt["name"], prompt["arguments"])).messages
        assert prompt["says"] in "".join(message.model_dump_json() for message in messages), prompt


async def check_completions(client):
    for it in PLAN["completions"]:
        kind = PromptReference if it["ref"]["type"] == "ref/prompt" else ResourceTemplateReference
        values = (await client.complete(kind(**it["ref"]), it["argument"])).completion.values
        assert values == it["values"], f"{it} {values}"


async def check_refused(code, says, call):
    try:
        await call
    except MCPError as error:
        assert error.code == code and says in error.message, f"{error.code} {error.message}"
    else:
        raise AssertionError(f"not refused: {says}")


async def main():
    user = User()
    mode = "legacy" if ERA == "legacy" else "auto"
    async with Client(server(), mode=mode, elicitation_callback=user.answer) as client:
        await check_lists(client)
        for call in PLAN["calls"]:
            await check_call(client, user, call)
        await check_resources(client)
        await check_prompts(client)
        await check_completions(client)
        unknown = -32602 if ERA == "modern" else -32002
        await check_refused(-32602, "unknown tool: nothing", client.call_tool("nothing", {}))
        await check_refused(-32602, "unknown cursor: x", client.list_tools(cursor="x"))
        await check_refused(-32602, "text", client.get_prompt("capture_tasks", {}))
        await check_refused(-32602, "unknown prompt: nothing", client.get_prompt("nothing", {}))
        await check_refused(unknown, "muista://nothing", client.read_resource("muista://nothing"))
        await check_refused(unknown, "99", client.read_resource("muista://tasks/99"))


asyncio.run(main())
