//! [`Shared`]: the refusals that operations have in common, described once.

use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Content, Header, Object, Ref, Type};

/// A refusal that several operations have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    Invalid,
    Unauthorized,
    NotForYou,
    UnknownInstance,
    NotAvailable,
    NothingToRelease,
    TooSlow,
    TooLarge,
    ForeignContent,
    ForeignHost,
    Defect,
    Busy,
}

/// Those that any operation may be answered with.
pub(super) const OF_ALL: [Shared; 8] = [
    Shared::Invalid,
    Shared::Unauthorized,
    Shared::TooSlow,
    Shared::TooLarge,
    Shared::ForeignContent,
    Shared::ForeignHost,
    Shared::Defect,
    Shared::Busy,
];

const ALL: [Shared; 12] = [
    Shared::Invalid,
    Shared::Unauthorized,
    Shared::NotForYou,
    Shared::UnknownInstance,
    Shared::NotAvailable,
    Shared::NothingToRelease,
    Shared::TooSlow,
    Shared::TooLarge,
    Shared::ForeignContent,
    Shared::ForeignHost,
    Shared::Defect,
    Shared::Busy,
];

impl Shared {
    fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Invalid => (
                "Invalid",
                "400",
                "A parameter, header, path or body is not as it should be (`invalid-field`); no `Host` or several \
                 (`no-host`); a body that broke off (`body-broken`).",
            ),
            Self::Unauthorized => (
                "Unauthorized",
                "401",
                "The operator token is missing (`operator-token-missing`, a problem document), or the registry asks \
                 for an access token and none, or a wrong one, was sent (no body).",
            ),
            Self::NotForYou => (
                "NotForYou",
                "403",
                "The operator token is wrong (`operator-token-wrong`); there is none (`no-operator-token`); a web \
                 page of another origin asks (`foreign-origin`). Nothing was done.",
            ),
            Self::UnknownInstance => {
                ("UnknownInstance", "404", "There is no such instance (`unknown-instance`).")
            }
            Self::NotAvailable => {
                ("NotAvailable", "404", "This registry has no such thing (`not-available`).")
            }
            Self::NothingToRelease => (
                "NothingToRelease",
                "409",
                "There is nothing to release (`nothing-to-release`); nothing was done.",
            ),
            Self::TooSlow => ("TooSlow", "408", "A body did not come in time (`body-too-slow`)."),
            Self::TooLarge => {
                ("TooLarge", "413", "A body is larger than `limits.max_body_bytes` (`body-too-large`).")
            }
            Self::ForeignContent => ("ForeignContent", "415", "A body is not JSON (`foreign-content`)."),
            Self::ForeignHost => (
                "ForeignHost",
                "421",
                "On a loopback listener: the `Host` is not this machine's loopback (`foreign-host`).",
            ),
            Self::Defect => ("Defect", "500", "A defect of the registry; its log says more (`defect`)."),
            Self::Busy => (
                "Busy",
                "503",
                "Not now (`busy`, `too-many-subscribers`, `limit-reached`, `stopping`); a bare answer where there \
                 are too many connections. `Retry-After` says when.",
            ),
        }
    }

    /// Its status.
    pub(super) fn status(self) -> &'static str {
        self.told().1
    }

    /// Where it is described.
    pub(super) fn reference(self) -> Ref {
        Ref::from_response_name(self.told().0)
    }

    fn described(self) -> (&'static str, Response) {
        let (name, _, description) = self.told();
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response =
            ResponseBuilder::new().description(description).content("application/problem+json", problem);
        let response = match self {
            Self::Unauthorized => response.header("WWW-Authenticate", text("How to prove who asks.")),
            Self::Busy => response.header("Retry-After", text("Try again after so many seconds.")),
            _ => response,
        };
        (name, response.build())
    }
}

fn text(description: &str) -> Header {
    let mut header = Header::new(Object::with_type(Type::String));
    header.description = Some(description.to_owned());
    header
}

/// All of them, by the names under which they are referred to.
pub(super) fn components() -> impl Iterator<Item = (&'static str, Response)> {
    ALL.into_iter().map(Shared::described)
}
