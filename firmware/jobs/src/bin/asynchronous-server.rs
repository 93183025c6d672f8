//! asynchronous: server.

#![no_std]
#![no_main]

jobs::program!(jobs::asynchronous::server, jobs::script::SERVER, jobs::script::SERVER_BROWSER);
