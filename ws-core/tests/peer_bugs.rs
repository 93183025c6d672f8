//! Bugs that other WebSocket libraries have or had, one test each, where they concern the state machine. What concerns a
//! single header or head is tested in the crates below.

mod support;

use support::{
    BINARY, CLOSE, CONTINUATION, FIRST_BINARY, FIRST_TEXT, Inbox, Keys, LAST_CONTINUATION, PING, PONG, TEXT, binary,
    client, close, counting, from_client, from_server, message, read_whole, server, text, write, write_close,
};
use ws_core::{
    Error, MessageKind, Misuse, Violation, WebSocketClient, WebSocketCloseStatusCode as Status,
    WebSocketReceiveMessageType as Receive, WebSocketSendMessageType as Send, WebSocketServer, WebSocketState,
    frame::{ClosePayloadError, HeaderError},
    handshake::{RequestError, ResponseError},
    read_http_header,
};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

fn request_with(headers: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: {KEY}\r\n{headers}\r\n"
    )
}

fn response_with(headers: &str) -> String {
    format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{headers}\r\n")
}

fn complete(response: &str) -> Result<Option<String>, Error> {
    let mut client = WebSocketClient::new(Keys::default());
    let (_, _) = client.client_initiate_opening_handshake("/", "h", "", Some(&["chat"]), None, &mut [0; 300])?;
    let result = client.client_complete_opening_handshake(KEY, response.as_bytes())?;
    Ok(result.sub_protocol.map(str::to_string))
}

// Receiving: where the bytes are cut.

/// A header that came in two reads lost a byte, or was never completed.
#[test]
fn header_in_two_reads_loses_no_byte() {
    let bytes = [from_client(TEXT, b"first"), from_client(BINARY, &[7; 300]), from_client(TEXT, b"last")].concat();
    for cut in 0..bytes.len() {
        let (mut server, mut inbox) = (server(), Inbox::default());
        inbox.read_whole(&mut server, &bytes[..cut]);
        inbox.read_whole(&mut server, &bytes[cut..]);
        assert_eq!(inbox.messages, [text("first"), binary(&[7; 300]), text("last")], "cut at {cut}");
    }
}

/// A fragment that did not fit into one read was never over: an endless loop.
#[test]
fn fragment_larger_than_a_read_ends() {
    let bytes = [from_client(FIRST_TEXT, &[b'a'; 30]), from_client(LAST_CONTINUATION, &[b'b'; 30])].concat();
    let mut inbox = Inbox::default();
    inbox.read(&mut server(), &bytes, 7, 5);
    assert_eq!(inbox.messages, [text(&("a".repeat(30) + &"b".repeat(30)))]);
}

/// The last continuation frame, cut in two, was taken for one without a beginning.
#[test]
fn last_continuation_in_two_reads() {
    let (mut server, mut inbox) = (server(), Inbox::default());
    let last = from_client(LAST_CONTINUATION, b"last");
    inbox.read_whole(&mut server, &from_client(FIRST_BINARY, b"first"));
    inbox.read_whole(&mut server, &last[..8]);
    inbox.read_whole(&mut server, &last[8..]);
    assert_eq!((inbox.error, inbox.messages), (None, vec![binary(b"firstlast")]));
}

/// A Ping that came in two reads was answered by two wrong Pongs.
#[test]
fn ping_in_two_reads_is_one_ping() {
    let (mut server, mut inbox) = (server(), Inbox::default());
    let ping = from_client(PING, b"0123456789");
    inbox.read_whole(&mut server, &ping[..12]);
    assert_eq!(inbox.messages, []);
    inbox.read_whole(&mut server, &ping[12..]);
    assert_eq!(inbox.messages, [message(Receive::Ping, b"0123456789")]);
}

/// A close reason that is UTF-8 was refused when it came in pieces, and one that is not was accepted and echoed, because the
/// two bytes of the code were skipped in every piece.
#[test]
fn close_reason_in_pieces() {
    let good = from_server(CLOSE, b"\x03\xe8\xc3\xa4\xc3\xb6");
    let bad = from_server(CLOSE, b"\x03\xe8ab\xff\xffcd");
    for from_len in 1..=good.len() {
        let mut inbox = Inbox::default();
        inbox.read(&mut client(), &good, from_len, 3);
        assert_eq!(inbox.messages, [close(Receive::CloseMustReply, 1000, "äö")], "from {from_len}");
        let mut inbox = Inbox::default();
        inbox.read(&mut client(), &bad, from_len, 3);
        let violation = Violation::ClosePayload(ClosePayloadError::ReasonNotUtf8);
        assert_eq!(inbox.error, Some(Error::Violation(violation)), "from {from_len}");
    }
}

