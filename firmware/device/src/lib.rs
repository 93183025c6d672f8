//! What the programs have in common: moving bytes between the machines of `ws-core` and a socket, the device that they show and
//! control, and what is said of it over a WebSocket.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod link;
pub mod thing;
pub mod watch;
