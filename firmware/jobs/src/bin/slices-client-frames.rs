//! slices: client frames.

#![no_std]
#![no_main]

jobs::program!(jobs::slices::client_frames, jobs::script::CLIENT_FRAMES);
