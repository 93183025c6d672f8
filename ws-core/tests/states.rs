//! The states of a connection as a table: in each state, what each call does and to which state it leads.

mod support;

use support::{Client, Keys, from_client, from_server, write, write_close};
use ws_core::{
    Error, Misuse, Role, Violation, WebSocket, WebSocketClient, WebSocketCloseStatusCode as Status,
    WebSocketSendMessageType as Send, WebSocketServer, WebSocketState as State, frame::HeaderError,
};

const VIOLATION: Violation = Violation::Header(HeaderError::ReservedBits);
/// A byte that breaks a rule.
const BAD: u8 = 0xf1;
/// An opening handshake's key and its answer: the sample of RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// What a call led to: the next state, or an error.
type Outcome = Result<State, Error>;

#[derive(Clone, Copy, Debug)]
enum Call {
    /// The call of the opening handshake that completes it.
    Open,
    ReadMessage,
    ReadPing,
    ReadClose,
    ReadViolation,
    /// A message in one frame.
    Write,
    /// The end of a message of which a fragment was sent while the connection was open.
    WriteContinuation,
    WritePing,
    WritePong,
    WriteCloseReply,
    Close,
}

const CALLS: [Call; 11] = [
    Call::Open,
    Call::ReadMessage,
    Call::ReadPing,
    Call::ReadClose,
    Call::ReadViolation,
    Call::Write,
    Call::WriteContinuation,
    Call::WritePing,
    Call::WritePong,
    Call::WriteCloseReply,
    Call::Close,
];

const STATES: [State; 6] =
    [State::Connecting, State::Open, State::CloseSent, State::CloseReceived, State::Closed, State::Failed(VIOLATION)];

/// The table: what the call leads to in the state.
fn expected(state: State, call: Call) -> Outcome {
    use Call as C;
    use State as S;
    let misuse = |misuse: Misuse| Err(Error::from(misuse));
    match (state, call) {
        (S::Connecting, C::Open) => Ok(S::Open),
        (S::Connecting, _) => misuse(Misuse::NotOpen),
        (_, C::Open) => misuse(Misuse::AlreadyOpen),

        (S::Open | S::CloseSent, C::ReadMessage | C::ReadPing) => Ok(state),
        (S::Open, C::ReadClose) => Ok(S::CloseReceived),
        (S::CloseSent, C::ReadClose) => Ok(S::Closed),
        (S::Open | S::CloseSent, C::ReadViolation) => Err(VIOLATION.into()),
        (S::CloseReceived | S::Closed, C::ReadMessage | C::ReadPing | C::ReadClose | C::ReadViolation) => {
            Err(Error::Closed)
        }
        (S::Failed(_), C::ReadMessage | C::ReadPing | C::ReadClose | C::ReadViolation) => Err(VIOLATION.into()),

        (S::Open, C::Write | C::WriteContinuation | C::WritePing | C::WritePong) => Ok(S::Open),
        (S::Open, C::WriteCloseReply) => misuse(Misuse::NoCloseToAnswer),
        (S::Open, C::Close) => Ok(S::CloseSent),
        (S::CloseSent, C::WritePong) => Ok(S::CloseSent),
        (S::CloseReceived, C::WriteContinuation) => Ok(S::CloseReceived),
        (S::CloseReceived, C::WriteCloseReply | C::Close) => Ok(S::Closed),
        (S::Failed(_), C::Close) => Ok(S::Closed),
        (S::Failed(_), _) => misuse(Misuse::Failed),
        (S::CloseSent | S::CloseReceived | S::Closed, _) => misuse(Misuse::Closing),
    }
}

/// The state in which an error leaves a connection: only a violation changes it.
fn state_after_error(state: State, call: Call) -> State {
    match (state, call) {
        (State::Open, Call::ReadViolation) => State::Failed(VIOLATION),
        (State::CloseSent, Call::ReadViolation) => State::Closed,
        _ => state,
    }
}

/// Brings an open endpoint to `state`; `from_peer` makes the peer's frames.
fn lead<R: Role>(endpoint: &mut WebSocket<R>, state: State, from_peer: fn(u8, &[u8]) -> Vec<u8>) {
    let bytes = match state {
        State::Connecting | State::Open => return,
        State::CloseSent => vec![],
        State::CloseReceived | State::Closed => from_peer(support::CLOSE, &[0x03, 0xe8]),
        State::Failed(_) => vec![BAD],
    };
    if matches!(state, State::CloseSent | State::Closed) {
        write_close(endpoint, 1000, "");
    }
    support::read_whole(endpoint, &bytes);
}

