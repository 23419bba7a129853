//! lubdub's page: services, their instances, and the life of each, for a person with a browser.
//!
//! What it is: one HTML page with its style sheets and JavaScript modules, compiled in and
//! answered at `/` and `/web/`. What it is not: it asks the registry nothing and does not depend
//! on it. The browser does the asking, over `/api/v1`, as any other reader; so whatever the page
//! tells, a program can read too. The page itself is described in `docs/web.md`.
//!
//! Start with [`router`].
//!
//! ```
//! use http::{Request, header};
//! use tower::ServiceExt;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let request = Request::get("/").header(header::ACCEPT, "text/html").body(axum::body::Body::empty());
//! let answer = lubdub_web::router().oneshot(request.unwrap()).await.unwrap();
//! assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
//! # });
//! ```
//!
//! | module | its one idea |
//! | --- | --- |
//! | `routes` | paths to handlers |
//! | `assets` | the files, compiled in |
//! | `answer` | a file as a response: its headers, and whether the browser has it already |
//!
//! Other faces translate a protocol, and have `wire`, `convert` and `error` for it. This one
//! gives out files: there is nothing to translate and nothing that the registry could refuse.

mod answer;
mod assets;
mod routes;

pub use routes::router;
