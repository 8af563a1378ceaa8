//! `/projects`, their members, and comments: what is shared, and with whom.

use muista_core::model::{NewApiKey, NewUser, Origin};
use muista_core::rpc::{Client, Dialled, Hello, dial_unix};
use serde_json::json;

use crate::support::{Api, on_both, problem, refused};

/// A key of another account, which is made for it.
pub(crate) fn another(api: &Api, name: &str) -> String {
    let user: NewUser = serde_json::from_value(json!({"username": name})).unwrap();
    let key: NewApiKey = serde_json::from_value(json!({"name": "theirs", "user": name})).unwrap();
    as_local(api, async |client| {
        client.add_user(user).await.unwrap();
        client.create_api_key(key).await.unwrap().key.reveal().to_owned()
    })
}

/// Revokes that key.
pub(crate) fn revoke(api: &Api, name: &str) {
    let user = name.parse().unwrap();
    as_local(api, async |client| client.revoke_api_key("theirs".parse().unwrap(), Some(user)).await.unwrap());
}

/// Asks the daemon by its socket.
fn as_local<T>(api: &Api, work: impl AsyncFnOnce(Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dialled = dial_unix(api.daemon.socket(), &Hello::new(Origin::Cli, None, None)).await.unwrap();
        let Dialled::Connected(client) = dialled else { panic!("{dialled:?}") };
        work(client).await
    })
}

#[test]
fn a_project_is_made_shown_changed_and_deleted() {
    on_both(|api| {
        let made = api.post("/projects", &json!({"name": "Home", "note": "n"}));
        assert_eq!(made.status, 201, "{}", made.text());
        let project = made.json();
        assert_eq!(api.get(made.header("location")).json(), project);
        assert_eq!(api.got("/projects/home"), project);
        assert_eq!((&project["role"], &project["open"]), (&"OWNER".into(), &0.into()));
        problem(&api.post("/projects", &json!({"name": "HOME"})), 409, "CONFLICT");
        let tag = made.header("etag");
        let shown = api.request("GET", "/projects/home", &[("If-None-Match", tag)], None);
        assert_eq!(shown.status, 304);
        let changes = json!({"name": "House", "note": null});
        let changed = api.request("PATCH", "/projects/home", &[("If-Match", tag)], Some(&changes));
        assert_eq!((changed.status, &changed.json()["note"]), (200, &json!(null)), "{}", changed.text());
        let late = api.request("PATCH", "/projects/house", &[("If-Match", tag)], Some(&changes));
        problem(&late, 412, "PRECONDITION_FAILED");
        problem(&api.request("DELETE", "/projects/house", &[("If-Match", tag)], None), 412, "PRECONDITION_FAILED");
        for number in 0..4 {
            api.made("/projects", &json!({"name": format!("p{number}")}));
        }
        let page = api.got("/projects?limit=3");
        let next = api.got(&format!("/projects?limit=3&cursor={}", page["nextCursor"].as_str().unwrap()));
        let names = |page: &serde_json::Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(
            (names(&page), names(&next)),
            (vec!["House".into(), "p0".into(), "p1".into()], vec!["p2".into(), "p3".into()])
        );
        let task = api.made("/tasks", &json!({"title": "a", "projectId": project["id"]}));
        assert_eq!(task["project"], "House");
        refused(&api.post("/tasks", &json!({"title": "a", "projectId": project["id"], "project": "p0"})), "projectId");
        let unknown = json!({"title": "a", "projectId": "0199c0de-0000-7000-8000-000000000007"});
        problem(&api.post("/tasks", &unknown), 404, "NOT_FOUND");
        assert_eq!(api.patched("/tasks/1", &json!({"projectId": null}))["projectId"], json!(null));
        assert_eq!(api.delete("/projects/House").status, 204);
        problem(&api.get("/projects/House"), 404, "NOT_FOUND");
        for (body, field) in [
            (json!({}), "name"),
            (json!({"name": ""}), "name"),
            (json!({"name": "x".repeat(201)}), "name"),
            (json!({"name": "x", "owner": "eva"}), "owner"),
            (json!({"name": "x", "note": "\u{7}"}), "note"),
        ] {
            refused(&api.post("/projects", &body), field);
        }
        refused(&api.patch("/projects/p0", &json!({"name": null})), "name");
        refused(&api.get("/projects?limit=0"), "limit");
    });
}

