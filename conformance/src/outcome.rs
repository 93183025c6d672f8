//! What happens on a connection, as the application sees it and as it is on the wire, and what has to happen.

use std::fmt;

use ws_core::{Error, Misuse, Violation};

use crate::frame::{Sent, hex};

/// The longest text that the table shows whole, in bytes.
const SHOWN: usize = 24;

/// What a call of the application comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A text message was received.
    Text(String),
    /// A binary message was received.
    Binary(Vec<u8>),
    /// The connection is closed; with the code and the reason of the peer's Close frame.
    Closed(Option<(u16, String)>),
    /// The call failed.
    Failed(Error),
    /// The connection is open, and the peer is silent.
    Open,
    /// Something was sent.
    Done,
    /// What should never happen.
    Wrong(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) if text.len() > SHOWN => write!(f, "received a text of {} bytes", text.len()),
            Self::Text(text) => write!(f, "received {text:?}"),
            Self::Binary(bytes) if bytes.is_empty() => f.write_str("received an empty binary message"),
            Self::Binary(bytes) => write!(f, "received binary {}", hex(bytes)),
            Self::Closed(Some((code, reason))) if reason.is_empty() => write!(f, "closed by the peer with {code}"),
            Self::Closed(Some((code, reason))) => write!(f, "closed by the peer with {code} {reason:?}"),
            Self::Closed(None) => f.write_str("closed by the peer without a code"),
            Self::Failed(error) => write!(f, "error: {error}"),
            Self::Open => f.write_str("open"),
            Self::Done => f.write_str("ok"),
            Self::Wrong(why) => write!(f, "WRONG: {why}"),
        }
    }
}

pub(crate) fn text(text: impl Into<String>) -> Outcome {
    Outcome::Text(text.into())
}

pub(crate) fn binary(bytes: impl AsRef<[u8]>) -> Outcome {
    Outcome::Binary(bytes.as_ref().to_vec())
}

pub(crate) fn failed(error: impl Into<Error>) -> Outcome {
    Outcome::Failed(error.into())
}

pub(crate) fn refused(misuse: Misuse) -> Outcome {
    Outcome::Failed(misuse.into())
}

/// What a dialogue comes to: what has to happen, or what has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    /// What the application saw.
    pub(crate) outcomes: Vec<Outcome>,
    /// What we sent.
    pub(crate) sent: Vec<Sent>,
}

/// We tell the peer with this close code that it broke a rule, and receive nothing more.
pub(crate) fn fails(code: u16, violation: impl Into<Violation>) -> Course {
    Course { outcomes: vec![failed(violation.into())], sent: vec![Sent::Close(Some(code))] }
}

/// We receive this, and the connection stays open.
pub(crate) fn receives(outcomes: impl Into<Vec<Outcome>>) -> Course {
    let mut outcomes = outcomes.into();
    outcomes.push(Outcome::Open);
    Course { outcomes, sent: Vec::new() }
}

/// The peer closes the connection with this code and reason, and we answer with the same code.
pub(crate) fn closes(code: u16, reason: &str) -> Course {
    let outcomes = vec![Outcome::Closed(Some((code, reason.to_string())))];
    Course { outcomes, sent: vec![Sent::Close(Some(code))] }
}

/// The transport ends inside what the peer has begun.
pub(crate) fn ended_inside() -> Course {
    Course { outcomes: vec![failed(Error::TransportEnded { clean: false })], sent: Vec::new() }
}

/// The calls come to this, and we send that.
pub(crate) fn comes_to(outcomes: impl Into<Vec<Outcome>>, sent: impl Into<Vec<Sent>>) -> Course {
    Course { outcomes: outcomes.into(), sent: sent.into() }
}

impl Course {
    /// Before that, we receive these.
    pub(crate) fn after(self, outcomes: impl Into<Vec<Outcome>>) -> Self {
        let mut before = outcomes.into();
        before.extend(self.outcomes);
        Self { outcomes: before, ..self }
    }

    /// Before anything else, we send these.
    pub(crate) fn sending(self, sent: impl Into<Vec<Sent>>) -> Self {
        let mut before = sent.into();
        before.extend(self.sent);
        Self { sent: before, ..self }
    }
}

impl fmt::Display for Course {
    /// What was sent, then what the calls came to; but our Close frame right before what it belongs to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_close = |sent: &&Sent| matches!(sent, Sent::Close(_));
        let (closes, frames): (Vec<&Sent>, Vec<&Sent>) = self.sent.iter().partition(is_close);
        let is_end = |outcome: &Outcome| matches!(outcome, Outcome::Closed(_) | Outcome::Failed(_));
        let end = self.outcomes.iter().position(is_end).unwrap_or(self.outcomes.len());
        let (before, after) = self.outcomes.split_at(end);
        let frames = frames.into_iter().map(ToString::to_string);
        let before = before.iter().map(ToString::to_string);
        let closes = closes.into_iter().map(ToString::to_string);
        let parts: Vec<String> =
            frames.chain(before).chain(closes).chain(after.iter().map(ToString::to_string)).collect();
        let runs = parts.chunk_by(|one, next| one == next);
        let runs: Vec<String> = runs.filter_map(|run| shown_run(run.first()?, run.len())).collect();
        match runs.as_slice() {
            [first, second, .., before, last] if runs.len() > 8 => {
                write!(f, "{first}; {second}; ... {} more ...; {before}; {last}", runs.len() - 4)
            }
            _ => f.write_str(&runs.join("; ")),
        }
    }
}

/// The same so many times.
fn shown_run(part: &str, count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some(part.to_string()),
        _ => Some(format!("{count} times {part}")),
    }
}