/// The position in the masking key, kept in a byte, overflowed for pieces of 253-255 bytes.
#[test]
fn pieces_of_253_to_258_bytes_are_unmasked() {
    let payload = counting(2000);
    let bytes = from_client(BINARY, &payload);
    for len in 250..=258 {
        let mut inbox = Inbox::default();
        inbox.read(&mut server(), &bytes, len, 1000);
        assert_eq!(inbox.messages, [binary(&payload)], "{len}");
        let mut inbox = Inbox::default();
        inbox.read(&mut server(), &bytes, 1000, len);
        assert_eq!(inbox.messages, [binary(&payload)], "{len}");
    }
}

/// A frame had to fit into the buffer as a whole, or else the stream was lost.
#[test]
fn frame_larger_than_any_buffer_passes_through() {
    let payload = counting(70_000);
    let bytes = [from_client(BINARY, &payload), from_client(TEXT, b"next")].concat();
    let mut inbox = Inbox::default();
    inbox.read(&mut server(), &bytes, 64, 32);
    assert!(inbox.messages == [binary(&payload), text("next")]);
}

// Receiving: what a header announces.

/// A length of 64 bits was cut down to 32 on small machines, so that payload was taken for frames; an attacker needs no
/// more than the header for that, or for a sum that overflows and panics.
#[test]
fn length_beyond_32_bits_is_not_cut() {
    for len in [0x1_0000_0005_u64, 0xffff_ffff, 1 << 40, u64::MAX >> 1] {
        let header = [&[BINARY, 127], &len.to_be_bytes()[..]].concat();
        let mut client = client();
        let mut to = [0; 16];
        let result = client.read(&header, &mut to).unwrap();
        assert_eq!((result.num_bytes_from, result.end_of_message), (10, false));
        // What would be a Ping, were the length 5 or 0, is payload.
        for piece in [&b"hello"[..], b"\x89\x00", b"\xff\xff"] {
            let result = client.read(piece, &mut to).unwrap();
            assert_eq!((result.message_type, result.num_bytes_to), (Receive::Binary, piece.len()));
            assert_eq!(&to[..piece.len()], piece);
            assert!(!result.end_of_message);
        }
    }
}

/// Eleven bytes that announce a large message made the receiver allocate 2 GiB: here nothing is kept of it.
#[test]
fn announcement_costs_nothing() {
    assert!(size_of::<WebSocketServer>() <= 128);
    let header = [&[BINARY, 127], &(1_u64 << 31).to_be_bytes()[..]].concat();
    assert!(client().read(&header, &mut []).is_ok());
}

/// Ten bytes with the largest possible length made the sum of header and payload wrap: a panic from remote.
#[test]
fn largest_length_does_not_panic() {
    let header = [&[BINARY, 127], &u64::MAX.to_be_bytes()[..]].concat();
    let error = Error::Violation(Violation::Header(HeaderError::LengthTooLarge));
    assert_eq!(client().read(&header, &mut [0; 8]), Err(error));
    let header = [&[BINARY, 0xff], &u64::MAX.to_be_bytes()[..], &[0; 4]].concat();
    assert_eq!(server().read(&header, &mut [0; 8]), Err(error));
}

