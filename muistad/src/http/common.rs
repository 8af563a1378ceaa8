//! What the operations of the OpenAPI document have in common beside their problems: the parameters and headers that the
//! middleware sees to. Each stands once among the components; the operations point at it.

use serde_json::{Map, Value, json};

/// The paths of what heeds `If-Match` where it is changed or deleted, beside one's own account.
const MATCHED: [&str; 12] = [
    "/attachments/{attachmentId}",
    "/comments/{commentId}",
    "/devices/{id}",
    "/fields/{name}",
    "/jobs/{jobId}",
    "/projects/{projectId}",
    "/projects/{projectId}/members/{userId}",
    "/reminders/{reminderId}",
    "/tasks/{taskId}",
    "/templates/{name}",
    "/users/{userId}",
    "/views/{name}",
];
/// The path of one's own account, which is a single resource without a parameter.
const ME: &str = "/users/me";
/// The path of a file, whose answer has a tag too.
const CONTENT: &str = "/attachments/{attachmentId}/content";
/// The paths whose answers hold no dates.
const WITHOUT_DATES: [&str; 4] = ["/scripts", "/tags", "/tags/{name}", "/reminders/trigger"];
/// One entity tag (RFC 9110 §8.8.3).
const TAG: &str = r#""[\x21\x23-\x7e]*""#;

/// Puts them into the document.
pub(crate) fn share(document: &mut Value) {
    let components = &mut document["components"];
    components["parameters"] = parameters();
    components["headers"] = headers();
    let unchanged = json!({"description": "Nothing is new: `If-None-Match` names what would be sent."});
    components["responses"]["NotModified"] = unchanged;
    let entity = [("ETag", "ETag")];
    add_headers(&mut components["responses"]["NotModified"], &entity);
    let later = [("Retry-After", "RetryAfter")];
    add_headers(&mut components["responses"]["RateLimited"], &later);
    add_headers(&mut components["responses"]["RateLimited"], &LEFT);
    add_headers(&mut components["responses"]["Unavailable"], &later);
    for response in components["responses"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        add_headers(response, &[("X-Request-Id", "RequestId")]);
    }
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(operation, method, path);
        }
    }
}

/// How many requests are left.
const LEFT: [(&str, &str); 3] = [
    ("RateLimit-Limit", "RateLimitLimit"),
    ("RateLimit-Remaining", "RateLimitRemaining"),
    ("RateLimit-Reset", "RateLimitReset"),
];

fn parameters() -> Value {
    let header = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "header", "description": description, "required": false, "schema": schema});
    let tags = format!(r"^(\*|(W/)?{TAG}([ \t]*,[ \t]*(W/)?{TAG}){{0,15}})$");
    json!({
        "IdempotencyKey": header(
            "Idempotency-Key",
            "A text of your own, best a new UUID: the request is done once however often it is sent, and the first \
             answer comes back for 24 hours. The same key with another request is refused (422).",
            json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"}),
        ),
        "IfMatch": header(
            "If-Match",
            "The `ETag` of the thing as you know it, or several: if it is another by now, nothing is done (412).",
            json!({"type": "string", "pattern": tags}),
        ),
        "IfNoneMatch": header(
            "If-None-Match",
            "The `ETag` of what you have already: if that is what would be sent, it is not (304).",
            json!({"type": "string"}),
        ),
        "RequestId": header(
            "X-Request-Id",
            "What the request is to be called in the answer and in the daemon's log: up to 128 visible ASCII \
             characters. Anything else is replaced.",
            json!({"type": "string"}),
        ),
        "Zone": {
            "name": "tz", "in": "query", "required": false, "example": "Europe/Helsinki",
            "description": "The zone that dates are read and answered in. Left out: they are read in the account's, \
                and answered in UTC.",
            "schema": {"$ref": "#/components/schemas/TimeZone"},
        },
    })
}

fn headers() -> Value {
    let header = |description: &str, schema: Value| json!({"description": description, "schema": schema});
    let count = || json!({"type": "integer", "minimum": 0});
    json!({
        "ETag": header(
            "The entity tag of what was sent, for `If-Match` and `If-None-Match`.",
            json!({"type": "string", "pattern": format!("^{TAG}$")}),
        ),
        "Location": header("The path of what was made.", json!({"type": "string"})),
        "RateLimitLimit": header("How many requests you may make in a second.", count()),
        "RateLimitRemaining": header("How many of them are left.", count()),
        "RateLimitReset": header("After how many seconds there are as many again.", count()),
        "RequestId": header("The request's id, which stands in the daemon's log too.", json!({"type": "string"})),
        "RetryAfter": header("After how many seconds to come again.", count()),
    })
}

/// Adds to a response the headers of these names, each as the component says that is named behind it.
fn add_headers(response: &mut Value, headers: &[(&str, &str)]) {
    for (name, component) in headers {
        response["headers"][name] = json!({"$ref": format!("#/components/headers/{component}")});
    }
}

/// Says of an operation what it takes and tells beside what its handler says.
fn complete(operation: &mut Value, method: &str, path: &str) {
    let single = path.ends_with('}') || path == ME;
    let looks = method == "get" && (single || path == CONTENT);
    let matched = matches!(method, "patch" | "delete") && (MATCHED.contains(&path) || path == ME);
    let known = operation["security"].as_array().is_some_and(|needed| !needed.is_empty());
    let mut taken = Vec::new();
    if known && !WITHOUT_DATES.contains(&path) && tells(operation) {
        taken.push("Zone");
    }
    if method == "post" {
        taken.push("IdempotencyKey");
    }
    if matched {
        taken.push("IfMatch");
        operation["responses"]["412"] = json!({"$ref": "#/components/responses/PreconditionFailed"});
    }
    if looks {
        taken.push("IfNoneMatch");
        operation["responses"]["304"] = json!({"$ref": "#/components/responses/NotModified"});
    }
    taken.push("RequestId");
    take(operation, &taken);
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if !status.starts_with('2') {
            continue;
        }
        add_headers(response, &[("X-Request-Id", "RequestId")]);
        if !path.starts_with("/health") {
            add_headers(response, &LEFT);
        }
        if looks || status == "201" || (matched && method == "patch") {
            add_headers(response, &[("ETag", "ETag")]);
        }
        if status == "201" {
            add_headers(response, &[("Location", "Location")]);
        }
    }
}

/// Returns whether an answer holds JSON.
fn tells(operation: &Value) -> bool {
    let told = |status: &str| operation["responses"][status]["content"]["application/json"].is_object();
    ["200", "201", "202"].into_iter().any(told)
}

/// Has an operation take these parameters. What it says of the zone by itself is the same.
fn take(operation: &mut Value, components: &[&str]) {
    let mut all = operation["parameters"].as_array().cloned().unwrap_or_default();
    let others = all.len();
    all.retain(|parameter| parameter["name"] != "tz");
    let said = all.len() < others;
    let zone = said && !components.contains(&"Zone");
    let names = zone.then_some("Zone").into_iter().chain(components.iter().copied());
    all.extend(names.map(|name| json!({"$ref": format!("#/components/parameters/{name}")})));
    operation["parameters"] = Value::Array(all);
}
