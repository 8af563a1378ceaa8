//! What a list query needs to know of own fields: which one is meant, and how the keys of its values are compared.

use std::collections::HashMap;

use crate::model::{Field, Id, fold};

/// Which own field: the reader's, or one of the same name and type where tasks are of many accounts.
#[derive(Debug, Clone)]
pub(crate) struct OfField {
    pub(crate) own: Id,
    /// Folded.
    pub(crate) name: String,
    pub(crate) kind: &'static str,
}

impl OfField {
    /// That field of the reader's.
    pub(crate) fn of(field: &Field) -> Self {
        Self { own: field.id, name: fold(&field.name), kind: field.kind.as_str() }
    }
}

/// How the key of a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Is,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Bound {
    /// The sign in SQL.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// By what tasks are sorted that have values of own fields: by the field, folded, and the task.
pub(crate) type OwnKeys = HashMap<(String, Id), String>;
