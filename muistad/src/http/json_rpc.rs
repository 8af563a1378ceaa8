//! JSON-RPC 2.0 as far as the edge of `/mcp` knows it: what is called ([`Call`]), and a refusal as an error that clients
//! show to their users. What the calls mean is the core's.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::problem::Problem;

/// The methods that have something done: these are what an agent is held to so many a second of.
const WORK: [&str; 3] = ["tools/call", "resources/read", "prompts/get"];

/// What is called.
pub(super) struct Call {
    /// The id of the request, as JSON; none for what is no request.
    pub(super) id: Option<String>,
    /// Whether it has something done.
    pub(super) works: bool,
}

impl Call {
    /// Reads what a body calls. What is no single call does something, for all that is known.
    pub(super) fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(default)]
            id: Option<Value>,
            #[serde(borrow)]
            method: std::borrow::Cow<'a, str>,
        }
        match serde_json::from_slice::<Head<'_>>(body) {
            Ok(head) => Self {
                id: head.id.filter(is_id).map(|id| id.to_string()).filter(|id| id.len() <= ID_MAX),
                works: WORK.contains(&&*head.method),
            },
            Err(_) => Self { id: None, works: true },
        }
    }
}

/// The most bytes of an id that is told again.
const ID_MAX: usize = 256;

fn is_id(id: &Value) -> bool {
    id.is_string() || id.is_number()
}

/// The code of an error. Those above -32020 are the implementation's to choose (MCP 2026-07-28); two of them are used by
/// the SDKs themselves.
fn code(problem: &Problem) -> i32 {
    match problem.status.as_u16() {
        401 => -32_010,
        403 => -32_011,
        429 => -32_012,
        status if status < 500 => -32_600,
        _ => -32_603,
    }
}

/// A problem as an error, with the id of the request, where that is known.
pub(super) fn refusal(problem: &Problem, id: Option<&str>, request: &str) -> Vec<u8> {
    let mut data = json!({"code": problem.code, "requestId": request});
    if let Some(seconds) = problem.retry_after {
        data["retryAfter"] = json!(seconds);
    }
    if let Some(limit) = &problem.limit {
        data["limit"] = json!(limit);
    }
    let id = id.and_then(|id| serde_json::from_str::<Value>(id).ok()).filter(is_id);
    let error = json!({"code": code(problem), "message": problem.detail, "data": data});
    json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_work_or_a_lookup() {
        for (body, id, works) in [
            (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}}"#, Some("7"), true),
            (r#"{"id":"a\u0062","method":"resources\/read"}"#, Some(r#""ab""#), true),
            (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, None, false),
            (r#"{"id":1,"method":"tools/list"}"#, Some("1"), false),
            (r#"[{"id":1,"method":"ping"}]"#, None, true),
            ("{", None, true),
            ("", None, true),
        ] {
            let call = Call::read(body.as_bytes());
            assert_eq!((call.id.as_deref(), call.works), (id, works), "{body}");
        }
    }

    #[test]
    fn a_refusal_says_what_a_problem_says() -> serde_json::Result<()> {
        let problem = Problem::from(muista_core::error::Error::rate_limited("too many", 2).hint("wait"));
        let told: Value = serde_json::from_slice(&refusal(&problem, Some("\"a\""), "r"))?;
        let error = json!({"code": -32012, "message": "too many; wait",
            "data": {"code": "RATE_LIMITED", "requestId": "r", "retryAfter": 2}});
        assert_eq!(told, json!({"jsonrpc": "2.0", "id": "a", "error": error}));
        let told: Value = serde_json::from_slice(&refusal(&problem, Some("{}"), "r"))?;
        assert!(told["id"].is_null(), "{told}");
        Ok(())
    }
}
