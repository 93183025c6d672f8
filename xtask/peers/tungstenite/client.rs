//! The client of our server: runs one case against `/chat` and the other paths of the example server and prints `ok CASE`.
//!
//! The cases are listed in `xtask/src/interop/cases.rs`.

use std::{fmt::Debug, io, net::TcpStream, time::Duration};

use tungstenite::{
    ClientRequestBuilder, Error, Message, WebSocket,
    client::{IntoClientRequest as _, client_with_config},
    error::{ProtocolError, SubProtocolError},
    http::{Uri, header::SEC_WEBSOCKET_PROTOCOL},
    protocol::CloseFrame,
};

use crate::{Failure, fragment, unlimited};

pub(crate) fn run(url: &str, case: &str) -> Result<(), Failure> {
    match (case, case.split_once('-')) {
        ("fragments", _) => fragments(url, false),
        ("fragments-with-ping", _) => fragments(url, true),
        ("ping", _) => ping(url),
        ("close-by-client", _) => close(connect(url, "/chat", &[])?.0, 4000, "done"),
        ("close-by-server", _) => close_by_server(url),
        ("sub-protocol", _) => sub_protocol(url),
        ("no-common-sub-protocol", _) => no_common_sub_protocol(url),
        ("refused", _) => refused(url),
        (_, Some(("text", size))) => echo(url, &Message::Text(text_of(size.parse()?).into())),
        (_, Some(("binary", size))) => echo(url, &Message::Binary(binary_of(size.parse()?).into())),
        _ => Err("there is no such case".into()),
    }?;
    println!("ok {case}");
    Ok(())
}

fn echo(url: &str, message: &Message) -> Result<(), Failure> {
    let (mut socket, _) = connect(url, "/chat", &[])?;
    send_and_read_by_turns(&mut socket, message.clone())?;
    let echoed = read_by_turns(&mut socket)?;
    // Not with `require`, which shows both.
    if echoed != *message {
        return Err(format!("sent {} bytes, the echo ({} bytes) differs", message.len(), echoed.len()).into());
    }
    close(socket, 1000, "")
}

fn fragments(url: &str, with_ping: bool) -> Result<(), Failure> {
    let (mut socket, _) = connect(url, "/chat", &[])?;
    socket.send(fragment("first ", true, false))?;
    socket.send(fragment("", false, false))?;
    if with_ping {
        socket.send(Message::Ping("between".into()))?;
        require("answer to the ping", &Message::Pong("between".into()), &socket.read()?)?;
    }
    socket.send(fragment("sécond ", false, false))?;
    socket.send(fragment("third", false, true))?;
    require("echo", &Message::Text("first sécond third".into()), &socket.read()?)?;
    close(socket, 1000, "")
}

fn ping(url: &str) -> Result<(), Failure> {
    let (mut socket, _) = connect(url, "/chat", &[])?;
    for payload in [vec![], b"abc".to_vec(), vec![b'p'; 125]] {
        socket.send(Message::Ping(payload.clone().into()))?;
        require("answer to the ping", &Message::Pong(payload.into()), &socket.read()?)?;
    }
    close(socket, 1000, "")
}

fn close_by_server(url: &str) -> Result<(), Failure> {
    let (mut socket, _) = connect(url, "/close?code=4001&reason=bye%20now", &[])?;
    require("close frame", &Message::Close(Some(close_frame(4001, "bye now"))), &socket.read()?)?;
    require_end(&mut socket)
}

fn sub_protocol(url: &str) -> Result<(), Failure> {
    let (socket, chosen) = connect(url, "/chat", &["unknown", "echo.v1", "chat"])?;
    require("sub-protocol", &Some("echo.v1".to_string()), &chosen)?;
    close(socket, 1000, "")
}

/// This library fails a connection whose server chose none of the sub-protocols that were offered.
fn no_common_sub_protocol(url: &str) -> Result<(), Failure> {
    const NONE_CHOSEN: Error =
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::NoSubProtocol));
    match connect(url, "/chat", &["unknown"]) {
        Ok(_) => Err("the library accepted it".into()),
        Err(failure) => require("what the library says", &NONE_CHOSEN.to_string(), &failure.to_string()),
    }
}

