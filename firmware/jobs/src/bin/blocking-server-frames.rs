//! blocking: server frames.

#![no_std]
#![no_main]

jobs::program!(jobs::blocking::server_frames, jobs::script::SERVER_FRAMES);
