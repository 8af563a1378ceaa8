//! `/docs` in a browser: what a person sees and does there. That the page and its files are served is tested with the
//! other routes.

use std::path::Path;

use serde_json::json;

use crate::browser::Browser;
use crate::support::Api;
use crate::walk::operations;

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
    browser.click("document.querySelector('.auth-container input')");
    browser.write(&api.token);
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
