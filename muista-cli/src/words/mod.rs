//! The words that people write beside the flags: in a title to add ([`quick_add`]), to change a task ([`edit_words`]),
//! to filter a list ([`filter`]), to say which tasks are meant ([`selection`]) and when to be reminded ([`reminder`]).
//! [`preprocess_args`] makes `-tag` readable to clap; [`habits`] knows verbs of other programs.

pub(crate) mod edit_words;
pub(crate) mod filter;
pub(crate) mod habits;
pub(crate) mod planning;
pub(crate) mod preprocess_args;
pub(crate) mod quick_add;
pub(crate) mod reminder;
pub(crate) mod selection;
pub(crate) mod shorthand;
pub(crate) mod value_parsers;
