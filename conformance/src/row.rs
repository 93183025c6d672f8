//! A row of the table: a rule, what the peer or the application does, what must come of it, and how that is seen.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ws_core::Limits;

use crate::{
    accepting::{Answer, Asking},
    call::Call,
    connecting::{Answering, Connected},
    dialogue::{Dialogue, READS},
    frame::{self, Frame, Side},
    head::Head,
    outcome::Course,
    wire::Then,
};

/// Rows about one subject.
pub(crate) struct Theme {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// A row of the table.
pub(crate) struct Row {
    /// The section of the RFC.
    pub(crate) section: &'static str,
    /// Its sentence in short.
    pub(crate) rule: &'static str,
    /// What is done, in words.
    pub(crate) what: &'static str,
    /// The bytes that the peer sends, or the lines of its head that matter.
    pub(crate) bytes: String,
    /// Whether the words are the name of a strictness probe.
    pub(crate) is_probe: bool,
    /// The libraries that do, or did, otherwise.
    pub(crate) seen_in: &'static str,
    check: Check,
}

/// How it is seen what we do.
enum Check {
    Dialogue(Dialogue),
    Asking(Asking),
    Answering(Answering),
    /// What must be seen, and what looks.
    Other(&'static str, fn() -> String),
}

/// What we did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed(String),
    Failed(Failure),
}

/// How a row fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) expected: String,
    pub(crate) seen: String,
    /// In which of the ways to play it.
    pub(crate) way: String,
}

/// A row that is being written.
pub(crate) struct Draft {
    row: Row,
    sides: Vec<Side>,
    then: Then,
    reads: Vec<usize>,
    pieces: bool,
    wholes: Option<Vec<usize>>,
    limits: Option<Limits>,
    adapters_only: bool,
    calls: Vec<Call>,
    behind: Vec<Frame>,
}

/// Begins a row.
pub(crate) fn row(section: &'static str, rule: &'static str, what: &'static str) -> Draft {
    let check = Check::Other("", String::new);
    let row = Row { section, rule, what, bytes: String::new(), is_probe: false, seen_in: "", check };
    Draft {
        row,
        sides: vec![Side::Server, Side::Client],
        then: Then::Silence,
        reads: READS.to_vec(),
        pieces: true,
        wholes: None,
        limits: None,
        adapters_only: false,
        calls: vec![Call::ReceiveAll],
        behind: Vec::new(),
    }
}

impl Draft {
    /// What is done is a strictness probe of this name.
    pub(crate) fn probe(mut self) -> Self {
        self.row.is_probe = true;
        self
    }

    /// The libraries that do, or did, otherwise, separated by commas.
    pub(crate) fn seen_in(mut self, libraries: &'static str) -> Self {
        self.row.seen_in = libraries;
        self
    }

    /// Only this side of ours is under test.
    pub(crate) fn on(self, side: Side) -> Self {
        Self { sides: vec![side], ..self }
    }

    /// The transport ends behind what the peer sends.
    pub(crate) fn then_end(self) -> Self {
        Self { then: Then::End, ..self }
    }

    /// Read at most so many bytes at once, in turn.
    pub(crate) fn reads(self, reads: impl IntoIterator<Item = usize>) -> Self {
        Self { reads: reads.into_iter().collect(), ..self }
    }

    /// Whole messages are received in buffers of these lengths, in turn.
    pub(crate) fn wholes(self, wholes: impl IntoIterator<Item = usize>) -> Self {
        Self { wholes: Some(wholes.into_iter().collect()), ..self }
    }

    /// Messages are received piece by piece alone.
    pub(crate) fn in_pieces(self) -> Self {
        self.wholes([])
    }

    /// Messages are received as a whole alone, in buffers of these lengths, in turn.
    pub(crate) fn only_wholes(self, wholes: impl IntoIterator<Item = usize>) -> Self {
        Self { pieces: false, ..self.wholes(wholes) }
    }

    /// Not from slice to slice.
    pub(crate) fn over_adapters(self) -> Self {
        Self { adapters_only: true, ..self }
    }

    /// With these limits, which only the adapters have.
    pub(crate) fn limits(self, limits: Limits) -> Self {
        Self { limits: Some(limits), ..self }
    }

