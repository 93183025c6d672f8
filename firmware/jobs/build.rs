//! Names the linker script and fills in the memory of the machine that the target is run on.

use std::{env, fs, path::PathBuf};

fn main() {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let target = env::var("TARGET").expect("cargo sets TARGET");
    let (flash, ram) = if target.starts_with("thumb") {
        // The LM3S6965, which also runs the code of smaller cores.
        ("0x00000000", "0x20000000")
    } else {
        // QEMU's machine `virt` has RAM only: the first 256 KiB stand for flash.
        ("0x80000000", "0x80100000")
    };
    let script = fs::read_to_string("jobs.x.in").expect("the linker script is here");
    let script = script.replace("@FLASH@", flash).replace("@RAM@", ram);
    fs::write(folder.join("jobs.x"), script).expect("the output folder can be written to");
    println!("cargo:rustc-link-search={}", folder.display());
    println!("cargo:rustc-link-arg-bins=-Tjobs.x");
    println!("cargo:rerun-if-changed=jobs.x.in");
}
