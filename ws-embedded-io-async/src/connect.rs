//! Opening a connection as a client.

use embedded_io_async::{Read, Write};
use ws_core::{
    Buffers, Client, Config, Connecting, MaskSource,
    handshake::{ClientRequest, Response},
};

use crate::{Error, WebSocket, drive};

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
    /// `head` holds our request and then the server's response, and is free again afterwards; 512 bytes do for most
    /// servers. A handshake that fails cannot be repeated on the same transport.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with `Error::Response` if the server refused, with its status, or gave a wrong answer; with
    /// `Error::HeadTooLarge` if the response does not fit into `head`; with another error for a request that cannot be sent or does
    /// not fit. The transport's errors.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the future drops the transport that it was given, so that nothing is left half open. For a handshake that goes on
    /// after it was interrupted, [`drive`](drive()) a [`Connecting`].
    pub async fn connect<'r>(
        transport: T,
        mask_source: M,
        request: &'r ClientRequest<'r>,
        head: &mut [u8],
        buffers: Buffers<'b>,
        config: &'b Config,
    ) -> Result<Connected<'b, 'r, T, M>, Error<T::Error>> {
        Self::connect_with(transport, mask_source, request, head, buffers, config, |_, _| {}).await
    }

    /// Like [`connect`](Self::connect), and shows the server's response, if there is one, before it is checked: the status and
    /// headers of a refusal, and as much of its body as arrived together with them.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    ///
    /// # Cancel safety
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_with<'r>(
        mut transport: T,
        mask_source: M,
        request: &'r ClientRequest<'r>,
        head: &mut [u8],
        buffers: Buffers<'b>,
        config: &'b Config,
        on_response: impl FnOnce(&Response<'_>, &[u8]),
    ) -> Result<Connected<'b, 'r, T, M>, Error<T::Error>> {
        let mut connecting = Connecting::new(request, mask_source, head, buffers, config)?;
        let result = drive(&mut connecting, &mut transport).await;
        if let Some((response, body)) = connecting.response() {
            on_response(&response, body);
        }
        result?;
        let sub_protocol = connecting.sub_protocol();
        Ok(Connected { websocket: WebSocket::new(transport, connecting.into_connection()?), sub_protocol })
    }
}
