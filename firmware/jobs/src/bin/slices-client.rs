//! slices: client.

#![no_std]
#![no_main]

jobs::program!(jobs::slices::client, jobs::script::CLIENT);
