//! The steps that are mostly cargo commands, one file each.

pub(crate) mod docs;
pub(crate) mod examples;
pub(crate) mod features;
pub(crate) mod fmt;
pub(crate) mod lint;
pub(crate) mod no_std;
pub(crate) mod test;
