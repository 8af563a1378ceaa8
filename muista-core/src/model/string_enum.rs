//! The macro `string_enum`: a type whose values have one name each, the same in JSON, in the database and where people write
//! it, in whatever case.

/// Makes an enum of named values. The text after its name is the field that errors name.
macro_rules! string_enum {
    ($(#[$doc:meta])* $type:ident, $field:literal { $($(#[$item:meta])* $name:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $type {
            $($(#[$item])* #[serde(rename = $text)] $name),*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name, as it is stored and stands in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text),*
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::Error;

            /// Reads a name, in any case.
            fn from_str(text: &str) -> $crate::error::Result<Self> {
                let known = Self::ALL.iter().find(|it| it.as_str().eq_ignore_ascii_case(text));
                known.copied().ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|it| it.as_str().to_lowercase()).collect();
                    let text = $crate::model::clip(text);
                    $crate::error::Error::invalid($field, format!("“{}” is not a valid {}", $crate::model::shown(&text), $field))
                        .hint(format!("choose one of {}", names.join(", ")))
                })
            }
        }

        // By hand, as the derive does not see names that come out of a macro.
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let names = $type::ALL.iter().map(|it| it.as_str());
                let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
                text.enum_values(Some(names)).into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($type))
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
