//! The least that axum does for a renewal: it matches the path and takes both names out of it,
//! and stores nothing. On two workers; prints where it listens.

use std::hint::black_box;
use std::io;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{post, put};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

async fn renew(Path((app, id)): Path<(String, String)>) -> StatusCode {
    black_box((app, id));
    StatusCode::OK
}

#[tokio::main(worker_threads = 2)]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let routes = Router::new()
        .route("/eureka/apps/{app}", post(|| async { StatusCode::NO_CONTENT }))
        .route("/eureka/apps/{app}/{id}", put(renew).delete(|| async { StatusCode::OK }));
    axum::serve(listener, routes).await
}
