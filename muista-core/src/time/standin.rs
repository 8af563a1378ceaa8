//! stand-in
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
/// x
pub struct Rule(pub String);
