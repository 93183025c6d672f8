//! Did a job write what it must? Read without any of our code, so that a job that is fast because it is wrong does not pass.

use anyhow::{Result, bail, ensure};

/// The masking key of the jobs' clients, which is also a quarter of their nonce.
const KEY: [u8; 4] = *b"abcd";
const TEXT_LEN: usize = 125;

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: YWJjZGFiY2RhYmNkYWJjZA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Requires that `output` is what the job of this script writes.
pub(super) fn output(script: &str, output: &[u8]) -> Result<()> {
    let (head, is_client) = match script {
        "client" => (REQUEST, true),
        "client-frames" => ("", true),
        "server" | "server-browser" => (RESPONSE, false),
        "server-frames" => ("", false),
        "bulk-binary" | "bulk-text" => {
            ensure!(output.is_empty(), "{script}: {} bytes were written", output.len());
            return Ok(());
        }
        _ => bail!("no job has a script called {script}"),
    };
    let Some(mut frames) = output.strip_prefix(head.as_bytes()) else {
        bail!("{script}: the head is {:?}", String::from_utf8_lossy(output));
    };
    let text: Vec<u8> = (b'a'..=b'z').cycle().take(TEXT_LEN).collect();
    for expected in [(TEXT, &text[..]), (CLOSE, b"\x03\xe8")] {
        let (first, payload) = frame(&mut frames, is_client)?;
        ensure!((first, &payload[..]) == expected, "{script}: a frame is {first:#04x} {payload:02x?}");
    }
    ensure!(frames.is_empty(), "{script}: behind the last frame is {frames:02x?}");
    Ok(())
}

/// Takes a short frame from the front of `bytes`: its first byte, and its payload, unmasked.
fn frame(bytes: &mut &[u8], masked: bool) -> Result<(u8, Vec<u8>)> {
    let [first, len, rest @ ..] = *bytes else { bail!("a frame is missing") };
    ensure!((len & 0x80 != 0) == masked, "a frame is masked that must not be, or the other way round");
    let (key, rest) = if masked {
        rest.split_first_chunk().map_or(([1; 4], rest), |(key, rest)| (*key, rest))
    } else {
        ([0; 4], rest)
    };
    ensure!(!masked || key == KEY, "the masking key is {key:02x?}");
    let Some((payload, rest)) = rest.split_at_checked(usize::from(len & 0x7f)) else { bail!("half a frame") };
    *bytes = rest;
    Ok((*first, payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(payload: &[u8]) -> Vec<u8> {
        KEY.into_iter().chain(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key)).collect()
    }

    #[test]
    fn every_wrong_bit_is_noticed() {
        let text: Vec<u8> = (b'a'..=b'z').cycle().take(TEXT_LEN).collect();
        let of_client = [&[TEXT, 0x80 | 125][..], &masked(&text), &[CLOSE, 0x82], &masked(b"\x03\xe8")].concat();
        let of_server = [&[TEXT, 125][..], &text, &[CLOSE, 2, 3, 0xe8]].concat();
        for (script, head, frames) in [
            ("client", REQUEST, &of_client),
            ("client-frames", "", &of_client),
            ("server", RESPONSE, &of_server),
            ("server-browser", RESPONSE, &of_server),
            ("server-frames", "", &of_server),
        ] {
            let good = [head.as_bytes(), frames].concat();
            output(script, &good).unwrap();
            for bit in 0..8 * good.len() {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(output(script, &bad).is_err(), "{script}: bit {bit}");
            }
            for len in 0..good.len() {
                assert!(output(script, &good[..len]).is_err(), "{script}: {len} bytes");
            }
            assert!(output(script, &[&good[..], b"x"].concat()).is_err());
        }
        assert!(
            output("bulk-text", b"").is_ok() && output("bulk-text", b"x").is_err() && output("other", b"").is_err()
        );
    }
}