/// Lengths in more bytes than needed, reserved bits, missing or needless masks and fragmented or long control frames were
/// accepted.
#[test]
fn headers_that_break_a_rule_are_refused() {
    for (bytes, violation) in [
        (vec![0xc1, 0x80, 0, 0, 0, 0], Violation::Header(HeaderError::ReservedBits)),
        (vec![0xa1, 0x80, 0, 0, 0, 0], Violation::Header(HeaderError::ReservedBits)),
        (vec![0x91, 0x80, 0, 0, 0, 0], Violation::Header(HeaderError::ReservedBits)),
        (vec![0x81, 0x01, b'u'], Violation::NotMasked),
        (vec![0x09, 0x80, 0, 0, 0, 0], Violation::Header(HeaderError::FragmentedControlFrame)),
        (from_client(PING, &[0; 126]), Violation::Header(HeaderError::ControlFrameTooLong)),
        (from_client(PONG, &[0; 126]), Violation::Header(HeaderError::ControlFrameTooLong)),
        (from_client(CLOSE, &[0; 126]), Violation::Header(HeaderError::ControlFrameTooLong)),
        (vec![0x81, 0xfe, 0, 5, 0, 0, 0, 0], Violation::Header(HeaderError::LengthNotMinimal)),
        (vec![0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0], Violation::Header(HeaderError::LengthNotMinimal)),
    ] {
        assert_eq!(read_whole(&mut server(), &bytes).error, Some(Error::Violation(violation)), "{bytes:02x?}");
    }
    let masked = read_whole(&mut client(), &from_client(TEXT, b"m"));
    assert_eq!(masked.error, Some(Error::Violation(Violation::Masked)));
}

// Receiving: the order of frames.

/// A new message inside of an unfinished one was joined to it, or replaced it without a word.
#[test]
fn message_inside_of_an_unfinished_one_is_refused() {
    for second in [TEXT, BINARY, FIRST_TEXT, FIRST_BINARY] {
        let bytes = [from_client(FIRST_TEXT, b"a"), from_client(second, b"b")].concat();
        let inbox = read_whole(&mut server(), &bytes);
        let violation = Violation::MessageInterrupted(MessageKind::Text);
        assert_eq!((inbox.error, inbox.messages), (Some(Error::Violation(violation)), vec![]), "{second:#x}");
    }
}

/// A Ping between two fragments closed the connection.
#[test]
fn ping_between_fragments_is_fine() {
    let bytes = [
        from_client(FIRST_TEXT, b"a"),
        from_client(PING, b"p"),
        from_client(CONTINUATION, b"b"),
        from_client(PONG, b""),
        from_client(LAST_CONTINUATION, b"c"),
    ]
    .concat();
    let expected = [message(Receive::Ping, b"p"), message(Receive::Pong, b""), text("abc")];
    assert_eq!(read_whole(&mut server(), &bytes).messages, expected);
}

/// A Ping in two "fragments" was put together.
#[test]
fn fragmented_ping_is_not_put_together() {
    let bytes = [from_client(0x09, b"a"), from_client(LAST_CONTINUATION, b"b")].concat();
    let inbox = read_whole(&mut server(), &bytes);
    let violation = Violation::Header(HeaderError::FragmentedControlFrame);
    assert_eq!((inbox.error, inbox.messages), (Some(Error::Violation(violation)), vec![]));
}

/// After text that is not UTF-8 the receiver went on with the next message.
#[test]
fn nothing_is_received_after_bad_utf8() {
    let bytes = [from_client(TEXT, b"\xff"), from_client(TEXT, b"next")].concat();
    let mut server = server();
    let inbox = read_whole(&mut server, &bytes);
    assert_eq!((inbox.error, inbox.messages), (Some(Error::Violation(Violation::TextNotUtf8)), vec![]));
    assert_eq!(server.state(), WebSocketState::Failed(Violation::TextNotUtf8));
}

/// Bad UTF-8 was found only when the whole frame or message was there, which may be never.
#[test]
fn bad_utf8_is_found_at_its_first_byte() {
    let mut endless = from_client(FIRST_TEXT, &[&b"ok \xff"[..], &[b'x'; 1000]].concat());
    endless.truncate(8 + 4);
    let mut inbox = Inbox::default();
    inbox.read(&mut server(), &endless, 1, 1);
    assert_eq!(inbox.error, Some(Error::Violation(Violation::TextNotUtf8)));
    assert_eq!(inbox.unfinished_message, b"ok ");
}

/// A zero byte ended the payload of a Ping, which was shorter in the Pong.
#[test]
fn zero_bytes_in_control_frames_survive() {
    let inbox = read_whole(&mut server(), &from_client(PING, b"a\0b\0"));
    assert_eq!(inbox.messages, [message(Receive::Ping, b"a\0b\0")]);
    assert_eq!(write(&mut server(), Send::Pong, true, b"a\0b\0"), b"\x8a\x04a\0b\0");
}

// Receiving: Close.

