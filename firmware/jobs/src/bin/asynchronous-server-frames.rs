//! asynchronous: server frames.

#![no_std]
#![no_main]

jobs::program!(jobs::asynchronous::server_frames, jobs::script::SERVER_FRAMES);
