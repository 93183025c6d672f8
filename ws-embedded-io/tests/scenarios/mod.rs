//! The scenarios that both adapters play: dialogues as data, over a peer that is a script. What an adapter has of its own is in
//! `crate::adapter`: how a call is made, and the traits of its transports.

pub(crate) mod dialogue;
pub(crate) mod driver;
pub(crate) mod flood;
pub(crate) mod script;
pub(crate) mod side;

mod alive;
mod closing;
mod failing;
mod halves;
mod interrupting;
mod opening;
mod peer_bugs;
mod properties;
mod receiving;
mod sending;
