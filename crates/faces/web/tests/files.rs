//! The page and its files, as they are answered.

use axum::body::Body;
use axum::response::Response;
use http::{Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

const BROWSER: (&str, &str) =
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8");

async fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    match lubdub_web::router().oneshot(request).await {
        Ok(response) => response,
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("a header is text"))
}

async fn body(response: Response) -> String {
    let body = response.into_body().collect().await.expect("a file is not a stream").to_bytes();
    String::from_utf8_lossy(&body).into_owned()
}

#[tokio::test]
async fn browsers_are_given_the_page_and_everybody_else_text() {
    let page = ask("GET", "/", &[BROWSER]).await;
    assert_eq!((page.status().as_u16(), header(&page, "content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(header(&page, "vary"), "accept");
    assert!(body(page).await.starts_with("<!doctype html>"));
    for headers in
        [&[][..], &[("accept", "*/*")], &[("accept", "application/json")], &[("accept", "text/htmlx")]]
    {
        let told = ask("GET", "/", headers).await;
        assert_eq!(
            (told.status().as_u16(), header(&told, "content-type")),
            (200, "text/plain; charset=utf-8")
        );
        assert_eq!(header(&told, "vary"), "accept");
        assert!(body(told).await.contains("/api/v1/services"));
    }
}

#[tokio::test]
async fn every_file_comes_with_headers_that_let_nothing_else_run() {
    for path in ["/", "/web/main.js", "/web/style/base.css", "/web/icon.svg"] {
        let answer = ask("GET", path, &[BROWSER]).await;
        assert_eq!(answer.status(), 200, "{path}");
        let policy = header(&answer, "content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "connect-src 'self';",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{path}: {policy}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert_eq!(header(&answer, "cross-origin-resource-policy"), "same-origin");
        assert_eq!(header(&answer, "cache-control"), "no-cache");
        assert_eq!(header(&answer, "access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn a_file_that_a_browser_has_is_not_sent_again() {
    let first = ask("GET", "/web/main.js", &[]).await;
    let tag = header(&first, "etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = ask("GET", "/web/main.js", &[("if-none-match", &known)]).await;
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag.as_str()), "{known}");
        assert!(!header(&again, "content-security-policy").is_empty());
        assert_eq!(body(again).await, "");
    }
    let other = ask("GET", "/web/main.js", &[("if-none-match", "\"other\"")]).await;
    assert_eq!(other.status(), 200);
    assert_ne!(header(&ask("GET", "/web/dom.js", &[]).await, "etag"), tag);
}

#[tokio::test]
async fn other_paths_are_unknown_and_other_methods_not_allowed() {
    for path in
        ["/web/", "/web", "/web/none.js", "/web/../Cargo.toml", "/web/%2e%2e/Cargo.toml", "/index.html"]
    {
        let missing = ask("GET", path, &[BROWSER]).await;
        assert_eq!(missing.status(), 404, "{path}");
        assert_eq!(body(missing).await, "", "{path}");
    }
    for path in ["/", "/web/main.js"] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let refused = ask(method, path, &[]).await;
            assert_eq!(
                (refused.status().as_u16(), header(&refused, "allow")),
                (405, "GET,HEAD"),
                "{method} {path}"
            );
        }
        let head = ask("HEAD", path, &[BROWSER]).await;
        assert_eq!(head.status(), 200);
        assert!(head.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse::<usize>().unwrap() > 100);
        assert_eq!(body(head).await, "");
    }
}
