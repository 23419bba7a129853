//! The allocator that counts, in place: what it hands out can be used, and its figures are those asked for.

use std::ops::Range;
use std::thread;

use lubdub_testkit::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Far more than the other threads of the test program ask for, or give back, meanwhile.
const MUCH: usize = 8 * 1024 * 1024;
const MANY: usize = 10_000;

/// The figures are of all threads, and the others run on: the number is met within a tenth.
fn about(number: usize, much: usize) -> Range<usize> {
    number.saturating_sub(much / 10)..number + much / 10
}

#[test]
fn a_thread_is_told_of_its_own_allocations_alone() {
    let before = Counting::on_this_thread();
    let mut kept: Vec<u64> = Vec::with_capacity(100);
    assert_eq!(Counting::on_this_thread() - before, 1);
    // Grows: copied to another piece, and the first given back.
    kept.extend(0..200);
    assert!(kept.iter().copied().eq(0..200));
    assert_eq!(Counting::on_this_thread() - before, 2);
    let zeroed = vec![0_u8; 4_096];
    assert!(zeroed.iter().all(|byte| *byte == 0));
    assert_eq!(Counting::on_this_thread() - before, 3);
    let elsewhere = thread::spawn(|| {
        let before = Counting::on_this_thread();
        drop(vec![1; 10]);
        Counting::on_this_thread() - before
    });
    assert_eq!(elsewhere.join().ok(), Some(1));
}

#[test]
fn bytes_are_those_that_are_held_now() {
    let bytes = Counting::bytes();
    let much: Vec<u8> = Vec::with_capacity(MUCH);
    assert!(about(bytes + MUCH, MUCH).contains(&Counting::bytes()));
    drop(much);
    assert!(about(bytes, MUCH).contains(&Counting::bytes()));
}

#[test]
fn blocks_are_those_that_are_held_now() {
    let blocks = Counting::blocks();
    let many: Vec<_> = (0..MANY).map(Box::new).collect();
    assert!(about(blocks + MANY, MANY).contains(&Counting::blocks()));
    drop(many);
    assert!(about(blocks, MANY).contains(&Counting::blocks()));
}
