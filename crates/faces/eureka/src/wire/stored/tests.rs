use super::*;

const FACTS: Facts<'static> = Facts {
    id_given: true,
    host_name: "h",
    port: 80,
    port_enabled: true,
    secure_port: 443,
    secure_port_enabled: false,
    country_id: 1,
    data_center: StoredDataCenter::MyOwn,
    sid: None,
    home_page_url: Some("u"),
    status_page_url: None,
    health_check_url: None,
    secure_health_check_url: None,
    vip_address: Some("v"),
    secure_vip_address: None,
    asg_name: None,
    app_group_name: None,
};

#[test]
fn facts_come_back_and_their_bytes_stay_as_they_are_on_disk() {
    let amazon = StoredDataCenter::Amazon(vec![("a", "b")]);
    let facts = Facts { data_center: amazon, app_group_name: Some("G"), ..FACTS };
    let origin = facts.origin(PLAIN_WITH_GROUP);
    assert_eq!(StoredFacts::of(Some(&origin), "elsewhere", None).unwrap().facts, facts);
    let on_disk: &[u8] =
        &[1, 1, b'h', 80, 1, 0xbb, 3, 0, 2, 2, 1, 1, b'a', 1, b'b', 0, 1, 1, b'u', 0, 0, 0, 1, 1, b'v', 0, 0];
    assert_eq!(&*origin.bytes, [on_disk, &[1, 1, b'G']].concat());
    // The version before knew the group by the instance alone.
    let before = Origin { face: FACE.into(), version: PLAIN, bytes: on_disk.into() };
    assert_eq!(StoredFacts::of(Some(&before), "elsewhere", Some("G")).unwrap().facts, facts);
}

#[test]
fn abbreviated_facts_come_back_whole_and_their_bytes_stay_as_they_are_on_disk() {
    let facts = Facts {
        host_name: "n",
        home_page_url: Some("http://n:80/"),
        health_check_url: Some("http://10.0.0.7:80/h"),
        ..FACTS
    };
    let origin = facts.to_origin("10.0.0.7");
    let stored = StoredFacts::of(Some(&origin), "10.0.0.7", None).unwrap();
    assert_eq!(stored.facts.host_name, "n");
    assert_eq!(stored.addresses.whole(stored.facts.home_page_url).as_deref(), facts.home_page_url);
    assert_eq!(stored.addresses.whole(stored.facts.health_check_url).as_deref(), facts.health_check_url);
    let on_disk =
        b"\x01\x01n\x50\x01\xbb\x03\x00\x02\x00\x00\x01\x0chttp://\x02:80/\x00\x01\x0dhttp://\x01:80/h";
    assert_eq!(origin.bytes.get(..on_disk.len()), Some(&on_disk[..]), "{:?}", origin.bytes);
    // Without the group at its end it is what the version before wrote.
    let (_, bytes) = origin.bytes.split_last().unwrap();
    let before = Origin { face: FACE.into(), version: ABBREVIATED, bytes: bytes.into() };
    assert_eq!(StoredFacts::of(Some(&before), "10.0.0.7", None).unwrap().facts, stored.facts);
}

#[test]
fn instances_of_one_service_on_several_hosts_store_the_same() {
    let stored = |host: &str| {
        let home = format!("http://{host}:80/");
        let health = format!("http://{host}:80/health");
        let facts =
            Facts { host_name: host, home_page_url: Some(&home), health_check_url: Some(&health), ..FACTS };
        facts.to_origin(host)
    };
    assert_eq!(stored("10.0.0.1"), stored("10.0.0.22"));
}

#[test]
fn a_text_that_holds_a_mark_is_stored_as_it_is() {
    let facts = Facts { home_page_url: Some("http://h\u{1}/"), ..FACTS };
    let origin = facts.to_origin("h");
    let stored = StoredFacts::of(Some(&origin), "h", None).unwrap();
    assert_eq!(stored.facts, facts);
    assert_eq!(stored.addresses.whole(facts.home_page_url).as_deref(), facts.home_page_url);
}

#[test]
fn what_another_face_or_version_wrote_is_not_read() {
    let other =
        |face: &str, version, bytes: &[u8]| Origin { face: face.into(), version, bytes: bytes.into() };
    for origin in [other("consul", 1, &[]), other(FACE, 5, &[]), other(FACE, 1, &[1, 2])] {
        assert!(StoredFacts::of(Some(&origin), "h", None).is_none());
    }
}
