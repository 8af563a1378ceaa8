// Passes HTTP requests on to a daemon with a token, for programs that have none: `bearer.mjs HOST:PORT`, with the token in
// $MCP_TOKEN. It prints the port that it listens on. What names itself as the host or the origin names the daemon instead.

import http from 'node:http';

const daemon = process.argv[2];
const authorization = `Bearer ${process.env.MCP_TOKEN}`;

const proxy = http.createServer((request, response) => {
    const itself = new RegExp(`(127\\.0\\.0\\.1|localhost):${proxy.address().port}$`);
    const headers = { ...request.headers, authorization };
    for (const name of ['host', 'origin']) {
        if (headers[name]) headers[name] = headers[name].replace(itself, daemon);
    }
    const [host, port] = daemon.split(':');
    const asked = http.request({ host, port, method: request.method, path: request.url, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    response.on('close', () => asked.destroy());
    request.pipe(asked);
});

proxy.listen(0, '127.0.0.1', () => console.log(proxy.address().port));
