//! frames: server frames.

#![no_std]
#![no_main]

jobs::program!(jobs::frames::server_frames, jobs::script::SERVER_FRAMES);
