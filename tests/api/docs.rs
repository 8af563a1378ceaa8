//! The daemon's pages in a browser: what a person sees and does there.

use std::path::Path;

use serde_json::json;
use test_common::smtp::SmtpServer;

use crate::browser::Browser;
use crate::support::{Api, expect};
use crate::walk::{mailed_token, operations};

/// The block of `GET /tasks`.
const BLOCK: &str = r#"document.querySelector('.opblock-get [data-path="/tasks"]').closest('.opblock')"#;

#[test]
#[ignore = "needs Chromium"]
fn the_page_shows_all_operations_and_tries_one_out_without_leaving_the_machine() {
    let api = Api::sqlite(&[]);
    api.made("/tasks", &json!({"title": "Feed the cat"}));
    let here = format!("http://{}/", api.daemon.http());
    let mut browser = Browser::start();

    browser.open(&format!("{here}docs"));
    let shown = browser.wait("document.querySelectorAll('.opblock').length");
    assert_eq!(shown, operations(&api.got("/openapi.json")).len());

    browser.click("document.querySelector('.auth-wrapper .btn.authorize')");
    browser.write("document.querySelector('.auth-container input')", &api.token);
    browser.click("document.querySelector('.auth-btn-wrapper .btn.authorize')");
    browser.wait("document.querySelector('.auth-container').innerText.includes('Authorized')");
    browser.click("document.querySelector('.auth-btn-wrapper .btn-done')");

    browser.click(&format!("{BLOCK}.querySelector('.opblock-summary-control')"));
    // It can be tried out from the beginning; who cancels that may begin again.
    browser.click(&format!("{BLOCK}.querySelector('.try-out__btn.cancel')"));
    browser.click(&format!("{BLOCK}.querySelector('.try-out__btn:not(.cancel)')"));
    browser.click(&format!("{BLOCK}.querySelector('.btn.execute')"));
    let answer = |part: &str| format!("{BLOCK}.querySelector('.live-responses-table {part}')?.innerText");
    assert_eq!(browser.wait(&answer("tbody .response-col_status")).as_str().map(str::trim), Some("200"));
    let table = format!("{BLOCK}.querySelector('.live-responses-table')");
    browser.wait(&format!("{table} && ({table}.scrollIntoView({{block: 'center'}}), true)"));
    browser.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("artifacts").join("docs.png"));
    let body = browser.wait(&answer("tbody .response-col_description .highlight-code"));
    assert!(body.as_str().unwrap().contains("\"title\": \"Feed the cat\""), "{body}");

    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let page = browser.requests();
    assert!(page.iter().any(|url| url.starts_with(&format!("{here}tasks"))), "{page:?}");
    let inside = |url: &String| [here.as_str(), "data:", "blob:"].iter().any(|known| url.starts_with(known));
    assert!(page.iter().all(inside), "{page:?} are not all for {here}");
    let spoken_to = browser.close();
    let alone = api.daemon.http().to_string();
    assert!(
        !spoken_to.is_empty() && spoken_to.iter().all(|address| *address == alone),
        "{spoken_to:?}, not {alone} alone"
    );
}

#[test]
#[ignore = "needs Chromium"]
fn a_forgotten_password_is_set_on_the_page_that_the_mail_names() {
    let mail = SmtpServer::start();
    let port = mail.port().to_string();
    let api = Api::sqlite(&[
        ("MUISTA_EMAIL_HOST", "127.0.0.1"),
        ("MUISTA_EMAIL_PORT", &port),
        ("MUISTA_EMAIL_TLS", "none"),
        ("MUISTA_EMAIL_FROM", "muista@example.org"),
        ("MUISTA_WEB_URL", "http://muista.example"),
    ]);
    let eva = json!({"username": "eva", "password": "my dog likes tuna", "email": "eva@example.org"});
    api.made("/users", &eva);
    assert_eq!(api.post("/auth/password/forgot", &json!({"username": "eva"})).status, 202);
    let token = mailed_token(&mail, "http://muista.example/password/reset#token=");

    let mut browser = Browser::start();
    browser.open(&format!("http://{}/password/reset#token={token}", api.daemon.http()));
    for (again, said) in [("my dog likes ham", "not the same"), ("my dog likes herring", "It is set")] {
        for (field, text) in [("password", "my dog likes herring"), ("again", again)] {
            browser.write(&format!("document.getElementById('{field}')"), text);
        }
        browser.click("document.querySelector('button')");
        browser.wait(&format!("document.getElementById('said').innerText.includes('{said}')"));
    }
    let hidden = browser.wait("document.getElementById('reset').hidden && location.hash === ''");
    assert_eq!(hidden, true, "the token is in the address no more");
    assert!(browser.complaints().is_empty(), "{:#?}", browser.complaints());
    let login = json!({"username": "eva", "password": "my dog likes herring"});
    expect(api.post("/auth/login", &login), 200);
}
