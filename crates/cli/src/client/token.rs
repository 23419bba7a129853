//! The tokens that a registry may want, from files: never on the command line, where every user of
//! the machine could read it.

use std::path::Path;

use crate::failure::Failure;

/// The `Authorization` header for the token in this file.
pub(super) fn bearer(file: &Path) -> Result<String, Failure> {
    read(file, "--token-file").map(|token| format!("Bearer {token}"))
}

/// The token in this file, which was named with that flag.
pub(crate) fn read(file: &Path, flag: &str) -> Result<String, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(
            format_args!("cannot read the token in {shown}: {error}"),
            format_args!("give a file that holds one token with {flag} FILE"),
        )
    })?;
    let token = text.trim();
    let printable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !printable {
        return Err(Failure::new(
            format_args!("{shown} holds no token"),
            "expected one line of printable characters without blanks",
        ));
    }
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_file_holds_one_token() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        for (text, good) in [("secret\n", true), ("", false), ("two words", false), ("naïve", false)] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(bearer(&file).is_ok(), good, "{text:?}");
        }
        let told = bearer(&folder.path().join("none")).unwrap_err().to_string();
        assert!(told.contains("cannot read the token"), "{told}");
    }
}
