//! [`Change`]: what a patch says of a field that may be empty; and [`WithNotices`]: a result with what the caller should be
//! told beside it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Id;

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
    /// Returns whether the field stays; for `skip_serializing_if`.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Empties or sets.
    pub fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }

    /// Sets, or leaves alone.
    pub fn set_if_some(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
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
pub(crate) fn non_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a whole number as [`non_null`] reads a value. JSON writes one as `5`, `5.0` or `5e0` alike.
///
/// # Errors
/// For anything else, and for a number that the type does not hold.
pub(crate) fn integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    number(serde_json::Number::deserialize(deserializer)?).map(Some)
}

/// Reads a whole number, as `5`, `5.0` or `5e0`, where `null` is as good as nothing.
///
/// # Errors
/// For anything else, and for a number that the type does not hold.
pub fn integer_or_null<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::<serde_json::Number>::deserialize(deserializer)?.map(number).transpose()
}

/// Reads what a patch says of a whole number that may be emptied.
///
/// # Errors
/// As [`integer_or_null`].
pub(crate) fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Change<i64>, D::Error> {
    integer_or_null(deserializer).map(Change::from_option)
}

fn number<T: TryFrom<i64>, E: serde::de::Error>(number: serde_json::Number) -> Result<T, E> {
    let float = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < MAX_SAFE);
    let whole = number.as_i64().or_else(|| float().map(|float| float as i64));
    let fitting = whole.and_then(|whole| T::try_from(whole).ok());
    fitting.ok_or_else(|| E::custom(format!("{number} is not a whole number, or is too large or too small")))
}

/// 2⁵³: below it each whole number has a float of its own.
const MAX_SAFE: f64 = 9_007_199_254_740_992.0;

/// A result, with sentences that the caller should be told beside it: “made the project home”.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithNotices<T> {
    /// The result.
    pub value: T,
    /// Lowercase sentences without a full stop.
    pub notices: Vec<String>,
    /// The change that it was, by which it can be undone; none for what an older daemon answers.
    #[serde(default)]
    pub change_id: Option<Id>,
}
