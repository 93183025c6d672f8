//! baseline: bulk.

#![no_std]
#![no_main]

jobs::program!(jobs::baseline::job, jobs::script::BULK_BINARY, jobs::script::BULK_TEXT);
