//! What holds for all heads: what one side writes, the other one reads, and no bytes from the network stop a program.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use ws_handshake::{Acceptance, ClientRequest, Offer, Reply, Request, Response, ResponseError, WebSocketKey};

const TOKEN: &str = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,30}";
const VALUE: &str = "([!-~\u{e9}]([ -~\t]{0,20}[!-~])?)?";
const PATH: &str = "/[!\"$-~]{0,30}";

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let is_free = |(name, _): &(String, String)| {
        let name = name.to_ascii_lowercase();
        !["host", "origin", "upgrade", "connection", "content-length", "transfer-encoding"].contains(&name.as_str())
            && !name.starts_with("sec-websocket-")
    };
    vec((TOKEN, VALUE).prop_filter("reserved", is_free), 0..5)
}

/// Any byte, and more often than others one that means something in a head.
fn damaged_byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(b"\r\n,;:\" =".as_slice())]
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

proptest! {
    #[test]
    fn a_server_reads_what_a_client_writes(
        nonce: [u8; 16],
        path in PATH,
        host in "[a-z0-9.-]{1,20}|\\[[0-9a-f:]{0,5}::[0-9a-f:]{0,5}\\]",
        port: Option<u16>,
        secure: bool,
        names in btree_set(TOKEN, 0..5),
        extension in option::of((TOKEN, TOKEN, option::of(TOKEN))),
        origin in option::of("[!-~]{1,20}"),
        headers in headers(),
        rest in vec(any::<u8>(), 0..10),
    ) {
        let key = WebSocketKey::from_nonce(nonce);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let extensions = extension.as_ref().map(|(name, parameter, value)| match value {
            Some(value) => format!("{name}; {parameter}={value}"),
            None => format!("{name};{parameter}"),
        });
        let sent = ClientRequest {
            path: &path,
            host: &host,
            port,
            secure,
            sub_protocols: &names,
            extensions: extensions.as_deref(),
            origin: origin.as_deref(),
            headers: &borrowed(&headers),
        };
        let mut bytes = vec![0xa5; 2000];
        let len = sent.encode(&key, &mut bytes).unwrap();
        bytes.truncate(len);
        bytes.extend(&rest);

        let (request, head_len) = Request::parse(&bytes).unwrap().unwrap();
        prop_assert_eq!(head_len, len);
        prop_assert_eq!((request.method(), request.target()), ("GET", path.as_str()));
        prop_assert_eq!(request.origin(), origin.as_deref());
        prop_assert!(request.host().unwrap().starts_with(&host));
        let own = request.headers().skip(request.headers().count() - headers.len());
        prop_assert!(own.eq(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))));

        let upgrade = request.upgrade().unwrap().unwrap();
        prop_assert_eq!(upgrade.key(), &key);
        prop_assert_eq!(upgrade.sub_protocols().collect::<Vec<_>>(), names);
        let offered = upgrade.extensions().next().map(|offer| {
            let (parameter, value) = offer.parameters().next().unwrap();
            (offer.name().to_owned(), parameter.to_owned(), value.map(str::to_owned))
        });
        prop_assert_eq!(offered, extension);
        let again = Request::parse_again(&bytes[..len]).unwrap();
        prop_assert_eq!(format!("{:?}", again.upgrade_again()), format!("{:?}", Some(upgrade)));
    }

    #[test]
    fn a_client_reads_what_a_server_writes(
        nonce: [u8; 16],
        names in btree_set(TOKEN, 1..5),
        chosen in option::of(any::<prop::sample::Index>()),
        extension in option::of(TOKEN),
        headers in headers(),
        rest in vec(any::<u8>(), 0..10),
    ) {
        let key = WebSocketKey::from_nonce(nonce);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let sub_protocol = chosen.map(|chosen| *chosen.get(&names));
        let headers = borrowed(&headers);
        let sent = Acceptance { key: &key, sub_protocol, extensions: extension.as_deref(), headers: &headers };
        let mut bytes = vec![0xa5; 2000];
        let len = sent.encode(&mut bytes).unwrap();
        prop_assert_eq!(sent.encoded_len(), Ok(len));
        bytes.truncate(len);
        bytes.extend(&rest);

        let (response, head_len) = Response::parse(&bytes).unwrap().unwrap();
        prop_assert_eq!(head_len, len);
        let extensions: Vec<&str> = extension.as_deref().into_iter().collect();
        let agreement = response.verify(&key, &Offer { sub_protocols: &names, extensions: &extensions }).unwrap();
        prop_assert_eq!(agreement.sub_protocol, sub_protocol);
        prop_assert!(agreement.extensions().map(|extension| extension.name()).eq(extensions));

        let other = WebSocketKey::from_nonce(nonce.map(|byte| !byte));
        prop_assert_eq!(response.verify_upgrade(&other, &[]).unwrap_err(), ResponseError::Accept);
    }

    #[test]
    fn a_client_reads_any_reply(
        status in 200_u16..600,
        headers in headers(),
        body in vec(any::<u8>(), 0..50),
    ) {
        let headers = borrowed(&headers);
        let reply = Reply { status, headers: &headers, body: &body };
        let mut bytes = vec![0xa5; 2000];
        let len = reply.encode(&mut bytes).unwrap();
        bytes.truncate(len);
        let (response, head_len) = Response::parse(&bytes).unwrap().unwrap();
        prop_assert_eq!(response.status(), status);
        prop_assert_eq!(reply.encode_head(&mut [0; 2000]).unwrap(), head_len);
        let body = if matches!(status, 204 | 304) { b"" } else { body.as_slice() };
        prop_assert_eq!(&bytes[head_len..], body);
        let key = WebSocketKey::from_nonce([0; 16]);
        prop_assert_eq!(response.verify_upgrade(&key, &[]).unwrap_err(), ResponseError::Refused { status });
    }

    /// Damaged heads reach more code than noise does.
    #[test]
    fn no_bytes_panic(
        head in prop::sample::select(&[
            "GET http://a/?b HTTP/1.1\r\nHost: a:1\r\nUpgrade: websocket\r\nConnection: a, Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a,b\r\n\
             Sec-WebSocket-Extensions: a; b=\"c\", d\r\n\r\n",
            "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: a\r\nSec-WebSocket-Extensions: x; b=\"c\"\r\n\r\n",
            "",
        ][..]),
        damage in vec((any::<prop::sample::Index>(), option::of(damaged_byte())), 0..4),
        noise in vec(any::<u8>(), 0..40),
    ) {
        let mut bytes = [head.as_bytes(), &noise].concat();
        for (index, byte) in damage {
            if bytes.is_empty() {
                break;
            }
            let at = index.index(bytes.len());
            match byte {
                Some(byte) => bytes[at] = byte,
                None => drop(bytes.remove(at)),
            }
        }
        if let Ok(Some((request, len))) = Request::parse(&bytes) {
            prop_assert!(len <= bytes.len());
            let _ = (request.path(), request.query(), request.host(), request.headers().count());
            if let Ok(Some(upgrade)) = request.upgrade() {
                prop_assert!(upgrade.sub_protocols().count() <= 32);
                let _ = upgrade.extensions().flat_map(|extension| extension.parameters()).count();
            }
        }
        if let Ok(Some((response, len))) = Response::parse(&bytes) {
            prop_assert!(len <= bytes.len());
            let offer = Offer { sub_protocols: &["a"], extensions: &["x"] };
            if let Ok(agreement) = response.verify("dGhlIHNhbXBsZSBub25jZQ==", &offer) {
                let _ = agreement.extensions().flat_map(|extension| extension.parameters()).count();
            }
        }
    }
}
