//! baseline: client frames.

#![no_std]
#![no_main]

jobs::program!(jobs::baseline::job, jobs::script::CLIENT_FRAMES);
