// npm `ws` as a client of our server: `client.mjs ws://HOST:PORT CASE`.
//
// Runs one case of the interop step against `/chat` and the other paths of the example server, prints
// `ok CASE` and exits with 0, or says on stderr what was wrong and exits with 1. The cases are listed in
// `xtask/src/interop/cases.rs`; deadlines are the caller's.

import { once } from "node:events";
import process from "node:process";
import WebSocket from "ws";

/** Text of `size` bytes in which characters take 1, 2, 3 and 4 bytes. */
function textOf(size) {
  return "aé€😀".repeat(Math.floor(size / 10)) + "x".repeat(size % 10);
}

/** Bytes that no two neighbours share: byte i is (i * 31 + 7) mod 256. */
function binaryOf(size) {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = i * 31 + 7;
  return bytes;
}

/** Fails the case unless both are equal. */
function require(what, expected, got) {
  if (expected !== got) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
  }
}

async function open(url, subProtocols = []) {
  const socket = new WebSocket(url, subProtocols);
  await once(socket, "open");
  require("extensions", "", socket.extensions);
  return socket;
}

/** Closes with 1000 and waits for the server's close frame and the end of the connection. */
async function close(socket, code = 1000, reason = "") {
  const closed = once(socket, "close");
  socket.close(code, reason);
  const [answer] = await closed;
  require("close code of the answer", code, answer);
}

async function requireEcho(socket, message, send) {
  const echoed = once(socket, "message");
  send();
  const [data, isBinary] = await echoed;
  require("echo is binary", Buffer.isBuffer(message), isBinary);
  const sent = Buffer.from(message);
  require("size of the echo", sent.length, data.length);
  require("echo equals what was sent", true, sent.equals(data));
  await close(socket);
}

async function echo(url, message) {
  const socket = await open(url + "/chat");
  await requireEcho(socket, message, () => socket.send(message));
}

async function fragments(url, withPing) {
  const socket = await open(url + "/chat");
  const ponged = withPing ? once(socket, "pong") : undefined;
  await requireEcho(socket, "first sécond third", () => {
    socket.send("first ", { fin: false });
    socket.send("", { fin: false });
    if (withPing) socket.ping("between");
    socket.send("sécond ", { fin: false });
    socket.send("third", { fin: true });
  });
  if (ponged) require("pong", "between", String((await ponged)[0]));
}

async function ping(url) {
  const socket = await open(url + "/chat");
  for (const payload of ["abc", "", "p".repeat(125)]) {
    const ponged = once(socket, "pong");
    socket.ping(payload);
    require("pong", payload, String((await ponged)[0]));
  }
  await close(socket);
}

async function closeByClient(url) {
  await close(await open(url + "/chat"), 4000, "done");
}

async function closeByServer(url) {
  const socket = new WebSocket(url + "/close?code=4001&reason=bye%20now");
  const [code, reason] = await once(socket, "close");
  require("close code", 4001, code);
  require("close reason", "bye now", String(reason));
}

async function subProtocol(url) {
  const socket = await open(url + "/chat", ["unknown", "echo.v1", "chat"]);
  require("sub-protocol", "echo.v1", socket.protocol);
  await close(socket);
}

/** This library fails a connection whose server chose none of the sub-protocols that were offered. */
async function noCommonSubProtocol(url) {
  const why = await open(url + "/chat", ["unknown"]).then(
    () => "the library accepted it",
    (error) => error.message,
  );
  require("what the library says", "Server sent no subprotocol", why);
}

async function refused(url) {
  const socket = new WebSocket(url + "/nowhere");
  const [, response] = await once(socket, "unexpected-response");
  require("status", 404, response.statusCode);
  response.destroy();
}

const CASES = {
  "fragments": (url) => fragments(url, false),
  "fragments-with-ping": (url) => fragments(url, true),
  "ping": ping,
  "close-by-client": closeByClient,
  "close-by-server": closeByServer,
  "sub-protocol": subProtocol,
  "no-common-sub-protocol": noCommonSubProtocol,
  "refused": refused,
};

const [, , url, name] = process.argv;
const [, kind, size] = /^(text|binary)-(\d+)$/.exec(name) ?? [];
try {
  if (kind) await echo(url, (kind === "text" ? textOf : binaryOf)(Number(size)));
  else await CASES[name](url);
  console.log(`ok ${name}`);
} catch (error) {
  console.error(String(error));
  // Not just an exit code: an open connection would keep the process alive.
  process.exit(1);
}
