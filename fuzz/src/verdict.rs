//! The end of a session: what is left to do is done, and all that was told and sent is held against what it should be.

use ws_core::{Role as _, Violation, WebSocket, WebSocketState, frame::ClosePayload};

use crate::{
    face::{Face, Side},
    link::{Driven, Portions},
    meaning::{Meaning, Told},
    session::{Ended, Session},
    strict::Sent,
};

impl<'b, F: Face<'b>> Session<F> {
    /// Does what is left to do: completes what is half sent, receives to the end, flushes.
    pub(crate) fn settle(&mut self) {
        self.link.portions = Portions::default();
        if !self.lost {
            let driven = self.outbox.resume(&mut self.face, &mut self.link, None);
            self.check_sent(driven);
            self.complete_frame();
        }
        self.listen(None);
        if !self.lost {
            let driven = self.face.flush(&mut self.link, None);
            self.check_sent(driven);
        }
        self.listen(None);
    }

    /// Gives the rest of a half-sent frame: whatever bytes its text can go on with.
    fn complete_frame(&mut self) {
        for byte in [b'a', 0x80, 0x90, 0xa0, 0x80, 0x80, b'a'] {
            let remaining = |face: &mut F| face.sender().unfinished_frame().map_or(0, |writer| writer.remaining());
            while remaining(&mut self.face) > 0
                && self.outbox.put_in_frame(&mut self.face, &mut self.link, &[byte], None) == Driven::Ready(())
            {
            }
        }
        let driven = self.outbox.finish_frame(&mut self.face, &mut self.link, None);
        self.check_sent(driven);
    }

    /// Asserts that what was told and sent is what had to be.
    pub fn judge(mut self, endpoint: &WebSocket<F::Role>)
    where
        F::Role: Side,
    {
        let meaning = Meaning::of(endpoint, &self.link.input, &self.config.limits);
        let sent = Sent::read(&self.link.output, F::Role::MASKS);
        let is_stuck = self.face.sender().unfinished_frame().is_some();
        let is_sure = !self.lost && !self.link.broken && !is_stuck;
        let closes = !self.outbox.closes.is_empty();
        self.judge_told(&meaning, is_sure, closes);
        self.judge_messages(&sent, is_sure);
        self.judge_control(&sent, &meaning, is_sure, closes);
    }

    fn judge_told(&self, meaning: &Meaning, is_sure: bool, closes: bool) {
        // Beyond our own Close frame, messages are dropped.
        if self.drops {
            assert_among(&meaning.told, &self.told);
        } else if closes {
            let messages = |all: &[Told]| -> Vec<Told> {
                all.iter().filter(|told| matches!(told, Told::Message(..))).cloned().collect()
            };
            assert_begins(&messages(&meaning.told), &messages(&self.told));
        } else {
            assert_begins(&meaning.told, &self.told);
        }
        if self.drops {
            assert_among(&meaning.pings, &self.pings);
        } else {
            assert_begins(&meaning.pings, &self.pings);
        }
        let mut is_all = is_sure && !closes;
        match self.ended {
            Some(Ended::Violated(_)) if self.was_buffer_short(meaning) => is_all = false,
            Some(Ended::Violated(violation)) => assert_eq!(Some(violation), meaning.violation, "{meaning:?}"),
            Some(Ended::Closed) => {
                let payload = meaning.close.as_deref().expect("closed without a Close frame");
                let said = ClosePayload::parse(payload).unwrap();
                if !closes {
                    assert_eq!(self.face.peer_close(), said.map(|said| (said.code.get(), said.reason.to_string())));
                }
            }
            Some(Ended::Transport { clean }) => {
                assert_eq!((meaning.violation, &meaning.close), (None, &None));
                assert_eq!(clean, !meaning.is_inside, "{meaning:?}");
            }
            None if is_sure => {
                assert_eq!((meaning.violation, &meaning.close), (None, &None), "not noticed");
                assert_eq!(self.link.read, self.link.input.len());
            }
            None => {}
        }
        if is_all {
            assert_eq!(self.told, meaning.told);
        }
    }

