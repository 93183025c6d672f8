//! blocking: server.

#![no_std]
#![no_main]

jobs::program!(jobs::blocking::server, jobs::script::SERVER, jobs::script::SERVER_BROWSER);
