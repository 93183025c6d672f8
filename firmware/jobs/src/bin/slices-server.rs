//! slices: server.

#![no_std]
#![no_main]

jobs::program!(jobs::slices::server, jobs::script::SERVER, jobs::script::SERVER_BROWSER);
