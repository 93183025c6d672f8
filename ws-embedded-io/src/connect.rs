//! Opening a connection as a client.

use embedded_io::{Read, Write};
use ws_core::{
    Client, MaskSource, WebSocketClient,
    handshake::{ClientRequest, Response},
};

use crate::{Buffers, Error, WebSocket, buffers::Input, transmit::Output};

/// A connection that a server agreed to.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Connected<'b, 'r, T, M> {
    /// The open connection.
    pub websocket: WebSocket<'b, T, Client<M>>,
    /// The sub-protocol that the server chose from those of the request.
    pub sub_protocol: Option<&'r str>,
}

impl<'b, T: Read + Write, M: MaskSource> WebSocket<'b, T, Client<M>> {
    /// Opens a WebSocket over a transport that is connected to the server already.
    ///
    /// A handshake that fails cannot be repeated on the same transport.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with `Error::Response` if the server refused, with its status, or gave a wrong answer, and
    /// with another error for a request that cannot be sent or does not fit into the transmit buffer.
    /// [`Error::HeadTooLarge`] if the response does not fit into the receive buffer. The transport's errors.
    pub fn connect<'r>(
        transport: T,
        mask_source: M,
        request: &ClientRequest<'r>,
        buffers: Buffers<'b>,
    ) -> Result<Connected<'b, 'r, T, M>, Error<T::Error>> {
        Self::connect_with(transport, mask_source, request, buffers, |_, _| {})
    }

    /// Like [`connect`](Self::connect), and shows the server's response, whatever it is, before it is checked: the status
    /// and headers of a refusal, and as much of its body as arrived together with them.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_with<'r>(
        mut transport: T,
        mask_source: M,
        request: &ClientRequest<'r>,
        buffers: Buffers<'b>,
        on_response: impl FnOnce(&Response<'_>, &[u8]),
    ) -> Result<Connected<'b, 'r, T, M>, Error<T::Error>> {
        let mut core = WebSocketClient::new(mask_source);
        let Buffers { receive, transmit } = buffers;
        let (mut input, mut output) = (Input::new(receive), Output::new(transmit));
        let (len, key) = core.client_initiate_with(request, output.buffer)?;
        output.send(&mut transport, len)?;

        let (sub_protocol, head_len) = loop {
            if !input.fill(&mut transport)? {
                return Err(Error::HeadTooLarge);
            }
            let parsed = Response::parse(input.unread()).map_err(ws_core::Error::from)?;
            let Some((response, head_len)) = parsed else { continue };
            on_response(&response, input.unread().get(head_len..).unwrap_or_default());
            let result = core.client_complete_with(key.as_str(), request.sub_protocols, input.unread())?;
            let sub_protocol = result
                .sub_protocol
                .and_then(|chosen| request.sub_protocols.iter().find(|offered| **offered == chosen).copied());
            break (sub_protocol, head_len);
        };
        input.consume(head_len);
        let websocket = WebSocket::new(transport, core, input, output);
        Ok(Connected { websocket, sub_protocol })
    }
}
