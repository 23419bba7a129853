//! The example runs.

#[expect(dead_code, reason = "the test is another way to begin than its `main`")]
#[path = "../examples/framed.rs"]
mod framed;

#[tokio::test]
async fn the_example_of_a_framed_link_lives_on_its_beats_and_ends_in_order() {
    let (consumer, provider) = framed::run().await.unwrap();
    assert_eq!(consumer, "LUB, and still there");
    assert_eq!(provider, "the other end closed the connection");
}
