//! Records by a part of their ids, as commands take them.

use serde_json::json;

use crate::support::{on_both, problem};

#[test]
fn a_record_goes_by_a_part_of_its_id() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a"}));
        let comments = ["one", "two"].map(|text| api.made("/tasks/1/comments", &json!({"text": text})));
        let ids = [&comments[0], &comments[1]].map(|comment| comment["id"].as_str().unwrap().to_owned());
        for (id, comment) in ids.iter().zip(&comments) {
            for part in [id, &id[..35], &id[24..], &id[24..32]] {
                assert_eq!(api.got(&format!("/comments/{part}"))["text"], comment["text"], "{part}");
            }
        }
        let told = problem(&api.get(&format!("/comments/{}", &ids[0][..8])), 409, "CONFLICT");
        assert!(told["detail"].as_str().unwrap().contains(&ids[1][24..28]), "{told}");
        problem(&api.get("/comments/ffffffff"), 404, "NOT_FOUND");
        problem(&api.get(&format!("/reminders/{}", &ids[0][24..])), 404, "NOT_FOUND");
        assert_eq!(api.delete(&format!("/comments/{}", &ids[0][24..32])).status, 204);
        // Tasks made in one moment.
        api.made("/tasks", &json!({"title": "b"}));
        let id = api.got("/tasks/1")["id"].as_str().unwrap().to_owned();
        let told = problem(&api.get(&format!("/tasks/{}", &id[..8])), 422, "INVALID");
        assert!(told["detail"].as_str().unwrap().contains("1 “a”, 2 “b”"), "{told}");
        assert_eq!(api.got(&format!("/tasks/{}", &id[..35]))["title"], "a");
        problem(&api.get("/tasks/ffffffff"), 404, "NOT_FOUND");
    });
}
