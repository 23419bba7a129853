//! [`Problem`]: why a request was refused (RFC 9457).

use serde::Deserialize;

/// Why a request was refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: Option<String>,
}

impl Problem {
    /// The problem that a body tells, if it tells one.
    pub(crate) fn read(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok().filter(|problem: &Self| problem.kind.starts_with("urn:lubdub:"))
    }

    /// Whether it says that what was asked for is not there, rather than that the question has
    /// no such path.
    pub(crate) fn is_absence(&self) -> bool {
        !self.is_unknown_path()
    }

    /// Whether it says that the registry has no such path, as one that is older would.
    pub(crate) fn is_unknown_path(&self) -> bool {
        self.kind.ends_with(":unknown-path")
    }

    /// Whether it is about who may act, rather than about who may ask at all.
    pub(crate) fn is_about_operators(&self) -> bool {
        self.kind.contains("operator")
    }

    /// Whether it says that the registry lets no operator act at all.
    pub(crate) fn says_no_operators(&self) -> bool {
        self.kind.ends_with(":no-operator-token")
    }

    /// The registry's reason for people.
    pub(crate) fn in_words(&self) -> &str {
        self.detail.as_deref().unwrap_or(&self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_problem_of_a_registry_is_read_as_one() {
        let absent = r#"{"type":"urn:lubdub:problem:unknown-instance","title":"t","detail":"no such"}"#;
        let problem = Problem::read(absent).unwrap();
        assert!(problem.is_absence());
        assert_eq!(problem.in_words(), "no such");
        assert!(
            !Problem::read(r#"{"type":"urn:lubdub:problem:unknown-path","title":"t"}"#).unwrap().is_absence()
        );
        assert!(Problem::read(r#"{"title":"t"}"#).is_none());
        assert!(Problem::read("<html>").is_none());
    }
}
