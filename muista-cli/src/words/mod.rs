//! The words that people write beside the flags: in a title to add ([`quick_add`]), and to filter a list ([`filter`]).
//! [`dash`] makes `-tag` readable to clap.

pub(crate) mod dash;
pub(crate) mod filter;
pub(crate) mod quick_add;
pub(crate) mod value;