fn run<R: Role>(endpoint: &mut WebSocket<R>, call: Call, from_peer: fn(u8, &[u8]) -> Vec<u8>) -> Result<(), Error> {
    let mut to = [0; 64];
    let read = |endpoint: &mut WebSocket<R>, bytes: &[u8]| endpoint.read(bytes, &mut [0; 8]).map(drop);
    match call {
        Call::Open => unreachable!("the roles differ"),
        Call::ReadMessage => read(endpoint, &from_peer(support::TEXT, b"text")),
        Call::ReadPing => read(endpoint, &from_peer(support::PING, b"ping")),
        Call::ReadClose => read(endpoint, &from_peer(support::CLOSE, &[0x03, 0xe8])),
        Call::ReadViolation => read(endpoint, &[BAD]),
        Call::Write => endpoint.write(Send::Binary, true, b"binary", &mut to).map(drop),
        Call::WriteContinuation => endpoint.write(Send::Text, true, b"text", &mut to).map(drop),
        Call::WritePing => endpoint.write(Send::Ping, true, b"ping", &mut to).map(drop),
        Call::WritePong => endpoint.write(Send::Pong, true, b"pong", &mut to).map(drop),
        Call::WriteCloseReply => endpoint.write(Send::CloseReply, true, &[0x03, 0xe8], &mut to).map(drop),
        Call::Close => endpoint.close(Status::NormalClosure, None, &mut to).map(drop),
    }
}

/// Checks a row of the table against a fresh endpoint.
fn check<R: Role>(
    mut endpoint: WebSocket<R>,
    state: State,
    call: Call,
    open: fn(&mut WebSocket<R>) -> Result<(), Error>,
    from_peer: fn(u8, &[u8]) -> Vec<u8>,
) {
    if let Call::WriteContinuation = call
        && state != State::Connecting
    {
        write(&mut endpoint, Send::Text, false, b"a");
    }
    lead(&mut endpoint, state, from_peer);
    assert_eq!(endpoint.state(), state);
    let result = match call {
        Call::Open => open(&mut endpoint),
        call => run(&mut endpoint, call, from_peer),
    };
    match expected(state, call) {
        Ok(next) => {
            assert_eq!(result, Ok(()), "{call:?} in {state:?}");
            assert_eq!(endpoint.state(), next, "{call:?} in {state:?}");
        }
        Err(error) => {
            assert_eq!(result, Err(error), "{call:?} in {state:?}");
            assert_eq!(endpoint.state(), state_after_error(state, call), "{call:?} in {state:?}");
        }
    }
}

fn rows() -> impl Iterator<Item = (State, Call)> {
    STATES.into_iter().flat_map(|state| CALLS.map(|call| (state, call)))
}

#[test]
fn every_call_in_every_state_of_a_client() {
    for (state, call) in rows() {
        let client = match state {
            State::Connecting => WebSocketClient::new(Keys::default()),
            _ => support::client(),
        };
        let open = |client: &mut Client| client.client_complete_opening_handshake(KEY, RESPONSE).map(drop);
        check(client, state, call, open, from_server);
    }
}

#[test]
fn every_call_in_every_state_of_a_server() {
    for (state, call) in rows() {
        let server = match state {
            State::Connecting => WebSocketServer::new(),
            _ => support::server(),
        };
        let open = |server: &mut WebSocketServer| {
            server.server_respond_to_opening_handshake(KEY, None, &mut [0; 200]).map(drop)
        };
        check(server, state, call, open, from_client);
    }
}

/// The client's other call of the opening handshake may be repeated until it is over.
#[test]
fn opening_handshake_is_initiated_only_while_connecting() {
    for state in STATES {
        let mut client = match state {
            State::Connecting => WebSocketClient::new(Keys::default()),
            _ => support::client(),
        };
        lead(&mut client, state, from_server);
        for _ in 0..2 {
            let result = client.client_initiate_opening_handshake("/", "host", "", None, None, &mut [0; 200]);
            match state {
                State::Connecting => assert!(result.is_ok()),
                _ => assert_eq!(result.unwrap_err(), Misuse::AlreadyOpen.into()),
            }
            assert_eq!(client.state(), state);
        }
    }
}

/// Close counts as sent from its first byte on, so that no other frame comes into it.
#[test]
fn close_reply_in_parts_changes_the_state_with_its_first_part() {
    let mut server = support::server();
    lead(&mut server, State::CloseReceived, from_client);
    let part = server.write_partial(Send::CloseReply, true, &[0x03, 0xe8], &mut [0; 1]).unwrap();
    assert!(!part.end_of_frame);
    assert_eq!(server.state(), State::Closed);
    let rest = support::write_in_parts(&mut server, Send::CloseReply, true, &[0x03, 0xe8], 1);
    assert_eq!(rest, [2, 0x03, 0xe8]);
    assert_eq!(server.state(), State::Closed);
}
