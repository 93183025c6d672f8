//! What is where: the page, and the two WebSockets.

use device::watch::Watch;
use ws_core::{Asked, handshake::Reply};

use crate::{echo::Echo, service::Service};

/// `page.html`, compressed when the program was built: it leaves from the flash as it lies there.
static PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz"));

const HTML: &[(&str, &str)] =
    &[("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("Cache-Control", "no-store")];
const TEXT: &[(&str, &str)] = &[("Content-Type", "text/plain; charset=utf-8")];

pub(crate) enum Decision {
    Accept(Service),
    Reply(Reply<'static>),
}

pub(crate) fn decide(asked: &Asked<'_>) -> Decision {
    let refused = |reply: Reply<'static>, why: &'static [u8]| Decision::Reply(reply.with_headers(TEXT).with_body(why));
    match (asked.request.path(), &asked.upgrade) {
        ("/", None) => Decision::Reply(Reply::new(200).with_headers(HTML).with_body(PAGE)),
        // Who may send commands must not be a page of somebody else's that this browser shows as well.
        ("/telemetry", Some(_)) if !is_own_page(asked) => {
            refused(Reply::FORBIDDEN, b"only the device's own page may connect\n")
        }
        ("/telemetry", Some(_)) => Decision::Accept(Service::Watch(Watch::new())),
        // The second is where clients find the echo of the examples.
        ("/echo" | "/chat", Some(_)) => Decision::Accept(Service::Echo(Echo::new())),
        ("/telemetry" | "/echo" | "/chat", None) => refused(Reply::UPGRADE_REQUIRED, b"this is a WebSocket\n"),
        _ => refused(Reply::NOT_FOUND, b"the page is at /\n"),
    }
}

/// Whether the request is from a page of this host, or from no page at all.
fn is_own_page(asked: &Asked<'_>) -> bool {
    let Some(origin) = asked.request.origin() else { return true };
    origin.strip_prefix("http://").is_some_and(|host| asked.request.host() == Some(host))
}
