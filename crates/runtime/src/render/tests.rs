use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::read::{GzDecoder, MultiGzDecoder};
use lubdub_core::view::ChunkId;
use proptest::prelude::*;

use super::*;

fn key(chunk: u64) -> FragmentKey {
    FragmentKey { source: Source::Chunk(ChunkId(chunk)), form: 1 }
}

fn renderer(cache_bytes: usize) -> Renderer {
    Renderer::new(RendererConfig { cache_bytes, ..RendererConfig::default() })
}

fn joined(document: &Document) -> Vec<u8> {
    document.pieces().concat()
}

/// A document of head, fragments and tail in one coding.
fn document(renderer: &Renderer, coding: Coding, parts: &[Vec<u8>]) -> Document {
    let mut builder = DocumentBuilder::new(coding);
    builder.text("head");
    for (at, part) in parts.iter().enumerate() {
        let fragments = renderer.fragments(key(at as u64), coding, || vec![Fragment::plain(part.clone())]);
        builder.fragments(&fragments);
    }
    builder.text(vec![b't'; 70_000]);
    builder.finish()
}

proptest! {
    #[test]
    fn one_gzip_member_holds_exactly_the_plain_bytes(
        parts in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..3_000),
                "(\\{\"instanceId\":\"[a-c]{1,8}\"\\}){0,200}".prop_map(String::into_bytes),
            ],
            0..12,
        )
    ) {
        let renderer = renderer(1 << 20);
        let plain = joined(&document(&renderer, Coding::Identity, &parts));
        let zipped = document(&renderer, Coding::Gzip, &parts);
        let bytes = joined(&zipped);
        prop_assert_eq!(zipped.length(), bytes.len() as u64);

        let mut one = Vec::new();
        let mut decoder = GzDecoder::new(bytes.as_slice());
        decoder.read_to_end(&mut one).unwrap();
        prop_assert_eq!(&one, &plain);
        prop_assert!(decoder.into_inner().is_empty(), "bytes after the first member");
        let mut all = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut all).unwrap();
        prop_assert_eq!(&all, &plain);
    }

    #[test]
    fn the_cache_stays_under_its_bound(sizes in prop::collection::vec(0..60_000usize, 1..200)) {
        let bound = 512 * 1024;
        let renderer = renderer(bound);
        for (at, size) in sizes.into_iter().enumerate() {
            let coding = if at % 2 == 0 { Coding::Identity } else { Coding::Gzip };
            let made = renderer.fragments(key(at as u64), coding, || vec![Fragment::plain(vec![b'x'; size])]);
            prop_assert_eq!(made[0].plain_length(), size as u64);
            prop_assert!(renderer.held_bytes() <= bound as u64);
        }
    }
}

#[test]
fn a_fragment_is_rendered_once_for_each_coding_and_then_kept() {
    let renderer = renderer(1 << 20);
    let rendered = AtomicUsize::new(0);
    let read = |coding| {
        renderer.fragments(key(1), coding, || {
            rendered.fetch_add(1, Ordering::Relaxed);
            vec![Fragment::plain("text")]
        })
    };
    let first = read(Coding::Identity);
    assert_eq!(first[0].bytes(), "text");
    read(Coding::Identity);
    let zipped = read(Coding::Gzip);
    assert_eq!(read(Coding::Gzip)[0].bytes().as_ptr(), zipped[0].bytes().as_ptr(), "deflated once");
    assert_eq!(rendered.load(Ordering::Relaxed), 1, "the deflated form is made from the plain one");
    assert_eq!(renderer.cache_uses(), CacheUses { hits: 2, misses: 2, evictions: 0 });
}

#[test]
fn what_makes_room_for_others_is_counted() {
    let renderer = renderer(64 * 1024);
    for at in 0..100 {
        renderer.fragments(key(at), Coding::Identity, || vec![Fragment::plain(vec![b'x'; 4_000])]);
    }
    let uses = renderer.cache_uses();
    assert_eq!(uses.misses, 100);
    // 64 KiB hold sixteen of them at most.
    assert!((84..=100).contains(&uses.evictions), "{uses:?}");
}

