//! [`Operator`]: who acts, and the token that lets them. The token is never shown.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::token;
use super::wire::Problem;
use crate::failure::Failure;

/// Where the token of operators is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenSource {
    /// In this file, which somebody named.
    Named(PathBuf),
    /// In this file, where a registry on this machine keeps it unless told otherwise.
    Usual(PathBuf),
    /// Nowhere: the registry is on another machine, and nobody named a file.
    Nowhere,
}

/// Who acts.
pub(crate) struct Operator {
    token: Option<String>,
    name: Option<String>,
    /// Why there is no token, and what was tried.
    source: TokenSource,
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_ref().map(|_| "…");
        f.debug_struct("Operator")
            .field("token", &token)
            .field("name", &self.name)
            .field("source", &self.source)
            .finish()
    }
}

const FLAG: &str = "--operator-token-file";

impl Operator {
    /// Somebody with the token from there, under a name that is recorded.
    ///
    /// # Errors
    ///
    /// A file that was named, or is where it should be, cannot be read or holds no token. That
    /// there is none in the usual place is told only when the registry wants one.
    pub(crate) fn new(source: TokenSource, name: Option<String>) -> Result<Self, Failure> {
        let token = match &source {
            TokenSource::Usual(file) if is_missing(file) => None,
            TokenSource::Named(file) | TokenSource::Usual(file) => Some(token::read(file, FLAG)?),
            TokenSource::Nowhere => None,
        };
        Ok(Self { token, name, source })
    }

    /// What every action carries.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let token = self.token.as_deref().map(|token| ("lubdub-operator-token", token));
        let name = self.name.as_deref().map(|name| ("lubdub-operator", name));
        token.into_iter().chain(name)
    }

    /// Why a registry does not let them act, and what to do.
    pub(super) fn refused(&self, server: &str, problem: &Problem) -> Failure {
        let get = "`lubdub serve` says at its start which file its operator token is in; read it with an \
                   account that may,\nor copy it, and name it with --operator-token-file FILE or \
                   LUBDUB_OPERATOR_TOKEN_FILE";
        if problem.says_no_operators() {
            let said = problem.in_words();
            let said = said.strip_prefix("nothing was done: ").unwrap_or(said);
            return Failure::told(format_args!("{server} lets no operator act: {said}"));
        }
        let what = match (&self.token, &self.source) {
            (Some(_), TokenSource::Named(file) | TokenSource::Usual(file)) => {
                format!("{server} does not take the operator token in {}", shown(file))
            }
            (_, TokenSource::Usual(file)) => {
                format!("{server} wants an operator token, and there is none in {}", shown(file))
            }
            _ => format!("{server} wants an operator token; on another machine none is looked for"),
        };
        Failure::new(what, get)
    }
}

fn is_missing(file: &Path) -> bool {
    matches!(std::fs::metadata(file), Err(error) if error.kind() == ErrorKind::NotFound)
}

fn shown(file: &Path) -> String {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned()).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "http://127.0.0.1:8761";

    fn told(operator: &Operator, kind: &str) -> String {
        let body = format!(
            r#"{{"type":"urn:lubdub:problem:{kind}","detail":"nothing was done: in memory; use a file"}}"#
        );
        operator.refused(SERVER, &Problem::read(&body).unwrap()).to_string()
    }

    #[test]
    fn a_token_that_is_missing_is_told_with_where_it_was_looked_for_and_how_to_get_it() {
        let file = PathBuf::from("/nowhere/lubdub-data/operator-token");
        let operator = Operator::new(TokenSource::Usual(file), None).unwrap();
        assert_eq!(operator.headers().count(), 0);
        let told = told(&operator, "operator-token-missing");
        assert!(told.contains("there is none in /nowhere/lubdub-data/operator-token"), "{told}");
        assert!(told.contains("--operator-token-file FILE or LUBDUB_OPERATOR_TOKEN_FILE"), "{told}");
    }

    #[test]
    fn on_another_machine_no_file_is_looked_for() {
        let operator = Operator::new(TokenSource::Nowhere, None).unwrap();
        let told = told(&operator, "operator-token-missing");
        assert!(told.contains("on another machine none is looked for"), "{told}");
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let source = TokenSource::Named("/nowhere/token".into());
        let told = Operator::new(source, None).unwrap_err().to_string();
        assert!(told.contains("/nowhere/token") && told.contains("--operator-token-file FILE"), "{told}");
    }

    #[test]
    fn a_token_that_is_wrong_is_told_by_its_file_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("operator-token");
        std::fs::write(&file, "correct-horse\n").unwrap();
        let operator = Operator::new(TokenSource::Usual(file.clone()), Some("alice".to_owned())).unwrap();
        let headers: Vec<_> = operator.headers().collect();
        assert_eq!(headers, [("lubdub-operator-token", "correct-horse"), ("lubdub-operator", "alice")]);
        let told = told(&operator, "operator-token-wrong");
        assert!(told.contains(&format!("not take the operator token in {}\n", file.display())), "{told}");
        assert!(!format!("{told}{operator:?}").contains("horse"));
    }

    #[test]
    fn a_registry_that_has_no_operators_says_so_itself() {
        let operator = Operator::new(TokenSource::Nowhere, None).unwrap();
        let told = told(&operator, "no-operator-token");
        assert!(told.ends_with("lets no operator act: in memory\n  use a file"), "{told}");
    }
}
