//! The server for our client.
//!
//! Prints `listening on PORT` first, then `closed CODE REASON` for every connection that ended, with what the
//! client's close frame said. Paths: `/echo`, `/close?code=..&reason=..`, `/ping`, `/fragments`, `/refuse`.

use std::{
    net::{TcpListener, TcpStream},
    thread,
};

use tungstenite::{
    Message, WebSocket, accept_hdr_with_config,
    handshake::server::{Callback, ErrorResponse, Request, Response},
    http::{HeaderValue, StatusCode, Uri, header::SEC_WEBSOCKET_PROTOCOL},
    protocol::CloseFrame,
};

use crate::{Failure, fragment, unlimited};

pub(crate) fn run() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            if let Err(failure) = serve(stream) {
                eprintln!("{failure}");
            }
        });
    }
    Ok(())
}

fn serve(stream: TcpStream) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let mut target = Uri::default();
    let handshake = Handshake { target: &mut target };
    let mut socket = accept_hdr_with_config(stream, handshake, Some(unlimited())).map_err(|error| error.to_string())?;
    match target.path() {
        "/close" => socket.close(Some(close_frame(target.query().unwrap_or_default())?))?,
        "/ping" => socket.send(Message::Ping("are you there".into()))?,
        "/fragments" => {
            socket.send(fragment("first ", true, false))?;
            socket.send(Message::Ping("between".into()))?;
            socket.send(fragment("second ", false, false))?;
            socket.send(fragment("third", false, true))?;
        }
        _ => {}
    }
    match echo(&mut socket)? {
        Some(frame) => println!("closed {} {}", u16::from(frame.code), frame.reason),
        None => println!("closed without a close frame"),
    }
    Ok(())
}

/// Remembers the request's target; refuses at `/refuse`, else chooses the sub-protocol `echo.v1` if it was offered.
struct Handshake<'a> {
    target: &'a mut Uri,
}

impl Callback for Handshake<'_> {
    fn on_request(self, request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
        *self.target = request.uri().clone();
        if request.uri().path() == "/refuse" {
            let mut refusal = ErrorResponse::new(Some("not for you\n".to_string()));
            *refusal.status_mut() = StatusCode::FORBIDDEN;
            return Err(refusal);
        }
        let offers = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
        let mut offered = offers.iter().filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
        if offered.any(|name| name.trim() == "echo.v1") {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("echo.v1"));
        }
        Ok(response)
    }
}

/// Echoes until the connection ends; returns what the client's close frame said.
fn echo(socket: &mut WebSocket<TcpStream>) -> Result<Option<CloseFrame>, Failure> {
    let mut closed = None;
    loop {
        match socket.read() {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => socket.send(message)?,
            Ok(Message::Pong(payload)) if payload == "are you there" => socket.send("pong received".into())?,
            Ok(Message::Close(frame)) => closed = frame,
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(tungstenite::Error::ConnectionClosed) => return Ok(closed),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The close frame that `code=4001&reason=bye%20now` asks for.
fn close_frame(query: &str) -> Result<CloseFrame, Failure> {
    let value =
        |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let code: u16 = value("code").parse()?;
    Ok(CloseFrame { code: code.into(), reason: value("reason").replace("%20", " ").into() })
}
