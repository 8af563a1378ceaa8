//! [`Change`]: what a patch says of a field that may be empty; and [`Answer`]: a result with what the caller should be
//! told beside it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a patch says of one field. In JSON: left out, `null`, or the value (RFC 7396 §1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field stays.
    #[default]
    Keep,
    /// The field is emptied.
    Clear,
    /// The field gets this value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field stays; for `skip_serializing_if`.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Empties or sets.
    pub fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }

    /// Puts the change into effect on `field`.
    pub(crate) fn apply<U: From<T>>(self, field: &mut Option<U>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value.into()),
        }
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from_option)
    }
}

/// Reads a field of a patch that cannot be emptied: it may be left out, but is not `null`.
///
/// # Errors
/// What reading the value says.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A result, with sentences that the caller should be told beside it: “made the project home”.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer<T> {
    /// The result.
    pub value: T,
    /// Lowercase sentences without a full stop.
    pub notices: Vec<String>,
}
