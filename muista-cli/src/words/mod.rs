//! The words that people write beside the flags: in a title to add ([`quick_add`]), to filter a list ([`filter`]),
//! and to say when to be reminded ([`reminder`]).
//! [`preprocess_args`] makes `-tag` readable to clap.

pub(crate) mod filter;
pub(crate) mod preprocess_args;
pub(crate) mod quick_add;
pub(crate) mod reminder;
pub(crate) mod shorthand;
pub(crate) mod value_parsers;
