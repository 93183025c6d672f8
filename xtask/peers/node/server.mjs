// npm `ws` as a server for our client.
//
// Prints `listening on PORT` first, then `closed CODE REASON` for every connection that ended, with what the
// client's close frame said. Paths: `/echo`, `/close?code=..&reason=..`, `/ping`, `/fragments`, `/refuse`.

import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  maxPayload: 0, // no limit
  handleProtocols: (offered) => (offered.has("echo.v1") ? "echo.v1" : false),
  verifyClient: ({ req }, decide) =>
    req.url === "/refuse" ? decide(false, 403, "not for you\n") : decide(true),
});

/** What the server does first; whatever the path, it echoes. */
const TALKS = {
  "/close": (socket, query) => socket.close(Number(query.get("code")), query.get("reason") ?? ""),
  "/ping": (socket) => {
    socket.once("pong", (data) =>
      socket.send(String(data) === "are you there" ? "pong received" : `wrong pong: ${data}`),
    );
    socket.ping("are you there");
  },
  "/fragments": (socket) => {
    socket.send("first ", { fin: false });
    socket.ping("between");
    socket.send("second ", { fin: false });
    socket.send("third", { fin: true });
  },
};

server.on("connection", (socket, request) => {
  const target = new URL(request.url, "ws://localhost");
  socket.on("error", (error) => console.error(String(error)));
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("close", (code, reason) =>
    console.log(code === 1006 ? "closed without a close frame" : `closed ${code} ${reason}`),
  );
  TALKS[target.pathname]?.(socket, target.searchParams);
});

server.on("listening", () => console.log(`listening on ${server.address().port}`));
