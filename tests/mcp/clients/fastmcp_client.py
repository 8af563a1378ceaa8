"""FastMCP's client: null for what is left out, lists as text, four clients at once that connect for one call each."""

import asyncio

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from common import CALLS, HEADERS, URL


def client():
    return Client(StreamableHttpTransport(URL, headers=HEADERS))


async def one_call(_):
    async with client() as connected:
        return await connected.call_tool("list_tasks", {"search": None, "limit": 5})


async def main():
    async with client() as connected:
        for tool, arguments, says in CALLS:
            text = (await connected.call_tool(tool, arguments)).content[0].text
            assert says in text, f"{tool}: {text}"
        prompt = await connected.get_prompt("plan_day", {})
        assert "From text" in prompt.messages[1].content.text or "timezone" in prompt.messages[1].content.text
    await asyncio.sleep(1)
    assert len(await asyncio.gather(*map(one_call, range(4)))) == 4


asyncio.run(main())
