//! Accepting a connection as a server: the request is shown to the application, which decides.

use embedded_io::{Read, Write};
use ws_core::{
    Server, WebSocketServer,
    handshake::{Acceptance, Reply, Request, Upgrade},
};

use crate::{
    Buffers, Error, WebSocket,
    buffers::Input,
    transmit::{Output, flush, write_all},
};

/// What the application answers to a request.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Decision<'d> {
    /// Open the WebSocket. A plain HTTP request, which asks for none, is answered with the status 426.
    Accept {
        /// The sub-protocol: one of those that the client offered, best found with `Upgrade::select_sub_protocol`.
        sub_protocol: Option<&'d str>,
        /// More headers for the response: names and values.
        headers: &'d [(&'d str, &'d str)],
    },
    /// Answer with this HTTP response and close the connection: a refusal, or a page.
    Reply(Reply<'d>),
}

impl<'b, T: Read + Write> WebSocket<'b, T, Server> {
    /// Reads an HTTP request from a transport and answers it as `decide` says.
    ///
    /// `decide` sees the request and, if it is a valid opening handshake, what it offers; for a plain HTTP request the
    /// second argument is `None`.
    ///
    /// Returns `None` when the request was answered with a [`Reply`] or with 426: close the transport then. To have it
    /// still, give `accept` a `&mut` of it. A handshake that fails cannot be repeated on the same transport.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with `Error::Request` for a malformed request, which was answered with its status, and
    /// [`Error::HeadTooLarge`] for one that is longer than the receive buffer, which was answered with 431.
    /// [`Error::WebSocket`] with another error if what was decided cannot be sent (a sub-protocol that was not offered,
    /// say) or does not fit into the transmit buffer; the client has no answer then. The transport's errors.
    pub fn accept<'d>(
        mut transport: T,
        buffers: Buffers<'b>,
        decide: impl FnOnce(&Request<'_>, Option<&Upgrade<'_>>) -> Decision<'d>,
    ) -> Result<Option<Self>, Error<T::Error>> {
        let mut core = WebSocketServer::new();
        let Buffers { receive, transmit } = buffers;
        let (mut input, mut output) = (Input::new(receive), Output::new(transmit));
        loop {
            if !input.fill(&mut transport)? {
                // What matters is the error that led here, also if it cannot be answered.
                let _ = reply(&mut transport, output.buffer, &Reply::HEAD_TOO_LARGE, true);
                return Err(Error::HeadTooLarge);
            }
            let parsed = Request::parse(input.unread()).and_then(|parsed| {
                let Some((request, head_len)) = parsed else { return Ok(None) };
                Ok(Some((request, request.upgrade()?, head_len)))
            });
            let (request, upgrade, head_len) = match parsed {
                Ok(Some(parsed)) => parsed,
                Ok(None) => continue,
                Err(error) => {
                    let _ = reply(&mut transport, output.buffer, &error.reply(), true);
                    return Err(ws_core::Error::from(error).into());
                }
            };
            let wants_body = request.method() != "HEAD";
            let refusal = match (decide(&request, upgrade.as_ref()), &upgrade) {
                (Decision::Accept { sub_protocol, headers }, Some(upgrade)) => {
                    let acceptance = upgrade.accept(sub_protocol).map_err(ws_core::Error::from)?;
                    let acceptance = Acceptance { headers, ..acceptance };
                    let len = core.server_respond_with(&acceptance, output.buffer)?;
                    output.send(&mut transport, len)?;
                    input.consume(head_len);
                    return Ok(Some(WebSocket::new(transport, core, input, output)));
                }
                (Decision::Accept { .. }, None) => Reply::UPGRADE_REQUIRED,
                (Decision::Reply(reply), _) => reply,
            };
            reply(&mut transport, output.buffer, &refusal, wants_body)?;
            return Ok(None);
        }
    }
}

/// Sends a response: its head through the transmit buffer, its body as it lies.
fn reply<T: Write>(
    transport: &mut T,
    buffer: &mut [u8],
    reply: &Reply<'_>,
    wants_body: bool,
) -> Result<(), Error<T::Error>> {
    let len = reply.encode_head(buffer).map_err(ws_core::Error::from)?;
    write_all(transport, buffer.get(..len).unwrap_or_default())?;
    if wants_body && reply.may_have_body() {
        write_all(transport, reply.body)?;
    }
    flush(transport)
}