#[test]
fn the_latest_is_gathered_again_only_where_its_stamp_is_another() {
    let renderer = renderer(1 << 20);
    let gathered = AtomicUsize::new(0);
    for stamp in [(1, 1), (1, 1), (2, 1), (2, 2), (2, 2)] {
        renderer.latest(1, Coding::Identity, stamp, || {
            gathered.fetch_add(1, Ordering::Relaxed);
            vec![Fragment::plain("text")]
        });
    }
    assert_eq!(gathered.load(Ordering::Relaxed), 3);
}

#[test]
fn contents_are_named_by_all_that_tells_them_apart() {
    let renderer = renderer(1 << 20);
    assert_eq!(renderer.content(&("a", 1)), renderer.content(&("a", 1)));
    assert_ne!(renderer.content(&("a", 1)), renderer.content(&("a", 2)));
}

#[test]
fn a_document_is_sent_piece_by_piece_and_knows_its_length() {
    use http_body::Body;
    use std::task::{Context, Poll, Waker};

    let renderer = renderer(1 << 20);
    let mut body = document(&renderer, Coding::Identity, &[b"abc".to_vec(), Vec::new()]).into_body();
    assert_eq!(body.size_hint().exact(), Some(70_007));
    let mut context = Context::from_waker(Waker::noop());
    let mut lengths = Vec::new();
    while let Poll::Ready(Some(Ok(frame))) = std::pin::Pin::new(&mut body).poll_frame(&mut context) {
        lengths.push(frame.into_data().unwrap().len());
    }
    assert_eq!(lengths, [4, 3, 70_000]);
    assert!(body.is_end_stream());
}

fn empty(_: &Renderer) -> Document {
    DocumentBuilder::new(Coding::Identity).finish()
}

#[tokio::test]
async fn large_documents_wait_for_each_other_and_are_refused_after_a_while() {
    let config =
        RendererConfig { large_at_once: 1, patience: Duration::from_millis(20), ..RendererConfig::default() };
    let renderer = Renderer::new(config);
    let first = renderer.document(20_000, empty).await.unwrap();
    assert_eq!(renderer.document(20_000, empty).await.unwrap_err(), RenderError::Busy);
    // Neither middling nor small ones wait for it.
    renderer.document(9_999, empty).await.unwrap();
    renderer.document(1, empty).await.unwrap();
    drop(first);
    renderer.document(20_000, empty).await.unwrap();
}

#[tokio::test]
async fn a_rendering_that_panics_fails_alone() {
    let renderer = Renderer::new(RendererConfig { threads: 1, ..RendererConfig::default() });
    let failed = renderer.document(1_000, |_| panic!("a defect")).await;
    assert_eq!(failed.unwrap_err(), RenderError::Failed);
    renderer.document(1_000, empty).await.unwrap();
}

#[tokio::test]
async fn only_small_documents_are_rendered_where_their_requests_are() {
    let renderer = renderer(1 << 20);
    let here = std::thread::current().id();
    let thread = |_: &Renderer| std::thread::current().id();
    assert_eq!(renderer.run(16, thread).await.unwrap(), here);
    assert_ne!(renderer.run(17, thread).await.unwrap(), here);
}

#[test]
fn without_a_cache_every_read_renders_anew() {
    let renderer = renderer(0);
    let rendered = AtomicUsize::new(0);
    for _ in 0..2 {
        let made = renderer.fragments(key(1), Coding::Identity, || {
            rendered.fetch_add(1, Ordering::Relaxed);
            vec![Fragment::plain("text")]
        });
        assert_eq!(made[0].bytes(), "text");
    }
    assert_eq!((rendered.load(Ordering::Relaxed), renderer.held_bytes()), (2, 0));
}