#[test]
fn members_see_and_comment_what_is_shared() {
    on_both(|api| {
        let eva = another(api, "eva");
        let eva = api.shown(&eva);
        api.made("/projects", &json!({"name": "home"}));
        let task = api.made("/tasks", &json!({"title": "a", "project": "home"}));
        let place = format!("/tasks/{}", task["id"].as_str().unwrap());
        problem(&eva.get(&place), 404, "NOT_FOUND");
        problem(&eva.get("/projects/home"), 404, "NOT_FOUND");
        let made = api.post("/projects/home/members", &json!({"user": "eva"}));
        assert_eq!((made.status, &made.json()["role"]), (201, &"MEMBER".into()), "{}", made.text());
        assert_eq!(api.get(made.header("location")).json(), made.json());
        problem(&api.post("/projects/home/members", &json!({"user": "eva"})), 409, "CONFLICT");
        problem(&api.post("/projects/home/members", &json!({"user": "adam"})), 404, "NOT_FOUND");
        refused(&api.post("/projects/home/members", &json!({"user": "eva", "role": "KING"})), "role");
        assert_eq!(eva.got(&place), task);
        problem(&eva.patch(&place, &json!({"title": "b"})), 403, "FORBIDDEN");
        problem(&eva.delete(&place), 403, "FORBIDDEN");
        problem(&eva.patch("/projects/home", &json!({"name": "b"})), 403, "FORBIDDEN");
        let comments = format!("{place}/comments");
        let said = eva.post(&comments, &json!({"text": "Mine?"}));
        assert_eq!(said.status, 201, "{}", said.text());
        assert_eq!(api.get(said.header("location")).json(), said.json());
        let own = api.made(&comments, &json!({"text": "No."}));
        assert_eq!(api.got(&comments)["items"], json!([said.json(), own]));
        let first = api.got(&format!("{comments}?limit=1"));
        let rest = api.got(&format!("{comments}?cursor={}", first["nextCursor"].as_str().unwrap()));
        assert_eq!(rest["items"], json!([own]));
        refused(&api.post(&comments, &json!({"text": " \n"})), "text");
        refused(&api.post(&comments, &json!({})), "text");
        problem(&eva.delete(&format!("/comments/{}", own["id"].as_str().unwrap())), 403, "FORBIDDEN");
        assert_eq!(api.delete(said.header("location")).status, 204);
        problem(&api.get(said.header("location")), 404, "NOT_FOUND");
        assert_eq!(api.patched("/projects/home/members/eva", &json!({"role": "ADMIN"}))["role"], "ADMIN");
        assert_eq!(eva.patch(&place, &json!({"title": "b"})).status, 200);
        assert_eq!(api.got("/projects/home/members")["items"].as_array().unwrap().len(), 2);
        problem(&eva.delete("/projects/home/members/local"), 403, "FORBIDDEN");
        assert_eq!(eva.delete("/projects/home/members/eva").status, 204);
        problem(&eva.get(&place), 404, "NOT_FOUND");
        problem(&eva.get(&comments), 404, "NOT_FOUND");
        problem(&api.get("/projects/home/members/eva"), 404, "NOT_FOUND");
        problem(&api.patch("/projects/home/members/eva", &json!({"role": "ADMIN"})), 404, "NOT_FOUND");
    });
}

#[test]
fn what_was_changed_meanwhile_stays_as_it_is() {
    on_both(|api| {
        another(api, "eva");
        api.made("/projects", &json!({"name": "home"}));
        let member = api.post("/projects/home/members", &json!({"user": "eva"}));
        let place = member.header("location");
        let seen = [("If-Match", member.header("etag"))];
        let admin = json!({"role": "ADMIN"});
        let promoted = api.request("PATCH", place, &seen, Some(&admin));
        assert_eq!(promoted.status, 200, "{}", promoted.text());
        problem(&api.request("PATCH", place, &seen, Some(&admin)), 412, "PRECONDITION_FAILED");
        problem(&api.request("DELETE", place, &seen, None), 412, "PRECONDITION_FAILED");
        assert_eq!(api.request("DELETE", place, &[("If-Match", promoted.header("etag"))], None).status, 204);

        api.made("/tasks", &json!({"title": "a"}));
        let comment = api.post("/tasks/1/comments", &json!({"text": "b"}));
        let file = api.raw("POST", "/tasks/1/attachments?name=a.txt", &[("Content-Type", "text/plain")], b"tuna");
        for made in [comment, file] {
            let place = made.header("location");
            problem(&api.request("DELETE", place, &[("If-Match", "\"7-0\"")], None), 412, "PRECONDITION_FAILED");
            assert_eq!(api.request("DELETE", place, &[("If-Match", made.header("etag"))], None).status, 204, "{place}");
        }
    });
}