fn refused(url: &str) -> Result<(), Failure> {
    match connect(url, "/nowhere", &[]) {
        Ok(_) => Err("the server accepted a connection to /nowhere".into()),
        Err(failure) => {
            require("what the library says", &"HTTP error: 404 Not Found".to_string(), &failure.to_string())
        }
    }
}

/// Connects; returns the sub-protocol that the server chose as well.
fn connect(url: &str, target: &str, sub_protocols: &[&str]) -> Result<(WebSocket<TcpStream>, Option<String>), Failure> {
    let uri: Uri = format!("{url}{target}").parse()?;
    let stream = TcpStream::connect(uri.authority().ok_or("a URL without a host")?.as_str())?;
    stream.set_nodelay(true)?;
    let request = sub_protocols
        .iter()
        .fold(ClientRequestBuilder::new(uri), |request, name| request.with_sub_protocol(*name))
        .into_client_request()?;
    let (socket, response) =
        client_with_config(request, stream, Some(unlimited())).map_err(|error| error.to_string())?;
    let chosen =
        response.headers().get(SEC_WEBSOCKET_PROTOCOL).map(|name| name.to_str().map(str::to_string)).transpose()?;
    Ok((socket, chosen))
}

/// Closes and requires the server's answer with the same code, and the end of the connection.
fn close(mut socket: WebSocket<TcpStream>, code: u16, reason: &str) -> Result<(), Failure> {
    socket.close(Some(close_frame(code, reason)))?;
    match socket.read()? {
        Message::Close(Some(frame)) => require("close code of the answer", &code, &frame.code.into())?,
        other => return Err(format!("expected a close frame with a code, got {other:?}").into()),
    }
    require_end(&mut socket)
}

fn require_end(socket: &mut WebSocket<TcpStream>) -> Result<(), Failure> {
    match socket.read() {
        Err(Error::ConnectionClosed) => Ok(()),
        other => Err(format!("expected the end of the connection, got {other:?}").into()),
    }
}

/// Our server echoes while it receives, so that a client that only writes would come to a halt together with it once the
/// sockets' buffers are full: reads and writes give way to each other after a moment.
fn send_and_read_by_turns(socket: &mut WebSocket<TcpStream>, message: Message) -> Result<(), Failure> {
    let turn = Some(Duration::from_millis(5));
    socket.get_ref().set_read_timeout(turn)?;
    socket.get_ref().set_write_timeout(turn)?;
    if let Err(error) = socket.send(message) {
        require_turn_over(error)?;
    }
    Ok(())
}

fn read_by_turns(socket: &mut WebSocket<TcpStream>) -> Result<Message, Failure> {
    let message = loop {
        match socket.read() {
            Ok(message) => break message,
            Err(error) => require_turn_over(error)?,
        }
        if let Err(error) = socket.flush() {
            require_turn_over(error)?;
        }
    };
    socket.get_ref().set_read_timeout(None)?;
    socket.get_ref().set_write_timeout(None)?;
    Ok(message)
}

fn require_turn_over(error: Error) -> Result<(), Failure> {
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        error => Err(error.into()),
    }
}

fn require<T: PartialEq + Debug>(what: &str, expected: &T, got: &T) -> Result<(), Failure> {
    if expected == got { Ok(()) } else { Err(format!("{what}: expected {expected:?}, got {got:?}").into()) }
}

fn close_frame(code: u16, reason: &str) -> CloseFrame {
    CloseFrame { code: code.into(), reason: reason.to_string().into() }
}

/// Text of `size` bytes in which characters take 1, 2, 3 and 4 bytes.
fn text_of(size: usize) -> String {
    "aé€😀".repeat(size / 10) + &"x".repeat(size % 10)
}

/// Bytes that no two neighbours share: byte i is (i * 31 + 7) mod 256.
fn binary_of(size: usize) -> Vec<u8> {
    (0..=255u8).map(|i| i.wrapping_mul(31).wrapping_add(7)).cycle().take(size).collect()
}
