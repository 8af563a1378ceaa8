//! `/tasks/{taskId}/attachments` and `/attachments`.

use serde_json::json;

use crate::support::{Api, expect, on_both, on_both_with, problem, refused};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

fn attach(api: &Api, query: &str, kind: &str, content: &[u8]) -> test_common::rest::Answer {
    api.raw("POST", &format!("/tasks/1/attachments?{query}"), &[("Content-Type", kind)], content)
}

#[test]
fn a_file_comes_back_as_it_went_and_under_its_name() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "Pay"}));
        let made = attach(api, "name=%C3%A4%20%22b%22.png", "image/png", PNG);
        assert_eq!(made.status, 201, "{}", made.text());
        let attachment = made.json();
        assert_eq!((&attachment["name"], &attachment["mediaType"]), (&json!("ä \"b\".png"), &json!("image/png")));
        assert_eq!(attachment["sizeBytes"], PNG.len());
        let shown = api.get(made.header("location"));
        assert_eq!((shown.json(), shown.header("etag")), (attachment.clone(), made.header("etag")));
        assert_eq!(api.got("/tasks/1/attachments"), json!({"items": [attachment], "nextCursor": null}));

        let content = api.get(attachment["url"].as_str().unwrap());
        assert_eq!((content.status, content.body.as_slice()), (200, PNG));
        assert_eq!(content.header("content-type"), "image/png");
        assert_eq!(content.header("x-content-type-options"), "nosniff");
        let disposition = "attachment; filename=\"___b_.png\"; filename*=UTF-8''%C3%A4%20%22b%22.png";
        assert_eq!(content.header("content-disposition"), disposition);
        let known = [("If-None-Match", content.header("etag"))];
        assert_eq!(api.request("GET", attachment["url"].as_str().unwrap(), &known, None).status, 304);

        assert_eq!(api.delete(made.header("location")).status, 204);
        problem(&api.get(attachment["url"].as_str().unwrap()), 404, "NOT_FOUND");
        problem(&api.delete(made.header("location")), 404, "NOT_FOUND");
    });
}

#[test]
fn what_is_not_taken_is_refused_with_its_own_status() {
    on_both_with(&[("MUISTA_ATTACHMENTS_MAX_BYTES", "2000000")], |api| {
        api.made("/tasks", &json!({"title": "Pay"}));
        problem(&attach(api, "name=a.txt", "text/plain", &[b'a'; 2_000_001]), 413, "TOO_LARGE");
        assert_eq!(attach(api, "name=a.txt", "text/plain", &[b'a'; 2_000_000]).status, 201);
        problem(&attach(api, "name=a.html", "text/html", b"<html><body>"), 415, "UNSUPPORTED_MEDIA_TYPE");
        problem(&attach(api, "name=a.svg", "", b"<svg/>"), 415, "UNSUPPORTED_MEDIA_TYPE");
        problem(&attach(api, "name=a.png", "image/jpeg", PNG), 415, "UNSUPPORTED_MEDIA_TYPE");
        problem(&attach(api, "name=a.pdf", "application/pdf", PNG), 415, "UNSUPPORTED_MEDIA_TYPE");
        refused(&attach(api, "name=a.txt", "text/plain", b""), "sizeBytes");
        refused(&attach(api, "", "text/plain", b"a"), "name");
        for bad in ["name=", "name=..", "name=a%2Fb", "name=a%5Cb", "name=a%00b", "name=%E2%80%AEa"] {
            refused(&attach(api, bad, "text/plain", b"a"), "name");
        }
        problem(&api.raw("POST", "/tasks/2/attachments?name=a", &[], b"a"), 404, "NOT_FOUND");
    });
}

#[test]
fn a_file_that_is_sent_again_is_attached_once() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "Pay"}));
        let headers = [("Content-Type", "text/plain"), ("Idempotency-Key", "k1")];
        let send = |content: &[u8]| api.raw("POST", "/tasks/1/attachments?name=a.txt", &headers, content);
        let first = expect(send(b"a"), 201);
        assert_eq!(expect(send(b"a"), 201), first);
        refused(&send(b"b"), "Idempotency-Key");
        assert_eq!(api.got("/tasks/1/attachments")["items"].as_array().unwrap().len(), 1);
    });
}
