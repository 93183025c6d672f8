//! What is tried with every peer: the names of the cases, and for our client what it does and what it must say.

/// The name of every case, in the table's order.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    THEIR_CLIENTS.into_iter().chain([STOP]).chain(OUR_CLIENT_ONLY).chain([
        SMALL_BUFFERS,
        INSIDE_A_FRAME,
        COMES_BACK,
        DASHBOARD,
    ])
}

/// The cases of the others' clients (they know them by these names): `text-SIZE` and `binary-SIZE` are echoed; `fragments` sends a
/// text in four fragments, `-with-ping` with a ping between two of them; `ping` expects the same payload in the pong;
/// `close-by-client` closes with 4000 `done` and expects 4000; `close-by-server` expects 4001 `bye now`; `sub-protocol`
/// offers `unknown`, `echo.v1`, `chat` and expects `echo.v1`; `no-common-sub-protocol` offers `unknown` and expects none;
/// `refused` expects a 404.
pub(super) const THEIR_CLIENTS: [&str; 22] = [
    "text-0",
    "text-5",
    "text-125",
    "text-126",
    "text-65535",
    "text-65536",
    "text-16777216",
    "binary-0",
    "binary-5",
    "binary-125",
    "binary-126",
    "binary-65535",
    "binary-65536",
    "binary-16777216",
    "fragments",
    "fragments-with-ping",
    "ping",
    "close-by-client",
    "close-by-server",
    "sub-protocol",
    "no-common-sub-protocol",
    "refused",
];

/// Our server, asked to stop after all that, ends with success.
pub(super) const STOP: &str = "stop";

/// Our server echoes 16 MiB of text through buffers of a few bytes.
pub(super) const SMALL_BUFFERS: &str = "small-buffers";

/// Our server has echoed half of a long frame when the client breaks a rule, or the program is to end.
pub(super) const INSIDE_A_FRAME: &str = "inside-a-frame";

/// Our client that keeps its connection is there again after each loss.
pub(super) const COMES_BACK: &str = "comes-back";

/// Our dashboard with bare sockets: what it sends, obeys and refuses.
pub(super) const DASHBOARD: &str = "dashboard";

/// The cases that only our client has.
const OUR_CLIENT_ONLY: [&str; 2] = ["ping-by-server", "interrupted"];

/// What our client does in a case, and what it and the other's server must say.
pub(super) struct Dialogue {
    /// The target on the server, with a slash.
    pub(super) target: &'static str,
    /// The client's arguments after the URL.
    pub(super) arguments: Vec<String>,
    /// What follows `connected to URL ` on the client's first line of standard output; `None` if it must not connect.
    pub(super) connected: Option<&'static str>,
    /// The client's further lines. `{number}` stands for a decimal number, `{rest}` for anything that follows.
    pub(super) lines: Vec<String>,
    /// The client's standard error and exit status.
    pub(super) error: Option<(&'static str, i32)>,
    /// How the server's line about the end of the connection starts; `None` if there is no connection.
    pub(super) server: Option<&'static str>,
}

/// Our client's part in the case called `name`, if it has one.
pub(super) fn our_client(name: &str) -> Option<Dialogue> {
    let (kind, size) = name.split_once('-').unwrap_or((name, ""));
    let size = size.parse::<usize>();
    Some(match (name, kind, size) {
        (_, "text", Ok(size)) => {
            let preview = text_preview(size);
            let sent = format!("sent text, {size} bytes{preview}");
            let received = format!("received text, {size} bytes{preview} (same as sent)");
            echo([format!("text-size={size}")], [sent, received])
        }
        (_, "binary", Ok(size)) => {
            let sent = format!("sent binary, {size} bytes");
            let received = format!("received binary, {size} bytes (same as sent)");
            echo([format!("binary={size}")], [sent, received])
        }
        ("fragments", ..) => Dialogue {
            target: "/fragments",
            ..echo(
                ["wait", "fragments=100000/4096", "fragments=100/1"],
                [
                    "received text, 18 bytes: first second third",
                    "sent binary, 100000 bytes",
                    "received binary, 100000 bytes (same as sent)",
                    "sent binary, 100 bytes",
                    "received binary, 100 bytes (same as sent)",
                ],
            )
        },
        ("ping", ..) => echo(
            ["ping=abc", "ping=", "text=hello"],
            [
                "sent ping, 3 bytes: abc",
                "received pong, 3 bytes: abc ({number} ms)",
                "sent ping, 0 bytes: ",
                "received pong, 0 bytes:  ({number} ms)",
                "sent text, 5 bytes: hello",
                "received text, 5 bytes: hello (same as sent)",
            ],
        ),
        ("ping-by-server", ..) => {
            Dialogue { target: "/ping", ..echo(["wait"], ["received text, 13 bytes: pong received"]) }
        }
        ("close-by-client", ..) => {
            closing(["close=4000,done"], "closed by us with 4000, peer answered 4000", "closed 4000 done")
        }
        ("close-by-server", ..) => Dialogue {
            target: "/close?code=4001&reason=bye%20now",
            ..closing(["expect-close"], "closed by peer with 4001: bye now", "closed 4001")
        },
        ("interrupted", ..) => Dialogue {
            error: Some(("{rest}", 1)),
            ..closing(["expect-close"], "closed by us with 1001{rest}", "closed 1001")
        },
        ("sub-protocol", ..) => Dialogue {
            connected: Some("(sub-protocol: echo.v1)"),
            ..echo(["--sub-protocol", "unknown", "--sub-protocol", "echo.v1", "close=1000"], NOTHING)
        },
        ("no-common-sub-protocol", ..) => echo(["--sub-protocol", "unknown", "close=1000"], NOTHING),
        ("refused", ..) => Dialogue {
            target: "/refuse",
            arguments: Vec::new(),
            connected: None,
            lines: Vec::new(),
            error: Some(("refused with 403 Forbidden\nnot for you", 1)),
            server: None,
        },
        _ => return None,
    })
}

const NOTHING: [&str; 0] = [];

/// Arguments and lines of a conversation that our client ends with 1000.
fn echo<const A: usize, const L: usize>(arguments: [impl Into<String>; A], lines: [impl Into<String>; L]) -> Dialogue {
    let mut dialogue = closing(arguments, "closed by us with 1000, peer answered 1000", "closed 1000");
    dialogue.lines.splice(..0, lines.map(Into::into));
    dialogue
}

/// A conversation that ends with the line `closed` of our client and the line `server` of the server.
fn closing<const A: usize>(arguments: [impl Into<String>; A], closed: &str, server: &'static str) -> Dialogue {
    Dialogue {
        target: "/echo",
        arguments: arguments.map(Into::into).into(),
        connected: Some("(no sub-protocol)"),
        lines: vec![closed.to_string()],
        error: None,
        server: Some(server),
    }
}

/// What the client shows of a text of `size` bytes that it makes itself: up to 60 of its characters, which count from the
/// space up.
fn text_preview(size: usize) -> String {
    let characters: String = (' '..='~').cycle().take(size.min(60)).collect();
    if characters.is_empty() { characters } else { format!(": {characters}") }
}
