//! `ws-frame` alone: the application puts the pieces together itself, with every check that a frame by itself can be given, and
//! the order of frames in its own hands.

use ws_frame::{ClosePayload, FrameHeader, HeaderDecoder, Mask, Opcode, ReservedBits, Utf8Validator};

use crate::{
    Aligned, Result,
    script::{KEY, TEXT},
    transport::Transport,
};

static mut BUFFER: Aligned<1024> = Aligned([0; _]);

/// A frame that has begun, as far as it was read.
struct Frame {
    header: FrameHeader,
    mask: Option<Mask>,
    text: Utf8Validator,
    remaining: u64,
}

impl Frame {
    /// Waits for the header of the next frame; `masked` says whether the peer is a client.
    fn begin(unread: &mut Unread<'_>, masked: bool) -> core::result::Result<Self, u32> {
        let mut decoder = HeaderDecoder::new();
        loop {
            let (used, header) = decoder.decode(unread.bytes()?, ReservedBits::NONE).map_err(|_| 1_u32)?;
            unread.consume(used);
            if let Some(header) = header {
                if header.masking_key.is_some() != masked {
                    return Err(2);
                }
                let mask = header.masking_key.map(Mask::new);
                return Ok(Self { header, mask, text: Utf8Validator::new(), remaining: header.payload_len });
            }
        }
    }

    /// Unmasks and validates what there is of the payload, and returns it.
    fn payload<'u>(&mut self, unread: &'u mut Unread<'_>) -> core::result::Result<&'u mut [u8], u32> {
        let len = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(unread.bytes()?.len());
        self.remaining = self.remaining.saturating_sub(len as u64);
        let payload = unread.take(len);
        if let Some(mask) = &mut self.mask {
            mask.apply(payload);
        }
        if self.header.opcode == Opcode::Text {
            self.text.push(payload).map_err(|_| 3_u32)?;
            if self.remaining == 0 && !self.text.is_complete() {
                return Err(4);
            }
        }
        Ok(payload)
    }
}

/// What was read and not looked at.
struct Unread<'a> {
    transport: &'a mut Transport,
    buffer: &'a mut [u8],
    start: usize,
    end: usize,
}

impl Unread<'_> {
    /// Reads if there is nothing; never empty.
    fn bytes(&mut self) -> core::result::Result<&[u8], u32> {
        if self.start == self.end {
            (self.start, self.end) = (0, self.transport.read(self.buffer));
        }
        self.buffer.get(self.start..self.end).filter(|bytes| !bytes.is_empty()).ok_or(5)
    }

    fn consume(&mut self, len: usize) {
        self.start = self.start.saturating_add(len).min(self.end);
    }

    fn take(&mut self, len: usize) -> &mut [u8] {
        let start = self.start;
        self.consume(len);
        self.buffer.get_mut(start..self.start).unwrap_or_default()
    }
}

fn unread(transport: &mut Transport) -> Unread<'_> {
    // SAFETY: there is one thread, and each job takes it once.
    Unread { transport, buffer: unsafe { &mut (*(&raw mut BUFFER)).0 }, start: 0, end: 0 }
}

fn send(transport: &mut Transport, header: FrameHeader, payload: &[u8]) -> Result {
    let mut bytes = [0; 14];
    let len = header.encode(&mut bytes).map_err(|_| 6_u32)?;
    transport.write(bytes.get(..len).unwrap_or_default());
    transport.write(payload);
    Ok(())
}

fn send_masked(transport: &mut Transport, opcode: Opcode, payload: &[u8]) -> Result {
    let mut bytes = [0; 128];
    let len = Mask::new(KEY).copy(payload, &mut bytes);
    let header = FrameHeader { masking_key: Some(KEY), ..FrameHeader::new(opcode, payload.len() as u64) };
    send(transport, header, bytes.get(..len).unwrap_or_default())
}

/// Waits for the peer's Close frame and returns its payload.
fn close<'u>(unread: &'u mut Unread<'_>, masked: bool) -> core::result::Result<&'u [u8], u32> {
    let mut frame = Frame::begin(unread, masked)?;
    if frame.header.opcode != Opcode::Close {
        return Err(7);
    }
    let payload = frame.payload(unread)?;
    ClosePayload::parse(payload).map_err(|_| 8_u32)?;
    Ok(payload)
}

pub fn client_frames(transport: &mut Transport) -> Result {
    send_masked(transport, Opcode::Text, &TEXT)?;
    transport.lap();
    let mut unread = unread(transport);
    let mut frame = Frame::begin(&mut unread, false)?;
    while frame.remaining > 0 {
        frame.payload(&mut unread)?;
    }
    unread.transport.lap();
    send_masked(unread.transport, Opcode::Close, b"\x03\xe8")?;
    close(&mut unread, false)?;
    transport.lap();
    Ok(())
}

pub fn server_frames(transport: &mut Transport) -> Result {
    let mut unread = unread(transport);
    let mut frame = Frame::begin(&mut unread, true)?;
    let header = FrameHeader { masking_key: None, ..frame.header };
    let mut bytes = [0; 14];
    let len = header.encode(&mut bytes).map_err(|_| 6_u32)?;
    let payload: *const [u8] = frame.payload(&mut unread)?;
    unread.transport.lap();
    unread.transport.write(bytes.get(..len).unwrap_or_default());
    // SAFETY: the payload lies in the buffer, which is not read into before it was written.
    unread.transport.write(unsafe { &*payload });
    unread.transport.lap();
    let mut reply = [0; 125];
    let payload = close(&mut unread, true)?;
    let len = payload.len();
    for (to, from) in reply.iter_mut().zip(payload) {
        *to = *from;
    }
    let header = FrameHeader::new(Opcode::Close, len as u64);
    send(transport, header, reply.get(..len).unwrap_or_default())?;
    transport.lap();
    Ok(())
}

pub fn bulk(transport: &mut Transport) -> Result {
    let mut unread = unread(transport);
    let mut frame = Frame::begin(&mut unread, true)?;
    let mut received = 0;
    while frame.remaining > 0 {
        received += frame.payload(&mut unread)?.len();
    }
    transport.lap();
    if received == 16 * 1024 { Ok(()) } else { Err(9) }
}
