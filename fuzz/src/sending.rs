//! Every way to send, with machines that are dropped half way, and a memory of what was sent.

use arbitrary::Arbitrary;
use ws_core::{Error, Message, MessageKind, Misuse, frame::CloseCode};

use crate::{
    face::Face,
    frames::Payload,
    link::{Driven, Link},
};

/// A call that sends, and after how many steps its machine is dropped.
#[derive(Clone, Debug, Arbitrary)]
pub struct Sending {
    is_text: bool,
    payload: Payload,
    way: Way,
    steps: u8,
}

#[derive(Clone, Debug, Arbitrary)]
enum Way {
    Send,
    Queue,
    Fragment {
        last: bool,
    },
    Compose {
        is_full: bool,
    },
    Put,
    Format,
    Finish,
    Frame {
        extra: u8,
    },
    PutInFrame,
    FinishFrame,
    Ping,
    Close(u16),
    /// Goes on with what was dropped.
    Resume,
}

/// What was sent, as far as the application knows.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Whole messages: whether it is a text, and the payload.
    pub(crate) messages: Vec<(bool, Vec<u8>)>,
    /// What was taken of a message that is not whole.
    pub(crate) under_way: Option<(bool, Vec<u8>)>,
    /// What a machine that was dropped may have begun.
    pub(crate) dropped: Option<Dropped>,
    /// Pings, and whether each was sent for certain.
    pub(crate) pings: Vec<(Vec<u8>, bool)>,
    /// The payloads of the Close frames that were asked for.
    pub(crate) closes: Vec<(Vec<u8>, bool)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Dropped {
    pub(crate) is_text: bool,
    pub(crate) payload: Vec<u8>,
    /// Whether it is a fragment, and the last one.
    pub(crate) fragment: Option<bool>,
}

impl Outbox {
    pub(crate) fn send<'b, F: Face<'b>>(&mut self, face: &mut F, link: &mut Link, sending: &Sending) -> Driven<()> {
        let Sending { is_text, ref payload, ref way, steps } = *sending;
        let payload = payload.0.clone();
        // What is longer would be no news.
        let payload = if payload.len() > 4000 { payload[..4000].to_vec() } else { payload };
        match *way {
            Way::Ping => return self.ping(face, link, &payload, steps),
            Way::Close(code) => return self.close(face, link, code, &payload, steps),
            // A message that was begun comes before the next one.
            _ if self.dropped.is_some() => return self.resume(face, link, Some(steps)),
            Way::Resume => return Driven::Ready(()),
            _ => {}
        }
        let kind = if is_text { MessageKind::Text } else { MessageKind::Binary };
        match *way {
            Way::Send | Way::Queue => {
                let payload = if is_text { String::from_utf8_lossy(&payload).into_owned().into() } else { payload };
                let message = message(is_text, &payload);
                let mut machine = match way {
                    Way::Send => face.sender().send(message),
                    _ => face.sender().queue(message),
                };
                let driven = link.drive_for(&mut machine, Some(steps));
                self.dropped(driven, Dropped { is_text, payload, fragment: None })
            }
            Way::Fragment { last } => {
                let driven = link.drive_for(&mut face.sender().fragment(kind, &payload, last), Some(steps));
                self.dropped(driven, Dropped { is_text, payload, fragment: Some(last) })
            }
            Way::Compose { is_full } => {
                let mut composed = false;
                let driven = link.drive_for(
                    &mut face.sender().compose(kind, |composer| {
                        composer.push(&payload)?;
                        composed = !is_full;
                        if is_full { Err(ws_core::Full) } else { Ok(()) }
                    }),
                    Some(steps),
                );
                // Once it is composed it leaves, unless it was refused.
                if composed && !matches!(driven, Driven::Failed(_)) {
                    self.messages.push((is_text, payload));
                }
                driven
            }
            Way::Put => {
                let driven = link.drive_for(&mut face.sender().writer(kind).put(&payload), Some(steps));
                if let Driven::Ready(len) = driven {
                    assert!(len > 0 || payload.is_empty());
                    // Nothing begins with nothing.
                    if len > 0 {
                        self.take(is_text, &payload[..len]);
                    }
                }
                without_value(driven)
            }
            Way::Format => {
                let text = String::from_utf8_lossy(&payload).into_owned();
                let mut writer = face.sender().writer(kind);
                let mut driven = link.drive_for(&mut writer.format(format_args!("{text}{}", text.len())), Some(steps));
                if driven == Driven::Dropped {
                    driven = link.drive(&mut writer.format(format_args!("{text}{}", text.len())));
                }
                if driven == Driven::Ready(()) {
                    self.take(is_text, format!("{text}{}", text.len()).as_bytes());
                }
                driven
            }
            Way::Finish => {
                let mut writer = face.sender().writer(kind);
                let mut driven = link.drive_for(&mut writer.finish(), Some(steps));
                if driven == Driven::Dropped {
                    driven = link.drive(&mut writer.finish());
                }
                if driven == Driven::Ready(()) {
                    self.take(is_text, &[]);
                    self.end();
                }
                driven
            }
            Way::Frame { extra } => {
                let len = payload.len() as u64 + u64::from(extra);
                match face.sender().frame(kind, len) {
                    Ok(writer) => assert_eq!(writer.remaining(), len),
                    Err(error) => return Driven::Failed(error),
                }
                self.take(is_text, &[]);
                self.put_in_frame(face, link, &payload, Some(steps))
            }
            Way::PutInFrame => self.put_in_frame(face, link, &payload, Some(steps)),
            Way::FinishFrame => self.finish_frame(face, link, Some(steps)),
            Way::Ping | Way::Close(_) | Way::Resume => Driven::Ready(()),
        }
    }

