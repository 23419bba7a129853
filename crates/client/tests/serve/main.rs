//! A gRPC server whose services are provided as they are mounted, on a real lubdub, called over real
//! sockets by tonic's own client.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod leaving;
mod mounting;
mod services;
