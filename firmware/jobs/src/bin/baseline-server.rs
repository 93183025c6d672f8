//! baseline: server.

#![no_std]
#![no_main]

jobs::program!(jobs::baseline::job, jobs::script::SERVER, jobs::script::SERVER_BROWSER);
