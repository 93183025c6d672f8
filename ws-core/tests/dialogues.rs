//! The two dialogues that a user of this crate has first, over a fake link: a client that opens a connection, sends "hello",
//! reads the echo and closes; a server that accepts it, echoes and answers the Close frame.
//!
//! Each is written as a user would write it, then with one buffer for what is sent and what is received, and then with
//! slices of a single byte.

mod support;

use std::collections::VecDeque;

use support::Keys;
use ws_core::{
    Error, WebSocketClient, WebSocketCloseStatusCode, WebSocketReadResult, WebSocketReceiveMessageType,
    WebSocketSendMessageType, WebSocketServer, WebSocketState, read_http_header,
};

/// What both sides have sent and not received.
#[derive(Default)]
struct Link {
    to_server: VecDeque<u8>,
    to_client: VecDeque<u8>,
}

/// Moves as many bytes as there are, and as fit, from a side of the link to `to`.
fn receive(side: &mut VecDeque<u8>, to: &mut [u8]) -> usize {
    let len = side.len().min(to.len());
    for (to, byte) in to.iter_mut().zip(side.drain(..len)) {
        *to = byte;
    }
    len
}

/// Our client and our server take turns; each uses `buffer1` for all that is sent and received and `buffer2` for payload.
#[test]
fn client_and_server_as_in_the_documentation() -> Result<(), Error> {
    let mut link = Link::default();

    let mut ws_client = WebSocketClient::new(Keys::default());
    let mut client_buffer1 = [0; 500];
    let mut client_buffer2 = [0; 100];

    let mut web_socket = WebSocketServer::new();
    let mut server_buffer1 = [0; 500];
    let mut server_buffer2 = [0; 100];

    // Client: open.
    let (len, web_socket_key) =
        ws_client.client_initiate_opening_handshake("/chat", "localhost", "1337", None, None, &mut client_buffer1)?;
    link.to_server.extend(&client_buffer1[..len]);

    // Server: respond. The head comes in two parts.
    let mut received_size = receive(&mut link.to_server, &mut server_buffer1[..100]);
    assert_eq!(read_http_header(&server_buffer1[..received_size]).unwrap_err(), Error::HttpHeaderIncomplete);
    received_size += receive(&mut link.to_server, &mut server_buffer1[received_size..]);
    let http_header = read_http_header(&server_buffer1[..received_size])?;
    assert_eq!(http_header.path, "/chat");
    let websocket_context = http_header.websocket_context.expect("an opening handshake");
    let len = web_socket.server_respond_to_opening_handshake(
        &websocket_context.sec_websocket_key,
        None,
        &mut server_buffer1,
    )?;
    link.to_client.extend(&server_buffer1[..len]);
    assert_eq!(web_socket.state(), WebSocketState::Open);

    // Client: check the response, send "hello".
    let received_size = receive(&mut link.to_client, &mut client_buffer1);
    ws_client.client_complete_opening_handshake(web_socket_key.as_str(), &client_buffer1[..received_size])?;
    assert_eq!(ws_client.state(), WebSocketState::Open);
    let len = ws_client.write(WebSocketSendMessageType::Text, true, "hello".as_bytes(), &mut client_buffer1)?;
    link.to_server.extend(&client_buffer1[..len]);

    // Server: echo.
    let received_size = receive(&mut link.to_server, &mut server_buffer1);
    let ws_result = web_socket.read(&server_buffer1[..received_size], &mut server_buffer2)?;
    assert_eq!(ws_result.message_type, WebSocketReceiveMessageType::Text);
    let response = std::str::from_utf8(&server_buffer2[..ws_result.num_bytes_to]).unwrap();
    assert_eq!(response, "hello");
    let len = web_socket.write(
        WebSocketSendMessageType::Text,
        true,
        &server_buffer2[..ws_result.num_bytes_to],
        &mut server_buffer1,
    )?;
    link.to_client.extend(&server_buffer1[..len]);

    // Client: read the echo, close.
    let received_size = receive(&mut link.to_client, &mut client_buffer1);
    let ws_result = ws_client.read(&client_buffer1[..received_size], &mut client_buffer2)?;
    assert_eq!(
        ws_result,
        WebSocketReadResult {
            num_bytes_from: received_size,
            num_bytes_to: 5,
            end_of_message: true,
            close_status: None,
            message_type: WebSocketReceiveMessageType::Text,
        }
    );
    let response = std::str::from_utf8(&client_buffer2[..ws_result.num_bytes_to]).unwrap();
    assert_eq!(response, "hello");
    let len = ws_client.close(WebSocketCloseStatusCode::NormalClosure, None, &mut client_buffer1)?;
    link.to_server.extend(&client_buffer1[..len]);
    assert_eq!(ws_client.state(), WebSocketState::CloseSent);

    // Server: answer the Close frame.
    let received_size = receive(&mut link.to_server, &mut server_buffer1);
    let ws_result = web_socket.read(&server_buffer1[..received_size], &mut server_buffer2)?;
    assert_eq!(ws_result.message_type, WebSocketReceiveMessageType::CloseMustReply);
    assert_eq!(ws_result.close_status, Some(WebSocketCloseStatusCode::NormalClosure));
    let len = web_socket.write(
        WebSocketSendMessageType::CloseReply,
        true,
        &server_buffer2[..ws_result.num_bytes_to],
        &mut server_buffer1,
    )?;
    link.to_client.extend(&server_buffer1[..len]);
    assert_eq!(web_socket.state(), WebSocketState::Closed);

    // Client: the closing handshake is complete.
    let received_size = receive(&mut link.to_client, &mut client_buffer1);
    let ws_result = ws_client.read(&client_buffer1[..received_size], &mut client_buffer2)?;
    assert_eq!(ws_result.message_type, WebSocketReceiveMessageType::CloseCompleted);
    assert_eq!(ws_result.close_status, Some(WebSocketCloseStatusCode::NormalClosure));
    assert_eq!(ws_client.state(), WebSocketState::Closed);
    Ok(())
}

