//! blocking: bulk.

#![no_std]
#![no_main]

jobs::program!(jobs::blocking::bulk, jobs::script::BULK_BINARY, jobs::script::BULK_TEXT);