/// A Close frame of one byte was accepted, as the code 3 or as 1011; one without a code was reported as 1011.
#[test]
fn close_code_is_not_made_up() {
    let inbox = read_whole(&mut server(), &from_client(CLOSE, &[3]));
    assert_eq!(inbox.error, Some(Error::Violation(Violation::ClosePayload(ClosePayloadError::Truncated))));
    let inbox = read_whole(&mut server(), &from_client(CLOSE, &[]));
    assert_eq!(inbox.messages, [message(Receive::CloseMustReply, b"")]);
    assert_eq!(inbox.messages[0].close_status, None);
}

/// Close codes that stand for the absence of one were accepted, and 1012-1014 were refused.
#[test]
fn close_codes_are_those_of_the_registry() {
    for (code, allowed) in [(999, false), (1005, false), (1006, false), (1012, true), (1013, true), (1014, true)] {
        let inbox = read_whole(&mut server(), &from_client(CLOSE, &u16::to_be_bytes(code)));
        assert_eq!(inbox.error.is_none(), allowed, "{code}");
    }
}

/// The peer's close code and reason did not reach the user.
#[test]
fn close_code_and_reason_reach_the_caller() {
    let inbox = read_whole(&mut client(), &from_server(CLOSE, b"\x03\xf4maintenance"));
    assert_eq!(inbox.messages, [close(Receive::CloseMustReply, 1012, "maintenance")]);
    assert_eq!(inbox.messages[0].close_status, Some(Status::ServiceRestart));
}

/// A Ping that came after our Close frame was answered, and the connection counted as open again. RFC 6455, section 5.5.2,
/// wants the answer; only a Close frame of the peer's excuses from it.
#[test]
fn ping_after_our_close_does_not_open_the_connection_again() {
    let mut client = client();
    write_close(&mut client, 1000, "");
    let inbox = read_whole(&mut client, &from_server(PING, b"p"));
    assert_eq!(inbox.messages, [message(Receive::Ping, b"p")]);
    assert_eq!(client.state(), WebSocketState::CloseSent);
    assert_eq!(write(&mut client, Send::Pong, true, b"p")[..2], [0x8a, 0x81]);
    assert_eq!(client.state(), WebSocketState::CloseSent);
    assert_eq!(client.write(Send::Text, true, b"p", &mut [0; 32]), Err(Misuse::Closing.into()));
}

// Sending.

/// A Pong between two fragments went out as a continuation that ended the message, and the next fragment as a new message.
#[test]
fn pong_between_fragments_is_a_pong() {
    let mut server = server();
    assert_eq!(write(&mut server, Send::Text, false, b"a")[0], 0x01);
    assert_eq!(write(&mut server, Send::Pong, true, b"pp"), b"\x8a\x02pp");
    assert_eq!(write(&mut server, Send::Text, true, b"b")[0], 0x80);
}

/// 65535 bytes, the longest payload with a length of 16 bits, went out with one of 64, in three libraries.
#[test]
fn length_65535_is_written_in_16_bits() {
    assert_eq!(write(&mut server(), Send::Binary, true, &[0; 65535])[..4], [0x82, 126, 0xff, 0xff]);
    assert_eq!(write(&mut client(), Send::Binary, true, &[0; 65535])[..4], [0x82, 0xfe, 0xff, 0xff]);
}

/// Control frames of more than 125 bytes were sent, and close reasons cut inside of a character.
#[test]
fn control_frames_are_not_sent_too_long() {
    let mut to = [0; 300];
    let reason = "ä".repeat(62);
    let too_long = client().close(Status::NormalClosure, Some(&reason), &mut to);
    assert_eq!(too_long, Err(Misuse::CloseReasonTooLong.into()));
    let too_long = Misuse::ControlFrame(HeaderError::ControlFrameTooLong);
    assert_eq!(client().write(Send::Ping, true, &[0; 126], &mut to), Err(too_long.into()));
}

/// The state was "Close sent" after the frame could not be written.
#[test]
fn close_that_was_not_written_is_not_sent() {
    let mut client = client();
    let result = client.close(Status::NormalClosure, Some("bye"), &mut [0; 5]);
    assert_eq!(result, Err(Error::BufferTooSmall { needed: 11 }));
    assert_eq!(client.state(), WebSocketState::Open);
    write(&mut client, Send::Text, true, b"still open");
}

