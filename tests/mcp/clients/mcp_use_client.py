"""mcp-use: its adapter for LangChain sends null for what a model leaves out; four clients connect at once."""

import asyncio

from mcp_use import MCPClient
from mcp_use.agents.adapters.langchain_adapter import LangChainAdapter

from common import CALLS, HEADERS, URL


def client():
    return MCPClient.from_dict({"mcpServers": {"muista": {"url": URL, "headers": HEADERS}}})


async def one_call(_):
    own = client()
    try:
        session = await own.create_session("muista")
        return await session.call_tool("list_tasks", {"search": None})
    finally:
        await own.close_all_sessions()


async def main():
    own = client()
    session = await own.create_session("muista")
    for name, arguments, says in CALLS:
        told = (await session.call_tool(name, arguments)).content[0].text
        assert says in told, f"{name}: {told}"
    tools = {tool.name: tool for tool in await LangChainAdapter().create_tools(own)}
    told = str(await tools["list_reminders"].ainvoke({"limit": 5}))
    assert "reminders" in told, told
    await own.close_all_sessions()
    await asyncio.sleep(1)
    for result in await asyncio.gather(*map(one_call, range(4))):
        assert "From text" in result.content[0].text, result


asyncio.run(main())