    /// Goes on with what was dropped.
    pub(crate) fn resume<'b, F: Face<'b>>(&mut self, face: &mut F, link: &mut Link, steps: Option<u8>) -> Driven<()> {
        let Some(dropped) = self.dropped.take() else { return Driven::Ready(()) };
        let Dropped { is_text, ref payload, fragment } = dropped;
        let kind = if is_text { MessageKind::Text } else { MessageKind::Binary };
        let mut machine = match fragment {
            None => face.sender().resume(message(is_text, payload)),
            Some(last) => face.sender().resume_fragment(kind, payload, last),
        };
        let driven = link.drive_for(&mut machine, steps);
        self.dropped(driven, dropped)
    }

    fn dropped(&mut self, driven: Driven<()>, dropped: Dropped) -> Driven<()> {
        match driven {
            Driven::Ready(()) => {
                self.take(dropped.is_text, &dropped.payload);
                if dropped.fragment != Some(false) {
                    self.end();
                }
            }
            Driven::Dropped | Driven::Broken => self.dropped = Some(dropped),
            Driven::Failed(_) | Driven::Waits => {}
        }
        driven
    }

    /// Gives a half-sent frame the next bytes of its payload.
    pub(crate) fn put_in_frame<'b, F: Face<'b>>(
        &mut self,
        face: &mut F,
        link: &mut Link,
        payload: &[u8],
        steps: Option<u8>,
    ) -> Driven<()> {
        let Some(mut writer) = face.sender().unfinished_frame() else { return Driven::Ready(()) };
        let before = writer.remaining();
        let driven = link.drive_for(&mut writer.put(payload), steps);
        let taken = (before - writer.remaining()) as usize;
        match driven {
            Driven::Ready(len) => assert_eq!(len, taken),
            _ => assert_eq!(taken, 0, "{driven:?}"),
        }
        if let Some((_, message)) = &mut self.under_way {
            message.extend(&payload[..taken]);
        }
        self.end_frame(face);
        without_value(driven)
    }

    /// Writes what is left of a frame, if all of its payload was given.
    pub(crate) fn finish_frame<'b, F: Face<'b>>(
        &mut self,
        face: &mut F,
        link: &mut Link,
        steps: Option<u8>,
    ) -> Driven<()> {
        let Some(mut writer) = face.sender().unfinished_frame() else { return Driven::Ready(()) };
        let remaining = writer.remaining();
        let driven = link.drive_for(&mut writer.finish(), steps);
        if remaining > 0 && driven != Driven::Dropped {
            assert_eq!(driven, Driven::Failed(Error::Misuse(Misuse::FrameUnfinished { remaining })));
        }
        self.end_frame(face);
        driven
    }

    /// A frame that is whole was all of its message.
    fn end_frame<'b, F: Face<'b>>(&mut self, face: &mut F) {
        if face.sender().unfinished_frame().is_none() {
            self.end();
        }
    }

    fn ping<'b, F: Face<'b>>(&mut self, face: &mut F, link: &mut Link, payload: &[u8], steps: u8) -> Driven<()> {
        // Each is different.
        let number = (self.pings.len() as u16).to_be_bytes();
        let payload = [&number, payload].concat();
        let driven = link.drive_for(&mut face.sender().ping(&payload), Some(steps));
        if payload.len() > 125 {
            assert!(
                matches!(driven, Driven::Failed(Error::Misuse(_)) | Driven::Dropped | Driven::Broken),
                "{driven:?}"
            );
        } else if !matches!(driven, Driven::Failed(_)) {
            self.pings.push((payload, driven == Driven::Ready(())));
        }
        driven
    }

    fn close<'b, F: Face<'b>>(
        &mut self,
        face: &mut F,
        link: &mut Link,
        code: u16,
        payload: &[u8],
        steps: u8,
    ) -> Driven<()> {
        let reason: String = String::from_utf8_lossy(payload).chars().take(50).collect();
        let code = close_code(code);
        let driven = link.drive_for(&mut face.sender().close(code, &reason), Some(steps));
        if !matches!(driven, Driven::Failed(_)) {
            let payload = [&code.get().to_be_bytes(), reason.as_bytes()].concat();
            self.closes.push((payload, driven == Driven::Ready(())));
        }
        driven
    }

    /// These bytes are part of the message now.
    fn take(&mut self, is_text: bool, bytes: &[u8]) {
        let (begun, message) = self.under_way.get_or_insert((is_text, Vec::new()));
        assert_eq!(*begun, is_text, "{bytes:02x?} in a message of the other kind");
        message.extend(bytes);
    }

    /// The message is whole.
    fn end(&mut self) {
        self.messages.extend(self.under_way.take());
    }
}

/// A close code of which there is hope; most numbers are none.
pub(crate) fn close_code(choice: u16) -> CloseCode {
    CloseCode::new(if choice < 900 { choice } else { 1000 + choice % 5000 })
}

fn message(is_text: bool, payload: &[u8]) -> Message<'_> {
    match std::str::from_utf8(payload) {
        Ok(text) if is_text => Message::Text(text),
        _ => Message::Binary(payload),
    }
}

fn without_value(driven: Driven<usize>) -> Driven<()> {
    match driven {
        Driven::Ready(_) => Driven::Ready(()),
        Driven::Waits => Driven::Waits,
        Driven::Dropped => Driven::Dropped,
        Driven::Failed(error) => Driven::Failed(error),
        Driven::Broken => Driven::Broken,
    }
}
