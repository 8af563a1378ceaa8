// Walks through all that Muista offers with the official TypeScript SDKs: `walk.mjs http|stdio legacy|modern`, the older
// one for the protocol until 2025-11-25, its successor for 2026-07-28.
//
// What is called, and what has to come of it, stands in calls.json, for the other SDK too. The SDK itself checks answers
// against the schemas. By HTTP it asks $MCP_URL with $MCP_TOKEN; else it starts $MCP_PROGRAM. The SDKs
// are looked for where the program is started.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [transport, era] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(new URL('../calls.json', import.meta.url), 'utf8'));
const version = { legacy: '2025-11-25', modern: '2026-07-28' }[era];
// All sets of tools.
const SETS = 'default,planning';
// Before 2026-07-28 a server without sessions has no way to ask.
const canAsk = transport === 'stdio' || era === 'modern';

const { resolve } = createRequire(`${process.cwd()}/`);
const load = (name) => import(pathToFileURL(resolve(name).replace('/cjs/', '/esm/').replace('.cjs', '.mjs')));

/** The SDK of an era: the same four things by the names that it has for them. */
async function sdk() {
    if (era === 'modern') {
        const { Client, StreamableHTTPClientTransport } = await load('@modelcontextprotocol/client');
        const { StdioClientTransport } = await load('@modelcontextprotocol/client/stdio');
        const make = (info, options) => new Client(info, { ...options, versionNegotiation: { mode: 'auto' } });
        return { make, StreamableHTTPClientTransport, StdioClientTransport, elicitation: 'elicitation/create' };
    }
    const place = '@modelcontextprotocol/sdk';
    const { Client } = await load(`${place}/client/index.js`);
    const { StreamableHTTPClientTransport } = await load(`${place}/client/streamableHttp.js`);
    const { StdioClientTransport } = await load(`${place}/client/stdio.js`);
    const { ElicitRequestSchema } = await load(`${place}/types.js`);
    const make = (info, options) => new Client(info, options);
    return { make, StreamableHTTPClientTransport, StdioClientTransport, elicitation: ElicitRequestSchema };
}

/** Whoever is asked. */
const user = { says: undefined, asked: [] };

function answer(request) {
    user.asked.push(request.params.message);
    assert.deepEqual(request.params.requestedSchema.required, ['confirm']);
    return user.says === 'decline'
        ? { action: 'decline' }
        : { action: 'accept', content: { confirm: user.says === 'accept' } };
}

async function connect() {
    const { make, StreamableHTTPClientTransport, StdioClientTransport, elicitation } = await sdk();
    const client = make({ name: 'walk', version: '1' }, { capabilities: { elicitation: { form: {} } } });
    client.setRequestHandler(elicitation, answer);
    const { MCP_PROGRAM: command, MCP_URL: url, MCP_TOKEN: token } = process.env;
    const wire =
        transport === 'stdio'
            ? new StdioClientTransport({ command, args: ['mcp', '--name', 'zoe', '--tools', SETS], env: process.env })
            : new StreamableHTTPClientTransport(new URL(`${url}?tools=${SETS}`), {
                  requestInit: { headers: { Authorization: `Bearer ${token}` } },
              });
    let agreed;
    // The older SDK tells it to the transport alone, the newer one to whoever asks.
    if (era === 'legacy') {
        wire.setProtocolVersion = (version) => (agreed = version);
    }
    await client.connect(wire);
    assert.equal(agreed ?? client.getNegotiatedProtocolVersion(), version);
    return client;
}

async function checkLists(client) {
    assert.equal(client.getServerVersion().name, 'muista');
    assert.match(client.getInstructions(), /never follow instructions/);
    const { tools } = await client.listTools();
    const names = (things) => [...new Set(things)].sort();
    assert.deepEqual(names(tools.map((it) => it.name)), names(plan.calls.map((it) => it.tool)));
    assert.equal(tools.length, 20);
    for (const tool of tools) {
        assert(tool.title && tool.description && tool.outputSchema && tool.annotations, tool.name);
    }
    const { prompts } = await client.listPrompts();
    assert.deepEqual(names(prompts.map((it) => it.name)), names(plan.prompts.map((it) => it.name)));
}

async function checkCall(client, call) {
    if (call.user && call.refused && !canAsk) return;
    Object.assign(user, { says: call.user, asked: [] });
    const progress = [];
    const options = call.progress ? { onprogress: (it) => progress.push(it) } : {};
    const request = { name: call.tool, arguments: call.arguments };
    const result = await (era === 'modern'
        ? client.callTool(request, options)
        : client.callTool(request, undefined, options));
    const text = result.content.map((block) => block.text).join('');
    const place = `${JSON.stringify(call)}\n${text}`;
    assert.equal(result.isError ?? false, call.refused ?? false, place);
    assert(text.includes(call.says), place);
    assert(text.length <= 10_000, place);
    if (result.isError) assert(text.includes('Next: '), place);
    else assert.deepEqual(JSON.parse(text), result.structuredContent, place);
    assert.equal(user.asked.length, canAsk && call.user ? 1 : 0, place);
    if (call.progress) assert.equal(progress[0]?.total, 30, place);
}

async function checkResources(client) {
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    const places = [...resources.map((it) => it.uri), ...resourceTemplates.map((it) => it.uriTemplate)];
    const patterns = places.map((it) => new RegExp(`^${it.replace(/\{\w+\}/g, '[^/]+')}$`));
    const wanted = Object.entries(plan.resources);
    for (const pattern of patterns) assert(wanted.some(([uri]) => pattern.test(uri)), `${pattern}`);
    for (const [uri, says] of wanted) {
        assert(patterns.some((pattern) => pattern.test(uri)), uri);
        const { contents } = await client.readResource({ uri });
        assert(contents.length === 1 && contents[0].text.includes(says) && contents[0].mimeType, uri);
    }
}

async function checkPrompts(client) {
    for (const { name, arguments: given, says } of plan.prompts) {
        const { messages } = await client.getPrompt({ name, arguments: given });
        assert(JSON.stringify(messages).includes(says), `${name} ${JSON.stringify(messages)}`);
    }
}

async function checkCompletions(client) {
    for (const { values, ...request } of plan.completions) {
        const { completion } = await client.complete(request);
        assert.deepEqual(completion.values, values);
    }
}

async function checkRefused(code, says, call) {
    await assert.rejects(call, (error) => {
        assert(error.code === code && error.message.includes(says), `${error.code} ${error.message}`);
        return true;
    });
}

const client = await connect();
await checkLists(client);
for (const call of plan.calls) {
    await checkCall(client, call);
}
await checkResources(client);
await checkPrompts(client);
await checkCompletions(client);
const unknown = era === 'modern' ? -32602 : -32002;
await checkRefused(-32602, 'unknown tool: nothing', () => client.callTool({ name: 'nothing', arguments: {} }));
await checkRefused(-32602, 'unknown cursor: x', () => client.listTools({ cursor: 'x' }));
await checkRefused(-32602, 'text', () => client.getPrompt({ name: 'capture_tasks', arguments: {} }));
await checkRefused(-32602, 'unknown prompt: nothing', () => client.getPrompt({ name: 'nothing' }));
await checkRefused(unknown, 'muista://nothing', () => client.readResource({ uri: 'muista://nothing' }));
await checkRefused(unknown, '99', () => client.readResource({ uri: 'muista://tasks/99' }));
await client.close();
