//! baseline: server frames.

#![no_std]
#![no_main]

jobs::program!(jobs::baseline::job, jobs::script::SERVER_FRAMES);
