//! asynchronous: bulk.

#![no_std]
#![no_main]

jobs::program!(jobs::asynchronous::bulk, jobs::script::BULK_BINARY, jobs::script::BULK_TEXT);