/// Data was sent after Close.
#[test]
fn data_after_close_is_refused() {
    let mut server = server();
    write_close(&mut server, 1000, "");
    assert_eq!(server.write(Send::Text, true, b"late", &mut [0; 32]), Err(Misuse::Closing.into()));
}

/// Large frames, or all, went out with a key of zeros: every key comes from the caller's source here.
#[test]
fn every_frame_has_a_key_from_the_source() {
    for len in [0, 125, 1400, 65536] {
        let mut client = WebSocketClient::after_opening_handshake(ws_core::MaskingKeyFn(|| *b"\x12\x34\x56\x78"));
        let frame = write(&mut client, Send::Binary, true, &vec![0; len]);
        assert!(frame[frame.len() - len..].iter().zip(b"\x12\x34\x56\x78".iter().cycle()).all(|(a, b)| a == b));
        assert_eq!(frame[frame.len() - len - 4..][..4], *b"\x12\x34\x56\x78");
    }
}

/// A frame that was half written when its task was cancelled stayed half written, and the next one went out inside of it.
#[test]
fn half_sent_frame_goes_on() {
    let mut client = client();
    let mut to = [0; 9];
    let part = client.write_partial(Send::Text, true, b"hello", &mut to).unwrap();
    assert_eq!((part.num_bytes_from, part.num_bytes_to, part.end_of_frame), (3, 9, false));
    let unfinished = Misuse::FrameUnfinished { remaining: 2 };
    assert_eq!(client.write(Send::Pong, true, b"", &mut [0; 32]), Err(unfinished.into()));
    let rest = support::write_in_parts(&mut client, Send::Text, true, b"lo", 9);
    assert_eq!(read_whole(&mut server(), &[&to, rest.as_slice()].concat()).messages, [text("hello")]);
}

// The opening handshake.

/// A key of more than 24 characters made the server panic, and keys of any length were accepted.
#[test]
fn key_of_another_length_is_refused() {
    for key in ["", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==x", &"A".repeat(1000)] {
        let request = request_with("Connection: Upgrade\r\n").replace(KEY, key);
        assert_eq!(read_http_header(request.as_bytes()).unwrap_err(), Error::Request(RequestError::Key), "{key}");
        let result = WebSocketServer::new().server_respond_to_opening_handshake(key, None, &mut [0; 300]);
        assert!(matches!(result, Err(Error::HandshakeInput(_))), "{key}");
    }
}

/// An offered sub-protocol of more than 24 characters made the server panic; a list of more than 32 was taken for none.
#[test]
fn long_sub_protocols_are_seen_by_the_server() {
    let long = "protocol-".repeat(12);
    let request = request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Protocol: {long}, chat\r\n"));
    let context = read_http_header(request.as_bytes()).unwrap().websocket_context.unwrap();
    assert_eq!(context.sec_websocket_protocol_list.iter().collect::<Vec<_>>(), [long.as_str(), "chat"]);
}

/// Sub-protocols were split at ", " only, and only on one line.
#[test]
fn sub_protocols_without_spaces_and_on_two_lines() {
    let lines = "Connection: Upgrade\r\nSec-WebSocket-Protocol: a,b\r\nSec-WebSocket-Protocol:c\r\n";
    let request = request_with(lines);
    let context = read_http_header(request.as_bytes()).unwrap().websocket_context.unwrap();
    assert_eq!(context.sec_websocket_protocol_list.iter().collect::<Vec<_>>(), ["a", "b", "c"]);
}

/// The server answered with all the sub-protocols that were offered, and clients did not mind; nor one not offered.
#[test]
fn client_accepts_one_offered_sub_protocol() {
    let protocol = |value: &str| complete(&response_with(&format!("{ACCEPT}Sec-WebSocket-Protocol: {value}\r\n")));
    assert_eq!(protocol("chat"), Ok(Some("chat".into())));
    assert_eq!(protocol("chat, superchat"), Err(Error::Response(ResponseError::SubProtocol)));
    assert_eq!(protocol("superchat"), Err(Error::Response(ResponseError::SubProtocolNotOffered)));
    // The server's long one made the client panic.
    let long = Err(Error::Response(ResponseError::SubProtocolNotOffered));
    assert_eq!(protocol(&"x".repeat(100)), long);
}

