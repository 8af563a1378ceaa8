"""langchain-mcp-adapters: each call connects anew, four at once; prompts have to be texts."""

import asyncio

from langchain_mcp_adapters.client import MultiServerMCPClient

from common import CALLS, HEADERS, URL


async def main():
    client = MultiServerMCPClient({"muista": {"transport": "streamable_http", "url": URL, "headers": HEADERS}})
    tools = {tool.name: tool for tool in await client.get_tools()}
    for name, arguments, says in CALLS:
        told = str(await tools[name].ainvoke(arguments))
        assert says in told, f"{name}: {told}"
    for prompt, arguments in [("plan_day", {}), ("plan_week", {}), ("explain_failed_run", {"job": "backup"})]:
        messages = await client.get_prompt("muista", prompt, arguments=arguments)
        assert len(messages) > 1 and all(isinstance(message.content, str) for message in messages), messages
    await asyncio.sleep(1)
    told = await asyncio.gather(*[tools["list_tasks"].ainvoke({"search": None}) for _ in range(4)])
    assert all("From text" in str(one) for one in told), told


asyncio.run(main())
