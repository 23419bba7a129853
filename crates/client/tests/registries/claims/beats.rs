//! Beats, and what becomes of those who have none.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use lubdub_client::{Availability, State};

use super::{pause, until_listed};
use crate::beds::Bed;

pub(crate) async fn beats_keep_an_instance_beyond_its_time_out_and_who_vanishes_is_gone(bed: &Bed) {
    let (registry, vanishing) = (bed.hasty(), bed.hasty());
    let (a, b) = (bed.instance().await, bed.instance().await);
    let stays = registry.provide(a.instance.clone()).await.unwrap();
    let vanishes = vanishing.provide(b.instance.clone()).await.unwrap();
    let consumer = registry.consume(bed.service()).await.unwrap();
    consumer.until(|all| all.len() == 2).await;
    vanishes.abandon();
    drop(vanishing);
    consumer.until(|all| all.len() == 1).await;
    // Four beats take longer than the time-out: the other is kept by nothing else.
    let status = stays.until(|status| status.beats >= 4).await;
    assert_eq!((status.registrations, status.forgotten), (1, 0));
    assert_eq!(consumer.endpoints()[0].instance.id, stays.instance().id);
}

pub(crate) async fn beats_pass_while_the_program_is_stuck_in_sending_a_hundred_megabytes(bed: &Bed) {
    const PIECE: usize = 20_000_000;
    let (registry, direct) = (bed.hasty(), bed.direct());
    let served = bed.instance().await;
    let provider = registry.provide(served.instance.clone()).await.unwrap();
    let consumer = direct.consume(bed.service()).await.unwrap();
    consumer.until(|all| all.len() == 1).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut sending = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut slow, _) = listener.accept().unwrap();
    let sender = std::thread::spawn(move || sending.write_all(&vec![0; 5 * PIECE]).unwrap());
    let registrations = provider.status().registrations;
    // A piece is taken only when another beat was answered: the whole takes longer than the time-out.
    let mut piece = vec![0; PIECE];
    for _ in 0..5 {
        let beats = provider.status().beats;
        provider.until(|status| status.beats > beats).await;
        slow.read_exact(&mut piece).unwrap();
        assert_eq!(consumer.endpoints().len(), 1);
    }
    sender.join().unwrap();
    assert_eq!((provider.status().registrations, provider.status().forgotten), (registrations, 0));
}

pub(crate) async fn who_leaves_is_out_and_beats_no_more_while_others_do(bed: &Bed) {
    let registry = bed.registry();
    let (a, b) = (bed.instance().await, bed.instance().await);
    let leaves = registry.provide(a.instance.clone()).await.unwrap();
    let stays = registry.provide(b.instance.clone()).await.unwrap();
    let consumer = bed.registry().consume(bed.service()).await.unwrap();
    consumer.until(|all| all.len() == 2).await;
    drop(leaves);
    consumer.until(|all| all.len() == 1).await;
    until_listed(&registry, bed.service(), (1, 0)).await;
    // A beat of whoever left would register it again: that its lease is unknown is how others are told.
    let beats = stays.status().beats;
    stays.until(|status| status.beats > beats + 3).await;
    until_listed(&registry, bed.service(), (1, 0)).await;
    assert_eq!(stays.status().registrations, 1);
}

pub(crate) async fn what_the_registry_forgot_is_registered_again_with_its_former_availability(bed: &Bed) {
    let registry = bed.registry();
    let (a, b) = (bed.instance().await, bed.instance().await);
    let offered = registry.provide_unavailable(a.instance.clone()).await.unwrap();
    let hidden = registry.provide_unavailable(b.instance.clone()).await.unwrap();
    offered.open();
    offered.until(|status| status.availability == Some(Availability::Available)).await;
    until_listed(&registry, bed.service(), (1, 1)).await;
    bed.forget(&a.instance);
    bed.forget(&b.instance);
    for (provider, expected) in [(&offered, Availability::Available), (&hidden, Availability::Unavailable)] {
        let status = provider.until(|status| status.registrations == 2).await;
        assert_eq!(status.availability, Some(expected));
        assert!(status.forgotten >= 1);
    }
    until_listed(&registry, bed.service(), (1, 1)).await;
    let status = offered.until(|status| status.state == State::Registered).await;
    assert!(status.last_error.is_none());
}

pub(crate) async fn who_was_cut_off_beyond_its_time_out_is_back_with_its_former_availability(bed: &Bed) {
    let (registry, direct) = (bed.hasty(), bed.direct());
    let (a, b) = (bed.instance().await, bed.instance().await);
    let offered = registry.provide(a.instance.clone()).await.unwrap();
    let hidden = registry.provide_unavailable(b.instance.clone()).await.unwrap();
    until_listed(&direct, bed.service(), (1, 1)).await;
    bed.proxy.swallow();
    // Its lease, its check or its session ends; some list it a while longer, offered by none.
    while direct.lookup(bed.service()).await.unwrap().iter().any(|one| one.availability.is_available()) {
        pause().await;
    }
    bed.proxy.heal();
    until_listed(&direct, bed.service(), (1, 1)).await;
    let found = direct.lookup(bed.service()).await.unwrap();
    for one in found {
        assert_eq!(one.availability.is_available(), one.instance.id == offered.instance().id);
    }
    offered.registered().await;
    hidden.registered().await;
}