    /// The application does this, instead of receiving all that there is.
    pub(crate) fn calling(self, calls: impl Into<Vec<Call>>) -> Self {
        Self { calls: calls.into(), ..self }
    }

    /// These frames stand behind the peer's head.
    pub(crate) fn behind(self, frames: impl Into<Vec<Frame>>) -> Self {
        Self { behind: frames.into(), ..self }
    }

    /// On an open connection, the peer sends these frames.
    pub(crate) fn frames(mut self, frames: impl Into<Vec<Frame>>, expected: Course) -> Row {
        let frames = frames.into();
        self.row.bytes = frame::shown(&frames);
        let Self { sides, then, calls, reads, pieces, wholes, limits, adapters_only, .. } = self;
        let dialogue = Dialogue { sides, frames, then, calls, reads, pieces, wholes, limits, adapters_only, expected };
        self.row.check = Check::Dialogue(dialogue);
        self.row
    }

    /// A client asks our server.
    pub(crate) fn asks(self, head: &Head, expected: Answer) -> Row {
        let bytes = head.bytes();
        self.asks_bytes(head.to_string(), bytes, expected)
    }

    /// A client asks our server with these bytes, which the table shows so.
    pub(crate) fn asks_bytes(mut self, shown: String, mut bytes: Vec<u8>, expected: Answer) -> Row {
        self.row.bytes = self.with_frames_behind(shown);
        bytes.extend(frame::bytes(&self.behind, Side::Server));
        self.row.check = Check::Asking(Asking { bytes, then: self.then, expected });
        self.row
    }

    /// A server responds to our client.
    pub(crate) fn responds(self, head: &Head, expected: Connected) -> Row {
        let bytes = head.bytes();
        self.responds_bytes(head.to_string(), bytes, expected)
    }

    /// A server responds to our client with these bytes, which the table shows so.
    pub(crate) fn responds_bytes(mut self, shown: String, mut bytes: Vec<u8>, expected: Connected) -> Row {
        self.row.bytes = self.with_frames_behind(shown);
        bytes.extend(frame::bytes(&self.behind, Side::Client));
        self.row.check = Check::Answering(Answering { bytes, then: self.then, expected });
        self.row
    }

    /// Something of its own is done, and this has to be seen.
    pub(crate) fn does(mut self, expected: &'static str, look: fn() -> String) -> Row {
        self.row.check = Check::Other(expected, look);
        self.row
    }

    fn with_frames_behind(&self, shown: String) -> String {
        let frames = frame::shown(&self.behind);
        [shown, frames].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ")
    }
}

impl Row {
    /// What is done, in words, after its section: what a person calls the row.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.section, self.what)
    }

    /// Does it, and says what came of it. A panic is a failure.
    pub(crate) fn judge(&self) -> Verdict {
        let played = catch_unwind(AssertUnwindSafe(|| self.check.play()));
        let (expected, failure) = match played {
            Ok(Ok(seen)) => return Verdict::Passed(seen),
            Ok(Err(failure)) => (self.check.expected(), failure),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
                (self.check.expected(), (String::new(), format!("a panic: {}", text.unwrap_or_default())))
            }
        };
        let (way, seen) = failure;
        Verdict::Failed(Failure { expected, seen, way })
    }
}

impl Check {
    fn expected(&self) -> String {
        match self {
            Self::Dialogue(dialogue) => dialogue.expected.to_string(),
            Self::Asking(asking) => asking.expected.to_string(),
            Self::Answering(answering) => answering.expected.to_string(),
            Self::Other(expected, _) => (*expected).to_string(),
        }
    }

    /// What came of it; or in which way something else came than was expected, and what.
    fn play(&self) -> Result<String, (String, String)> {
        match self {
            Self::Dialogue(dialogue) => dialogue.play().map(|course| course.to_string()),
            Self::Asking(asking) => asking.play().map(|answer| answer.to_string()),
            Self::Answering(answering) => answering.play().map(|connected| connected.to_string()),
            Self::Other(expected, look) => {
                let seen = look();
                if seen == *expected { Ok(seen) } else { Err((String::new(), seen)) }
            }
        }
    }
}
