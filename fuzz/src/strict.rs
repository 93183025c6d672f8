//! Frames read by the letter of RFC 6455, in the plainest way: whole, with a heap. Nothing of the crates under test is used, so
//! that a mistake of theirs cannot hide here.

/// What a header says, right or wrong.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// FIN, the reserved bits and the opcode.
    pub first: u8,
    pub payload_len: u64,
    /// The length of the header in bytes.
    pub len: usize,
    is_minimal: bool,
    key: Option<[u8; 4]>,
}

impl Header {
    /// The header at the front of `bytes`, if it is whole.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (&[first, second], rest) = bytes.split_first_chunk()?;
        let (payload_len, is_minimal, rest) = match second & 0x7f {
            126 => {
                let (len, rest) = rest.split_first_chunk()?;
                let len = u64::from(u16::from_be_bytes(*len));
                (len, len > 125, rest)
            }
            127 => {
                let (len, rest) = rest.split_first_chunk()?;
                let len = u64::from_be_bytes(*len);
                (len, len > 0xffff && len >> 63 == 0, rest)
            }
            len => (u64::from(len), true, rest),
        };
        let (key, rest) = match second & 0x80 {
            0 => (None, rest),
            _ => rest.split_first_chunk().map(|(key, rest)| (Some(*key), rest))?,
        };
        Some(Self { first, payload_len, len: bytes.len() - rest.len(), is_minimal, key })
    }

    fn unmask(&self, payload: &[u8]) -> Vec<u8> {
        let key = self.key.unwrap_or_default();
        payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }

    pub fn opcode(&self) -> u8 {
        self.first & 0x0f
    }

    pub fn fin(&self) -> bool {
        self.first & 0x80 != 0
    }

    pub fn is_control(&self) -> bool {
        self.opcode() >= 8
    }

    /// Whether its length is in the fewest bytes and no longer than a length may be.
    pub fn is_minimal(&self) -> bool {
        self.is_minimal
    }
}

/// A frame of which the end may be missing: its header, what is there of its payload, unmasked.
#[derive(Clone, Debug)]
pub struct Frame {
    pub header: Header,
    pub payload: Vec<u8>,
    /// How many messages, and how many Pongs, are whole in front of it.
    pub messages_before: usize,
    pub pongs_before: usize,
    /// How long the message that it belongs to is with it.
    pub message_len: u64,
}

/// The frames of `bytes`, valid or not, up to the last one whose header is whole.
pub fn frames(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let (mut messages_before, mut pongs_before, mut message_len) = (0, 0, 0_u64);
    while let Some(header) = Header::read(bytes) {
        let rest = &bytes[header.len..];
        let len = usize::try_from(header.payload_len).unwrap_or(usize::MAX).min(rest.len());
        let (payload, behind) = rest.split_at(len);
        if !header.is_control() {
            message_len = message_len.saturating_add(header.payload_len);
        }
        let payload = header.unmask(payload);
        frames.push(Frame { header, payload, messages_before, pongs_before, message_len });
        match header.opcode() {
            10 => pongs_before += 1,
            opcode if opcode < 8 && header.fin() => {
                messages_before += 1;
                message_len = 0;
            }
            _ => {}
        }
        bytes = behind;
    }
    frames
}

/// What an endpoint sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The whole messages: whether it is a text, and the payload.
    pub messages: Vec<(bool, Vec<u8>)>,
    pub pings: Vec<Vec<u8>>,
    pub pongs: Vec<Vec<u8>>,
    pub close: Option<Vec<u8>>,
    /// The message of which not all frames were sent, with what is there of its last frame.
    pub unfinished: Option<(bool, Vec<u8>)>,
    /// Whether the last frame is half sent.
    pub half_sent: bool,
}

impl Sent {
    /// Reads all that an endpoint sent, and panics at the first byte that breaks a rule. The last frame need not be whole.
    pub fn read(mut bytes: &[u8], of_client: bool) -> Self {
        let mut sent = Self::default();
        while !bytes.is_empty() {
            let Some(header) = Header::read(bytes) else {
                sent.half_sent = true;
                break;
            };
            sent.check(&header, of_client);
            let rest = &bytes[header.len..];
            let is_whole = rest.len() as u64 >= header.payload_len;
            let (payload, behind) = rest.split_at(if is_whole { header.payload_len as usize } else { rest.len() });
            sent.take(&header, header.unmask(payload), is_whole);
            sent.half_sent = !is_whole;
            bytes = behind;
        }
        sent
    }

    fn check(&self, header: &Header, of_client: bool) {
        // Section 5.2: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
        assert_eq!(header.first & 0x70, 0, "reserved bits: {header:?}");
        // Section 5.2: "the minimal number of bytes MUST be used to encode the length"
        assert!(header.is_minimal, "the length is not minimal: {header:?}");
        // Section 5.1: "a client MUST mask all frames", "A server MUST NOT mask any frames"
        assert_eq!(header.key.is_some(), of_client, "masked or not: {header:?}");
        // Section 5.5.1: "The application MUST NOT send any more data frames after sending a Close frame." Section 5.5.2 asks for
        // a Pong until the peer's Close frame.
        assert!(self.close.is_none() || header.opcode() == 10, "behind the Close frame: {header:?}");
        match header.opcode() {
            // Section 5.4: fragments of two messages are not interleaved.
            0 => assert!(self.unfinished.is_some(), "nothing to continue: {header:?}"),
            1 | 2 => assert!(self.unfinished.is_none(), "inside a message: {header:?}"),
            // Section 5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
            8..=10 => assert!(header.fin() && header.payload_len <= 125, "a control frame: {header:?}"),
            _ => panic!("reserved opcode: {header:?}"),
        }
    }

    fn take(&mut self, header: &Header, payload: Vec<u8>, is_whole: bool) {
        if header.is_control() {
            match header.opcode() {
                _ if !is_whole => {}
                8 => self.close = Some(checked_close(payload)),
                9 => self.pings.push(payload),
                _ => self.pongs.push(payload),
            }
            return;
        }
        let message = self.unfinished.get_or_insert((header.opcode() == 1, Vec::new()));
        message.1.extend(payload);
        if !(header.fin() && is_whole) {
            return;
        }
        if let Some((is_text, message)) = self.unfinished.take() {
            // Section 5.6: "the whole message MUST contain valid UTF-8"
            assert!(!is_text || std::str::from_utf8(&message).is_ok(), "the text is not UTF-8: {message:02x?}");
            self.messages.push((is_text, message));
        }
    }
}

/// Section 7.4: the codes that may be sent.
pub fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Section 5.5.1: nothing, or a close code and a reason in UTF-8; section 7.4: which codes.
fn checked_close(payload: Vec<u8>) -> Vec<u8> {
    if !payload.is_empty() {
        let (code, reason) = payload.split_first_chunk().expect("half a close code");
        let code = u16::from_be_bytes(*code);
        assert!(is_close_code(code), "close code {code}");
        assert!(std::str::from_utf8(reason).is_ok(), "the reason is not UTF-8: {reason:02x?}");
    }
    payload
}
