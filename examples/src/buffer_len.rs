//! The length of a buffer, as it is given on a command line.

/// Reads a number of bytes that a buffer can have.
///
/// ```
/// assert_eq!(examples::buffer_len("64"), Ok(64));
/// assert!(examples::buffer_len("0").is_err());
/// ```
///
/// # Errors
///
/// What a buffer can have instead.
pub fn buffer_len(bytes: &str) -> Result<usize, String> {
    match bytes.parse() {
        Ok(len @ 1..=0x4000_0000) => Ok(len),
        _ => Err("a buffer has 1 byte at least and 1 GiB at most".to_owned()),
    }
}
