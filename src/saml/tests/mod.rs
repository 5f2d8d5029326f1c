//! Tests of the verifier. They sign what they send by themselves (`signer`), so no stored answer can go out of date.

mod acceptance;
mod canonicalization;
mod comparison;
mod documents;
mod encryption;
mod keys;
mod limits;
mod metadata;
mod mutations;
mod parser;
mod policy;
mod requests;
mod signatures;
mod signer;
mod time_limits;
mod wrapping;
