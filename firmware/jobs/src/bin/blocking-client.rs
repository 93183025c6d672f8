//! blocking: client.

#![no_std]
#![no_main]

jobs::program!(jobs::blocking::client, jobs::script::CLIENT);