/// The client's half against the bytes of a server, written down.
#[test]
fn client_against_the_bytes_of_a_server() -> Result<(), Error> {
    // The sample nonce of RFC 6455, section 1.3, and then the same four bytes again for the frames.
    let mut words = [*b"the ", *b"samp", *b"le n", *b"once"].into_iter().cycle();
    let mut ws_client = WebSocketClient::with_masking_keys(|| words.next().unwrap_or_default());
    let mut buffer1 = [0; 500];
    let mut buffer2 = [0; 100];
    let (len, key) =
        ws_client.client_initiate_opening_handshake("/chat", "localhost", "1337", None, None, &mut buffer1)?;
    let request = "GET /chat HTTP/1.1\r\n\
        Host: localhost:1337\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";
    assert_eq!(std::str::from_utf8(&buffer1[..len]).unwrap(), request);

    let response = b"HTTP/1.1 101 Switching Protocols\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    let result = ws_client.client_complete_opening_handshake(&key, response)?;
    assert_eq!((result.num_bytes_from, result.sub_protocol), (response.len(), None));

    let len = ws_client.write(WebSocketSendMessageType::Text, true, b"hello", &mut buffer1)?;
    assert_eq!(buffer1[..len], *b"\x81\x85the \x1c\x0d\x09\x4c\x1b");

    let result = ws_client.read(b"\x81\x05hello", &mut buffer2)?;
    assert_eq!(&buffer2[..result.num_bytes_to], b"hello");

    let len = ws_client.close(WebSocketCloseStatusCode::NormalClosure, None, &mut buffer1)?;
    assert_eq!(buffer1[..len], [0x88, 0x82, b's', b'a', b'm', b'p', 0x03 ^ b's', 0xe8 ^ b'a']);

    let result = ws_client.read(b"\x88\x02\x03\xe8", &mut buffer2)?;
    assert_eq!(result.message_type, WebSocketReceiveMessageType::CloseCompleted);
    Ok(())
}

