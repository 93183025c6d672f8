//! frames: client frames.

#![no_std]
#![no_main]

jobs::program!(jobs::frames::client_frames, jobs::script::CLIENT_FRAMES);
