//! asynchronous: client frames.

#![no_std]
#![no_main]

jobs::program!(jobs::asynchronous::client_frames, jobs::script::CLIENT_FRAMES);