/// A response was accepted for its status alone.
#[test]
fn response_without_an_accept_is_refused() {
    assert_eq!(complete("HTTP/1.1 101 X\r\n\r\n"), Err(Error::Response(ResponseError::Upgrade)));
    assert_eq!(complete(&response_with("")), Err(Error::Response(ResponseError::Accept)));
}

/// `Connection: keep-alive, Upgrade`, as Firefox sends it, was no upgrade; nor was a list in a response.
#[test]
fn connection_is_a_list() {
    let request = request_with("Connection: keep-alive, Upgrade\r\n");
    assert!(read_http_header(request.as_bytes()).unwrap().websocket_context.is_some());
    let response = response_with(ACCEPT).replace("Connection: Upgrade", "connection: keep-alive, upgrade");
    assert_eq!(complete(&response), Ok(None));
}

/// The server did not look at `Upgrade`, `Connection` or the version, and had no answer for a refused client.
#[test]
fn request_that_is_refused_gets_an_answer() {
    let version = request_with("Connection: Upgrade\r\n").replace("Version: 13", "Version: 7");
    for (request, status) in [(request_with(""), "400"), (version, "426")] {
        let error = read_http_header(request.as_bytes()).unwrap_err();
        let mut to = [0; 200];
        let len = error.reply().unwrap().encode(&mut to).unwrap();
        let reply = std::str::from_utf8(&to[..len]).unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
        assert_eq!(reply.contains("Sec-WebSocket-Version: 13\r\n"), status == "426", "{reply}");
    }
}

/// A response in two reads was an overflow, or a panic by design.
#[test]
fn response_in_two_reads() {
    let response = response_with(ACCEPT);
    let mut client = WebSocketClient::new(Keys::default());
    for cut in 0..response.len() {
        let result = client.client_complete_opening_handshake(KEY, &response.as_bytes()[..cut]);
        assert_eq!(result, Err(Error::HttpHeaderIncomplete));
    }
    assert!(client.client_complete_opening_handshake(KEY, response.as_bytes()).is_ok());
}

/// The first frame, in the same segment as the response, was lost, or an error.
#[test]
fn first_frame_behind_the_response_is_not_lost() {
    let bytes = [response_with(ACCEPT).as_bytes(), &from_server(TEXT, b"welcome")].concat();
    let mut client = WebSocketClient::new(Keys::default());
    let head_len = client.client_complete_opening_handshake(KEY, &bytes).unwrap().num_bytes_from;
    assert_eq!(read_whole(&mut client, &bytes[head_len..]).messages, [text("welcome")]);
}

/// An output that was too short for a head made the writer panic.
#[test]
fn short_output_for_a_head_is_an_error() {
    for to_len in 0..16 {
        let mut to = vec![0; to_len];
        let result = WebSocketClient::new(Keys::default())
            .client_initiate_opening_handshake("/", "h", "", None, None, &mut to)
            .map(drop);
        assert!(matches!(result, Err(Error::BufferTooSmall { .. })));
        let result = WebSocketServer::new().server_respond_to_opening_handshake(KEY, None, &mut to);
        assert!(matches!(result, Err(Error::BufferTooSmall { .. })));
    }
}

/// `Host` was left out, or had no port; `Origin` was always there, empty, or a line without a name.
#[test]
fn request_has_a_host_and_no_needless_line() {
    let mut to = [0; 500];
    let (len, _) = WebSocketClient::new(Keys::default())
        .client_initiate_opening_handshake("/", "example.com", "8080", None, None, &mut to)
        .unwrap();
    let request = std::str::from_utf8(&to[..len]).unwrap();
    assert!(request.contains("\r\nHost: example.com:8080\r\n"), "{request}");
    assert!(!request.contains("Origin") && !request.contains("\r\n:") && !request.contains("Protocol"), "{request}");
}

/// The 101 had a `Content-Length`, or an empty sub-protocol that made browsers refuse it.
#[test]
fn response_has_no_needless_line() {
    let mut to = [0; 500];
    let len = WebSocketServer::new().server_respond_to_opening_handshake(KEY, None, &mut to).unwrap();
    assert_eq!(std::str::from_utf8(&to[..len]).unwrap(), response_with(ACCEPT));
}
