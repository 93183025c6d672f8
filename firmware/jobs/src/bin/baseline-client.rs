//! baseline: client.

#![no_std]
#![no_main]

jobs::program!(jobs::baseline::job, jobs::script::CLIENT);
