//! Accepting a connection as a server: the request is shown to the application, which decides.

use embedded_io_async::{Read, Write};
use ws_core::{
    Accepting, Answer, Buffers, Config, Server,
    handshake::{Reply, Request, Upgrade},
};

use crate::{Error, WebSocket, drive};

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
    /// second argument is `None`. `head` holds the request and then the head of our answer, and is free again afterwards; 1024 bytes
    /// do for most browsers.
    ///
    /// Returns `None` when the request was answered with a [`Reply`] or with 426: close the transport then. To have it
    /// still, give `accept` a `&mut` of it. A handshake that fails cannot be repeated on the same transport.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with `Error::Request` for a malformed request, which was answered with its status, and with
    /// `Error::HeadTooLarge` for one that is longer than `head`, which was answered with 431; with another error if what was
    /// decided cannot be sent (a sub-protocol that was not offered, say): the client has no answer then. The transport's errors.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the future drops the transport that it was given, so that nothing is left half open. For a handshake that goes on
    /// after it was interrupted, [`drive`](drive()) an [`Accepting`].
    pub async fn accept<'d>(
        mut transport: T,
        head: &mut [u8],
        buffers: Buffers<'b>,
        config: &'b Config,
        decide: impl FnOnce(&Request<'_>, Option<&Upgrade<'_>>) -> Decision<'d>,
    ) -> Result<Option<Self>, Error<T::Error>> {
        let mut accepting = Accepting::new(head, buffers, config);
        drive(&mut accepting, &mut transport).await?;
        let asked = accepting.asked()?;
        let decision = decide(&asked.request, asked.upgrade.as_ref());
        let is_plain = asked.upgrade.is_none();
        let answering = match decision {
            Decision::Accept { .. } if is_plain => accepting.reply(&Reply::UPGRADE_REQUIRED)?,
            Decision::Accept { sub_protocol, headers } => accepting.accept(sub_protocol, headers)?,
            Decision::Reply(reply) => accepting.reply(&reply)?,
        };
        match drive(answering, &mut transport).await? {
            Answer::Accepted => Ok(Some(WebSocket::new(transport, accepting.into_connection()?))),
            Answer::Replied => Ok(None),
        }
    }
}
