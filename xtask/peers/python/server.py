"""Python `websockets` as a server for our client: `server.py [CA_FILE]`.

With CA_FILE it speaks TLS, with a certificate made on the spot, and writes that of its authority there. Prints `listening on PORT` first, then `closed CODE REASON` for every connection that ended, with what the
client's close frame said. Paths: `/echo`, `/close?code=..&reason=..`, `/ping`, `/fragments`, `/refuse`.
"""

import asyncio
import ssl
import sys
from urllib.parse import parse_qs, urlsplit

import trustme
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


def choose_sub_protocol(connection, offered):
    return "echo.v1" if "echo.v1" in offered else None


def refuse(connection, request):
    if request.path == "/refuse":
        return connection.respond(403, "not for you\n")


async def fragments(connection):
    yield "first "
    await (await connection.ping(b"between"))
    yield "second "
    yield "third"


async def talk(connection):
    target = urlsplit(connection.request.path)
    if target.path == "/close":
        query = parse_qs(target.query)
        await connection.close(int(query["code"][0]), query.get("reason", [""])[0])
    elif target.path == "/ping":
        # The library resolves the waiter only by a pong with this very payload.
        await (await connection.ping("are you there"))
        await connection.send("pong received")
    elif target.path == "/fragments":
        await connection.send(fragments(connection))
    async for message in connection:
        await connection.send(message)


async def serve_one(connection):
    try:
        await talk(connection)
    except ConnectionClosed:
        pass  # That is how a connection ends; what its close frame said is printed below.
    received = connection.protocol.close_rcvd
    if received is None:
        print("closed without a close frame", flush=True)
    else:
        print("closed", received.code, received.reason, flush=True)


def tls(ca_file):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


async def main():
    async with serve(
        serve_one,
        "127.0.0.1",
        0,
        max_size=None,
        process_request=refuse,
        select_subprotocol=choose_sub_protocol,
        ssl=tls(sys.argv[1]) if len(sys.argv) > 1 else None,
    ) as server:
        print("listening on", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(main())
