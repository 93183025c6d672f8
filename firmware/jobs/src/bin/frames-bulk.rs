//! frames: bulk.

#![no_std]
#![no_main]

jobs::program!(jobs::frames::bulk, jobs::script::BULK_BINARY, jobs::script::BULK_TEXT);
