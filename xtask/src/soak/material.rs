//! What the clients send: sizes, contents and cuts, at random, but the same for the same seed.

use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

/// The longest message in bytes.
const LONGEST: usize = 100 * 1024;

/// How likely sizes up to this one are, in percent.
const SIZES: [(u32, usize); 5] = [(5, 0), (55, 125), (25, 4096), (12, 20_000), (3, LONGEST)];

/// Contents to take slices of, which all clients share.
#[derive(Debug)]
pub(super) struct Pool {
    bytes: Vec<u8>,
    text: Vec<char>,
}

impl Pool {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        let mut bytes = vec![0; 2 * LONGEST];
        random.fill(&mut bytes[..]);
        let characters = ['a', 'z', ' ', '"', '\0', 'ß', 'é', '€', '語', '\u{ffff}', '😀', '\u{10ffff}'];
        let text = (0..2 * LONGEST).map(|_| characters[random.random_range(0..characters.len())]).collect();
        Arc::new(Self { bytes, text })
    }
}

/// What one client sends.
#[derive(Debug)]
pub(super) struct Material {
    pool: Arc<Pool>,
    random: StdRng,
    client: u64,
    number: u64,
}

/// A message, the frames that it is sent in, and the Pings between them.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) message: Message,
    /// Frames and Pings in their order.
    pub(super) parts: Vec<Message>,
    /// The payloads of the Pings.
    pub(super) pings: Vec<Vec<u8>>,
}

impl Material {
    /// For the client of this number.
    pub(super) fn new(pool: &Arc<Pool>, seed: u64, client: u64) -> Self {
        Self { pool: Arc::clone(pool), random: StdRng::seed_from_u64(seed ^ client << 32), client, number: 0 }
    }

    /// Does the client close now, and connect again?
    pub(super) fn reconnects(&mut self) -> bool {
        self.random.random_bool(0.002)
    }

    /// The next message.
    pub(super) fn next(&mut self) -> Sending {
        self.number += 1;
        let len = self.len();
        let is_text = self.random.random_bool(0.5);
        let payload = if is_text { self.text(len) } else { self.bytes(len) };
        let message = match String::from_utf8(payload.clone()) {
            Ok(text) if is_text => Message::text(text),
            _ => Message::binary(payload.clone()),
        };
        let (mut parts, mut pings) = (Vec::new(), Vec::new());
        let fragments = if self.random.random_bool(0.7) { 1 } else { self.random.random_range(2..=8) };
        let mut rest = payload.as_slice();
        for number in 1..=fragments {
            self.ping(&mut parts, &mut pings);
            let at = if number == fragments { rest.len() } else { self.random.random_range(0..=rest.len()) };
            let (piece, behind) = rest.split_at(at);
            let data = match number {
                1 if is_text => Data::Text,
                1 => Data::Binary,
                _ => Data::Continue,
            };
            parts.push(Message::Frame(Frame::message(piece.to_vec(), OpCode::Data(data), number == fragments)));
            rest = behind;
        }
        self.ping(&mut parts, &mut pings);
        Sending { message, parts, pings }
    }

    fn len(&mut self) -> usize {
        let mut chance = self.random.random_range(0..100);
        for (percent, longest) in SIZES {
            if chance < percent {
                return self.random.random_range(0..=longest);
            }
            chance -= percent;
        }
        0
    }

    /// A Ping now and then.
    fn ping(&mut self, parts: &mut Vec<Message>, pings: &mut Vec<Vec<u8>>) {
        if self.random.random_bool(0.1) {
            let len = self.random.random_range(0..=125);
            let payload = self.bytes(len);
            parts.push(Message::Ping(payload.clone().into()));
            pings.push(payload);
        }
    }

    /// Who says it and when, so that an echo cannot be taken for another, as far as there is space.
    fn label(&self) -> String {
        format!("{} {} ", self.client, self.number)
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let start = self.random.random_range(0..LONGEST);
        let bytes = self.label().into_bytes().into_iter().chain(self.pool.bytes[start..].iter().copied());
        bytes.take(len).collect()
    }

    /// Of about this length: no character is cut.
    fn text(&mut self, len: usize) -> Vec<u8> {
        let start = self.random.random_range(0..LONGEST);
        let (label, mut left) = (self.label(), len);
        let characters = label.chars().chain(self.pool.text[start..].iter().copied()).take_while(|character| {
            let rest = left.checked_sub(character.len_utf8());
            left = rest.unwrap_or_default();
            rest.is_some()
        });
        characters.collect::<String>().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_material_and_every_kind_is_in_it() {
        let pool = Pool::new(1);
        let [mut first, mut second] = [(); 2].map(|()| Material::new(&pool, 7, 3));
        let sent: Vec<Sending> = (0..2000).map(|_| first.next()).collect();
        assert!(sent.iter().all(|sending| sending.message == second.next().message));
        for (what, is_there) in [
            ("text", sent.iter().any(|sending| sending.message.is_text())),
            ("binary", sent.iter().any(|sending| sending.message.is_binary())),
            ("empty", sent.iter().any(|sending| sending.message.is_empty())),
            ("small", sent.iter().filter(|sending| sending.message.len() <= 125).count() > 1000),
            ("large", sent.iter().any(|sending| sending.message.len() > 50_000)),
            ("whole", sent.iter().any(|sending| sending.parts.len() == 1)),
            ("Ping between", sent.iter().any(|sending| sending.parts.len() > 3 && !sending.pings.is_empty())),
        ] {
            assert!(is_there, "{what}");
        }
        assert!(sent.iter().all(|sending| sending.message.len() <= LONGEST));
    }

    #[test]
    fn the_parts_make_up_the_message() {
        let mut material = Material::new(&Pool::new(2), 8, 0);
        for _ in 0..200 {
            let Sending { message, parts, pings } = material.next();
            let payload = parts.iter().filter(|part| !part.is_ping()).flat_map(|part| part.clone().into_data());
            // A frame's data has its header too, in this form.
            assert!(payload.count() >= message.len());
            assert_eq!(parts.iter().filter(|part| part.is_ping()).count(), pings.len());
        }
    }
}
