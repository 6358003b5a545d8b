// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The Kaopu authors
//
// All of the web that a browser under test can reach: one HTTP proxy on 127.0.0.1 that answers every site itself, http and
// https, at its real address. What no site answers is refused and written down, so "nothing leaves" is a list to look at.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';

/**
 * @typedef {{status?: number, type?: string, headers?: Record<string, string>, body: string | Buffer | AsyncIterable<string | Uint8Array>}} Answer a body in parts is sent part by part
 * @typedef {(url: URL, request: {method: string, body: string, headers: http.IncomingHttpHeaders}) => Answer | null | Promise<Answer | null>} Site
 */

/** A key and self-signed certificate made for this run alone. */
function throwAwayCertificate() {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'kaopu-cert-'));
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=kaopu test', '-addext', 'subjectAltName=DNS:*.kaopu-demo.test',
      '-keyout', path.join(dir, 'key.pem'), '-out', path.join(dir, 'cert.pem')], { stdio: 'pipe' });
    return { key: readFileSync(path.join(dir, 'key.pem')), cert: readFileSync(path.join(dir, 'cert.pem')) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {http.IncomingMessage} request */
async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/**
 * @param {Site[]} sites asked in order; the first that does not answer null serves the request
 * @returns {Promise<{port: number, proxy: string, served: {url: string, method: string, body: string}[], refused: string[], close: () => Promise<void>}>}
 */
export async function startWeb(sites) {
  const served = [];
  const refused = [];
  const sockets = new Set();

  const handle = (scheme) => async (request, response) => {
    try {
      const url = new URL(request.url.startsWith('http') ? request.url : `${scheme}://${request.headers.host}${request.url}`);
      const body = await bodyOf(request);
      for (const site of sites) {
        const answer = await site(url, { method: request.method, body, headers: request.headers });
        if (!answer) continue;
        served.push({ url: url.href, method: request.method, body });
        response.writeHead(answer.status ?? 200, {
          'content-type': answer.type ?? 'text/html; charset=utf-8', 'cache-control': 'no-store', ...answer.headers,
        });
        if (Symbol.asyncIterator in Object(answer.body)) for await (const part of answer.body) response.write(part);
        response.end(Symbol.asyncIterator in Object(answer.body) ? undefined : answer.body);
        return;
      }
      refused.push(url.href);
      response.writeHead(404, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
      response.end('refused');
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error));
    }
  };

  const secure = https.createServer(throwAwayCertificate(), handle('https'));
  const plain = http.createServer(handle('http'));
  plain.on('connect', (_request, socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    secure.emit('connection', socket);
  });
  plain.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  for (const server of [plain, secure]) server.on('clientError', (_error, socket) => socket.destroy());
  secure.on('tlsClientError', () => {});
  await new Promise((resolve) => { plain.listen(0, '127.0.0.1', () => resolve(undefined)); });
  const { port } = /** @type {import('node:net').AddressInfo} */ (plain.address());
  return {
    port,
    proxy: `127.0.0.1:${port}`,
    served,
    refused,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => { plain.close(() => resolve(undefined)); });
    },
  };
}