/// The server's half against the bytes of a client, written down.
#[test]
fn server_against_the_bytes_of_a_client() -> Result<(), Error> {
    let mut web_socket = WebSocketServer::new();
    let mut buffer1 = [0; 500];
    let mut buffer2 = [0; 100];
    let request = b"GET /chat HTTP/1.1\r\n\
        Host: localhost:1337\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";
    let context = read_http_header(request)?.websocket_context.expect("an opening handshake");
    let len = web_socket.server_respond_to_opening_handshake(&context.sec_websocket_key, None, &mut buffer1)?;
    let response = "HTTP/1.1 101 Switching Protocols\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    assert_eq!(std::str::from_utf8(&buffer1[..len]).unwrap(), response);

    // The masked "Hello" of RFC 6455, section 5.7, and the answer of the example before it there.
    let result = web_socket.read(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", &mut buffer2)?;
    assert_eq!(&buffer2[..result.num_bytes_to], b"Hello");
    let len = web_socket.write(WebSocketSendMessageType::Text, true, &buffer2[..result.num_bytes_to], &mut buffer1)?;
    assert_eq!(buffer1[..len], *b"\x81\x05\x48\x65\x6c\x6c\x6f");

    let result = web_socket.read(&[0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xe8 ^ 2], &mut buffer2)?;
    assert_eq!(result.message_type, WebSocketReceiveMessageType::CloseMustReply);
    assert_eq!(result.close_status, Some(WebSocketCloseStatusCode::NormalClosure));
    let payload = &buffer2[..result.num_bytes_to];
    let len = web_socket.write(WebSocketSendMessageType::CloseReply, true, payload, &mut buffer1)?;
    assert_eq!(buffer1[..len], *b"\x88\x02\x03\xe8");
    Ok(())
}

/// The same dialogue when the caller has a single byte for each `from` and each `to`.
///
/// Only heads and the Close frame that begins the closing handshake need a buffer that holds them.
#[test]
fn client_and_server_with_slices_of_one_byte() -> Result<(), Error> {
    let mut link = Link::default();
    let mut ws_client = WebSocketClient::new(Keys::default());
    let mut web_socket = WebSocketServer::new();
    let mut head = [0; 500];

    let (len, key) =
        ws_client.client_initiate_opening_handshake("/chat", "localhost", "1337", None, None, &mut head)?;
    let context = (0..=len).find_map(|received_size| match read_http_header(&head[..received_size]) {
        Err(Error::HttpHeaderIncomplete) => None,
        header => header.unwrap().websocket_context,
    });
    let context = context.expect("an opening handshake");
    let len = web_socket.server_respond_to_opening_handshake(&context.sec_websocket_key, None, &mut head)?;
    for received_size in 0..len {
        let result = ws_client.client_complete_opening_handshake(&key, &head[..received_size]);
        assert_eq!(result, Err(Error::HttpHeaderIncomplete));
    }
    ws_client.client_complete_opening_handshake(&key, &head[..len])?;

    let hello = support::write_in_parts(&mut ws_client, WebSocketSendMessageType::Text, true, b"hello", 1);
    link.to_server.extend(&hello);

    let message = receive_byte_by_byte(&mut link.to_server, |from, to| web_socket.read(from, to))?;
    assert_eq!(message, (WebSocketReceiveMessageType::Text, b"hello".to_vec(), None));
    let echo = support::write_in_parts(&mut web_socket, WebSocketSendMessageType::Text, true, &message.1, 1);
    link.to_client.extend(&echo);

    let message = receive_byte_by_byte(&mut link.to_client, |from, to| ws_client.read(from, to))?;
    assert_eq!(message, (WebSocketReceiveMessageType::Text, b"hello".to_vec(), None));
    let mut close = [0; 8];
    let len = ws_client.close(WebSocketCloseStatusCode::NormalClosure, None, &mut close)?;
    link.to_server.extend(&close[..len]);

    let message = receive_byte_by_byte(&mut link.to_server, |from, to| web_socket.read(from, to))?;
    let status = Some(WebSocketCloseStatusCode::NormalClosure);
    assert_eq!(message, (WebSocketReceiveMessageType::CloseMustReply, vec![0x03, 0xe8], status));
    let reply = support::write_in_parts(&mut web_socket, WebSocketSendMessageType::CloseReply, true, &message.1, 1);
    link.to_client.extend(&reply);
    assert_eq!(web_socket.state(), WebSocketState::Closed);

    let message = receive_byte_by_byte(&mut link.to_client, |from, to| ws_client.read(from, to))?;
    assert_eq!(message, (WebSocketReceiveMessageType::CloseCompleted, vec![0x03, 0xe8], status));
    assert_eq!(ws_client.state(), WebSocketState::Closed);
    assert!(link.to_client.is_empty() && link.to_server.is_empty());
    Ok(())
}

type Received = (WebSocketReceiveMessageType, Vec<u8>, Option<WebSocketCloseStatusCode>);

/// Receives one message, each `from` and each `to` of which has one byte.
fn receive_byte_by_byte(
    side: &mut VecDeque<u8>,
    mut read: impl FnMut(&[u8], &mut [u8]) -> Result<WebSocketReadResult, Error>,
) -> Result<Received, Error> {
    let mut payload = Vec::new();
    loop {
        let from = [side.pop_front().expect("the peer has sent enough")];
        let mut to = [support::UNWRITTEN];
        let result = read(&from, &mut to)?;
        assert_eq!(result.num_bytes_from, 1, "a byte was left: {result:?}");
        payload.extend(&to[..result.num_bytes_to]);
        if result.end_of_message {
            return Ok((result.message_type, payload, result.close_status));
        }
    }
}
