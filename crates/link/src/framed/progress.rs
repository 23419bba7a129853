//! [`Watched`]: a stream of bytes that notes when bytes last came in, and [`Progress`], where that is read.
//!
//! A framed transport tells of whole frames alone. Wrapped around what is below the codec, this lets a link see that a large frame is
//! still on its way.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use lubdub_detect::Tick;
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::clock::Clock;

/// When bytes last came in, and the clock by which that is told.
#[derive(Debug, Clone)]
pub struct Progress {
    clock: Clock,
    moved: Moved,
}

impl Progress {
    pub(super) const fn clock(&self) -> Clock {
        self.clock
    }

    pub(super) fn into_moved(self) -> Moved {
        self.moved
    }
}

/// When bytes last came in: in ticks from 1, zero for never. The number alone is passed on, so no order with anything else is needed.
#[derive(Debug, Clone, Default)]
pub(super) struct Moved(Arc<AtomicU64>);

impl Moved {
    fn note(&self, now: Tick) {
        self.0.store(now.0.saturating_add(1), Ordering::Relaxed);
    }

    pub(super) fn last_read(&self) -> Option<Tick> {
        let read = self.0.load(Ordering::Relaxed);
        (read > 0).then(|| Tick(read - 1))
    }
}

pin_project! {
    /// Bytes that pass through unchanged.
    #[derive(Debug)]
    pub struct Watched<I> {
        #[pin]
        bytes: I,
        progress: Progress,
    }
}

impl<I> Watched<I> {
    /// Watches these bytes; the progress goes to [`Link::with_progress`](super::Link::with_progress).
    pub fn new(bytes: I) -> (Self, Progress) {
        let progress = Progress { clock: Clock::start(), moved: Moved::default() };
        (Self { bytes, progress: progress.clone() }, progress)
    }
}

impl<I: AsyncRead> AsyncRead for Watched<I> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let before = buf.filled().len();
        let polled = this.bytes.poll_read(cx, buf);
        if polled.is_ready() && buf.filled().len() > before {
            this.progress.moved.note(this.progress.clock.now());
        }
        polled
    }
}

impl<I: AsyncWrite> AsyncWrite for Watched<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.project().bytes.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().bytes.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.bytes.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().bytes.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().bytes.poll_shutdown(cx)
    }
}
