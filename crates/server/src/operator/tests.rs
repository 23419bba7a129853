use http::Request;

use super::*;

const TOKEN: &str = "open-sesame-1234";

fn token() -> Token {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, TOKEN).unwrap();
    Token::read(file.path()).unwrap()
}

fn ask(gate: &OperatorGate, headers: &[(&str, &str)]) -> Result<String, Denied> {
    let mut request = Request::builder().method("DELETE").uri("/api/v1/services/orders/instances/a");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    gate.admit(&parts).map(|name| name.to_string())
}

#[test]
fn whoever_has_the_token_is_an_operator_under_the_name_that_they_give() {
    let gate = OperatorGate::new(Some(token()));
    assert_eq!(ask(&gate, &[("lubdub-operator-token", TOKEN)]), Ok("operator".to_owned()));
    for name in ["alice", "a", "alice@example.org:7", &"x".repeat(64)] {
        let given = [("lubdub-operator-token", TOKEN), ("lubdub-operator", name)];
        assert_eq!(ask(&gate, &given), Ok(name.to_owned()));
    }
    assert_eq!(gate.refusals(), 0);
}

#[test]
fn whoever_has_not_is_refused_and_counted() {
    let gate = OperatorGate::new(Some(token()));
    assert_eq!(ask(&gate, &[]), Err(Denied::NoToken));
    assert_eq!(ask(&gate, &[("lubdub-operator", "alice"), ("authorization", TOKEN)]), Err(Denied::NoToken));
    for wrong in ["", "open-sesame-123", "open-sesame-12345", "OPEN-SESAME-1234"] {
        assert_eq!(ask(&gate, &[("lubdub-operator-token", wrong)]), Err(Denied::WrongToken), "{wrong}");
    }
    let twice = [("lubdub-operator-token", TOKEN), ("lubdub-operator-token", TOKEN)];
    assert_eq!(ask(&gate, &twice), Err(Denied::WrongToken));
    assert_eq!(gate.refusals(), 7);
}

#[test]
fn without_a_token_there_are_no_operators() {
    let gate = OperatorGate::new(None);
    assert_eq!(ask(&gate, &[("lubdub-operator-token", TOKEN)]), Err(Denied::NoOperators));
    assert_eq!(gate.refusals(), 1);
}

#[test]
fn a_name_that_is_none_is_named() {
    let gate = OperatorGate::new(Some(token()));
    for name in ["", "two words", "naïve", &"x".repeat(65)] {
        let given = [("lubdub-operator-token", TOKEN), ("lubdub-operator", name)];
        let Err(Denied::BadName(fault)) = ask(&gate, &given) else { panic!("{name} was taken") };
        assert_eq!((fault.field.as_str(), fault.value.as_str()), ("lubdub-operator", name));
    }
    let twice = [("lubdub-operator-token", TOKEN), ("lubdub-operator", "a"), ("lubdub-operator", "b")];
    assert!(matches!(ask(&gate, &twice), Err(Denied::BadName(_))));
    // The token comes first: whoever has none learns nothing of names.
    assert_eq!(ask(&gate, &[("lubdub-operator", "two words")]), Err(Denied::NoToken));
}

#[test]
fn a_token_is_made_once_for_the_servers_account_alone() {
    let folder = tempfile::tempdir().unwrap();
    let first = kept_in(folder.path()).unwrap();
    let file = folder.path().join(FILE);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.trim().len(), 64);
    assert!(first.equals(text.trim().as_bytes()));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(kept_in(folder.path()).unwrap().equals(text.trim().as_bytes()));
    let other = tempfile::tempdir().unwrap();
    assert!(!kept_in(other.path()).unwrap().equals(text.trim().as_bytes()));
}

#[test]
fn what_a_start_left_behind_that_was_cut_off_is_no_token() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(UNFINISHED), "half").unwrap();
    assert!(!kept_in(folder.path()).unwrap().equals(b"half"));
    assert!(!folder.path().join(UNFINISHED).exists());
}

#[test]
fn a_file_that_holds_no_token_and_a_place_that_takes_none_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), "").unwrap();
    let told = kept_in(folder.path()).unwrap_err().to_string();
    assert!(told.contains("operator-token holds no token"), "{told}");
    let told = kept_in(&folder.path().join("none")).unwrap_err().to_string();
    assert!(told.contains("operator-token cannot be written"), "{told}");
}
