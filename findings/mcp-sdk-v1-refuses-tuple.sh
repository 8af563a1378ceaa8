#!/usr/bin/env bash
# MCP SDK for TypeScript, 1.x: it reads each output schema as draft-07, also one that says 2020-12, and refuses right
# answers.
#
# Versions: npm @modelcontextprotocol/sdk 1.32.2 (its tag `latest` when this was written); npm
# @modelcontextprotocol/client 2.4.0 and PyPI mcp 2.3.0 take the same answers.
# Seen: MCP's dialect is 2020-12 unless `$schema` names another (2025-11-25, "JSON Schema usage"). A tuple there is
# `prefixItems` with `items: false` for the rest. The 1.x client passes over `prefixItems` and takes `items: false` as
# "no items at all": callTool throws "boolean schema is false" instead of giving the result, after the tool has done
# its work. `minContains: 0` is passed over as well and `contains` then demanded. With the newer keywords only, it
# checks nothing.
# What helps: output schemas of what both dialects mean alike: an object with named fields instead of a tuple, no
# minContains; `items: false` above all never.
# Exits with 0 while this is so, and with 1 once it is not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit --prefix . @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check mcp==2.3.0

cat >server.py <<'PYTHON'
import json, sys

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FIELDS = {
    "span": ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False}, ["week", 49]),
    "none": ({"type": "array", "contains": {"const": "late"}, "minContains": 0, "maxContains": 1}, ["open"]),
}
for line in sys.stdin:
    message = json.loads(line)
    answer = {}
    if message["method"] == "initialize":
        answer = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    elif message["method"] == "tools/list":
        answer["tools"] = [{"name": name, "inputSchema": {"type": "object"},
                            "outputSchema": {"$schema": DIALECT, "type": "object", "properties": {"x": schema}}}
                           for name, (schema, _) in FIELDS.items()]
    elif message["method"] == "tools/call":
        content = {"x": FIELDS[message["params"]["name"]][1]}
        answer = {"content": [{"type": "text", "text": json.dumps(content)}], "structuredContent": content}
    if "id" in message:
        reply = {"jsonrpc": "2.0", "id": message["id"], "result": answer}
        if message["method"] == "server/discover":
            reply = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "Method not found"}}
        print(json.dumps(reply), flush=True)
PYTHON
cat >client.mjs <<'JAVASCRIPT'
const [name, client, stdio] = process.argv.slice(2);
const { Client } = await import(client);
const { StdioClientTransport } = await import(stdio);
const session = new Client({ name: "c", version: "1" });
await session.connect(new StdioClientTransport({ command: "python3", args: ["server.py"] }));
await session.listTools();
for (const tool of ["span", "none"]) {
  try {
    console.log(name, JSON.stringify((await session.callTool({ name: tool, arguments: {} })).structuredContent));
  } catch (error) {
    console.log(name, error.message.split("schema: ")[1]);
  }
}
await session.close();
JAVASCRIPT
cat >client.py <<'PYTHON'
import asyncio, json
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main():
    async with stdio_client(StdioServerParameters(command="python3", args=["server.py"])) as streams:
        async with ClientSession(*streams) as session:
            await session.initialize()
            for tool in "span", "none":
                result = (await session.call_tool(tool, {})).model_dump(by_alias=True)
                print("python-2", json.dumps(result["structuredContent"], separators=(",", ":")))


asyncio.run(main())
PYTHON

sdk=@modelcontextprotocol/sdk/client
seen=$(node client.mjs sdk-1 $sdk/index.js $sdk/stdio.js
    node client.mjs client-2 @modelcontextprotocol/client @modelcontextprotocol/client/stdio
    venv/bin/python client.py)
printf '%s\n' "$seen"
expected='sdk-1 data/x/0 boolean schema is false, data/x/1 boolean schema is false
sdk-1 data/x/0 must be equal to constant, data/x must contain at least 1 valid item(s)
client-2 {"x":["week",49]}
client-2 {"x":["open"]}
python-2 {"x":["week",49]}
python-2 {"x":["open"]}'
[[ $seen == "$expected" ]]
