"""Python `websockets` as a client of our server: `client.py ws://HOST:PORT CASE`, or `wss:`.

Runs one case of the interop step against `/chat` and the other paths of the example server, prints
`ok CASE` and exits with 0, or says on stderr what was wrong and exits with 1. The cases are listed in
`xtask/src/interop/cases.rs`; deadlines are the caller's.
"""

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus


def text_of(size):
    """Text of `size` bytes in which characters take 1, 2, 3 and 4 bytes."""
    units, rest = divmod(size, 10)
    return "aé€😀" * units + "x" * rest


def binary_of(size):
    """Bytes that no two neighbours share: byte i is (i * 31 + 7) mod 256."""
    return bytes((i * 31 + 7) % 256 for i in range(256)) * (size // 256) + bytes(
        (i * 31 + 7) % 256 for i in range(size % 256)
    )


def require(what, expected, got):
    """Fails the case, in few words, unless both are equal."""
    if expected != got:
        raise AssertionError(f"{what}: expected {expected!r:.80}, got {got!r:.80}")


def chat(url, **options):
    """A connection to the echo, without a limit on messages."""
    return connect(url + "/chat", max_size=None, **options)


async def echo(url, message):
    async with chat(url) as connection:
        # Our server echoes while it receives, so both directions run at once.
        echoed = asyncio.create_task(connection.recv())
        await connection.send(message)
        require("echo", message, await echoed)
        require("extensions", [], connection.protocol.extensions)


async def fragments(url, with_ping):
    pieces = ["first ", "", "sécond ", "third"]

    async with chat(url) as connection:

        async def fragment_by_fragment():
            for number, piece in enumerate(pieces):
                if with_ping and number == 2:
                    await (await connection.ping(b"between"))
                yield piece

        echoed = asyncio.create_task(connection.recv())
        await connection.send(fragment_by_fragment())
        require("echo", "".join(pieces), await echoed)


async def ping(url):
    async with chat(url) as connection:
        # The library resolves the waiter only by a pong with this very payload.
        await (await connection.ping(b"abc"))
        await (await connection.ping(b""))
        await (await connection.ping(bytes(125)))


def require_close(connection, code, reason):
    received = connection.protocol.close_rcvd
    if received is None:
        raise AssertionError("the connection ended without a close frame from the server")
    require("close code received", code, received.code)
    if reason is not None:
        require("close reason received", reason, received.reason)


async def close_by_client(url):
    async with chat(url) as connection:
        await connection.close(4000, "done")
        require_close(connection, 4000, None)


async def close_by_server(url):
    async with connect(url + "/close?code=4001&reason=bye%20now") as connection:
        await connection.wait_closed()
        require_close(connection, 4001, "bye now")


async def going_away(url):
    async with chat(url) as connection:
        # Told, so that the server is stopped now.
        print("open", flush=True)
        await connection.wait_closed()
        require_close(connection, 1001, None)


async def sub_protocol(url, offered, expected):
    async with chat(url, subprotocols=offered) as connection:
        require("sub-protocol", expected, connection.subprotocol)


async def refused(url):
    try:
        async with connect(url + "/nowhere"):
            raise AssertionError("the server accepted a connection to /nowhere")
    except InvalidStatus as refusal:
        require("status", 404, refusal.response.status_code)


def run(url, case):
    kind, _, size = case.partition("-")
    if size.isdigit():
        make = {"text": text_of, "binary": binary_of}[kind]
        return echo(url, make(int(size)))
    return {
        "fragments": lambda: fragments(url, with_ping=False),
        "fragments-with-ping": lambda: fragments(url, with_ping=True),
        "ping": lambda: ping(url),
        "close-by-client": lambda: close_by_client(url),
        "close-by-server": lambda: close_by_server(url),
        "going-away": lambda: going_away(url),
        "sub-protocol": lambda: sub_protocol(url, ["unknown", "echo.v1", "chat"], "echo.v1"),
        "no-common-sub-protocol": lambda: sub_protocol(url, ["unknown"], None),
        "refused": lambda: refused(url),
    }[case]()


if __name__ == "__main__":
    try:
        asyncio.run(run(sys.argv[1], sys.argv[2]))
    except AssertionError as failure:
        sys.exit(str(failure))
    print("ok", sys.argv[2])
