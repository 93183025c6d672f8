//! asynchronous: client.

#![no_std]
#![no_main]

jobs::program!(jobs::asynchronous::client, jobs::script::CLIENT);
