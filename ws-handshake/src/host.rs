//! The value of `Host`: what a host and an authority look like (RFC 3986, section 3.2). Who it is, is not looked up.

/// Whether `host` is a name, an IPv4 address or an IPv6 address in brackets, with or without a port.
pub(crate) fn is_authority(host: &[u8]) -> bool {
    let end = host.iter().rposition(|byte| !byte.is_ascii_digit()).unwrap_or_default();
    match host.split_at_checked(end) {
        // Everything in front of the last colon, if only digits follow it. Inside of brackets `]` comes last.
        Some((name, [b':', ..])) => is_host(name),
        _ => is_host(host),
    }
}

/// RFC 3986, section 3.2.2: a registered name, an IPv4 address, or an IP literal in brackets.
pub(crate) fn is_host(host: &[u8]) -> bool {
    match host {
        [b'[', address @ .., b']'] => is_ipv6(address),
        name => !name.is_empty() && name.iter().all(|byte| is_name_byte(*byte)),
    }
}

/// Whether `address` looks like an IPv6 address, which no name does: it has several colons.
pub(crate) fn is_ipv6(address: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    address.iter().filter(|byte| **byte == b':').count() >= 2 && address.iter().all(is_part)
}

/// RFC 3986, appendix A: "reg-name = *( unreserved / pct-encoded / sub-delims )".
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'%'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
        )
}
