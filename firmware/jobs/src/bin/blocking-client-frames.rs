//! blocking: client frames.

#![no_std]
#![no_main]

jobs::program!(jobs::blocking::client_frames, jobs::script::CLIENT_FRAMES);
