//! slices: server frames.

#![no_std]
#![no_main]

jobs::program!(jobs::slices::server_frames, jobs::script::SERVER_FRAMES);
