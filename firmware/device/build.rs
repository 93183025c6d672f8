//! Compresses the page, which is sent as it lies in the flash; and names the linker script.

use std::{env, fs, io::Write as _, path::PathBuf};

use flate2::{Compression, write::GzEncoder};

fn main() {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let page = fs::read("page.html").expect("the page is here");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&page).expect("memory takes everything");
    let page = encoder.finish().expect("memory takes everything");
    fs::write(folder.join("page.html.gz"), page).expect("the output folder can be written to");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rerun-if-changed=page.html");
}