    /// Whether it may have ended, before all else, because the receive buffer could not hold a message.
    fn was_buffer_short(&self, meaning: &Meaning) -> bool {
        let is_too_big = self.ended == Some(Ended::Violated(Violation::MessageTooBig));
        is_too_big && self.wanted_whole && meaning.longest >= self.receive_len as u64
    }

    fn judge_messages(&self, sent: &Sent, is_sure: bool) {
        let mut all = self.outbox.messages.clone();
        let known = all.len();
        // What a machine that was dropped had begun may be out.
        let mut unfinished = self.outbox.under_way.clone();
        if let Some(dropped) = &self.outbox.dropped {
            let (_, message) = unfinished.get_or_insert((dropped.is_text, Vec::new()));
            message.extend(&dropped.payload);
            if dropped.fragment != Some(false) {
                all.extend(unfinished.clone());
            }
        }
        assert_begins(&all, &sent.messages);
        assert!(!is_sure || sent.messages.len() >= known, "messages were lost: {all:?} {sent:?}");
        if let (Some((_, message)), true) = (&sent.unfinished, is_sure) {
            let known = unfinished.unwrap_or_default().1;
            assert!(known.starts_with(message), "{message:02x?} of {known:02x?}");
        }
    }

    fn judge_control(&self, sent: &Sent, meaning: &Meaning, is_sure: bool, closes: bool) {
        let mut pings = sent.pings.iter().peekable();
        for (ping, is_certain) in &self.outbox.pings {
            let is_sent = pings.next_if_eq(&ping).is_some();
            assert!(is_sent || !is_certain || !is_sure, "the Ping {ping:02x?} was not sent: {sent:?}");
        }
        assert_eq!(pings.next(), None, "nobody sent it");

        let all_answered = !F::IN_HALVES && self.config.duties.pong;
        if all_answered {
            assert_begins(&meaning.pings, &sent.pongs);
        } else {
            assert_among(&meaning.pings, &sent.pongs);
        }
        if all_answered && is_sure && !closes && !self.ended_in_frame && !self.was_buffer_short(meaning) {
            assert_eq!(sent.pongs, meaning.pings);
        }

        let own = match self.ended {
            Some(Ended::Violated(violation)) if self.config.duties.fail => {
                Some(violation.close_code().get().to_be_bytes().to_vec())
            }
            Some(Ended::Closed) if self.config.duties.close_reply => meaning.close.clone(),
            _ => None,
        };
        match &sent.close {
            Some(close) => assert!(
                own.as_ref() == Some(close) || self.outbox.closes.iter().any(|(payload, _)| payload == close),
                "the Close frame {close:02x?}, not {own:02x?}"
            ),
            None if is_sure && !self.ended_in_frame && !sent.half_sent => {
                assert!(own.is_none() || closes, "no Close frame, but {own:02x?}");
                let lost = self.outbox.closes.iter().find(|(_, is_sent)| *is_sent);
                assert_eq!(lost, None, "a Close frame that was sent is not there");
            }
            None => {}
        }
        if own.is_some() && is_sure && !F::IN_HALVES && sent.close.is_some() {
            assert_eq!(self.face.state(), WebSocketState::Closed);
        }
    }
}

fn assert_begins<T: PartialEq + std::fmt::Debug>(all: &[T], beginning: &[T]) {
    assert!(all.starts_with(beginning), "{beginning:02x?}\nis not how this begins:\n{all:02x?}");
}

/// They are some of all, in the same order.
fn assert_among<T: PartialEq + std::fmt::Debug>(all: &[T], some: &[T]) {
    let mut rest = all.iter();
    assert!(some.iter().all(|one| rest.any(|other| other == one)), "{some:02x?}\nare not among\n{all:02x?}");
}
