//! Paths → handlers, below each of the prefixes `/eureka`, `/eureka/v2`, `/eureka/v1`, `/v2`.
//!
//! | method and path | handler |
//! | --- | --- |
//! | `PUT apps/{app}/{id}` | `renewal::renewed` (clients' mostly by `EurekaFace::renewal`) |
//! | `POST apps/{app}` | `registration::register` |
//! | `DELETE apps/{app}/{id}` | `registration::cancel` |
//! | `PUT apps/{app}/{id}/status` | `operator::set_override` |
//! | `DELETE apps/{app}/{id}/status` | `operator::clear_override` |
//! | `PUT apps/{app}/{id}/metadata` | `operator::add_metadata` |
//! | `GET apps` | `reads::all` |
//! | `GET apps/delta` | `reads::delta` |
//! | `GET apps/{app}` | `reads::application` |
//! | `GET apps/{app}/{id}` | `reads::instance` |
//! | `GET instances/{id}` | `reads::instance_by_id` |
//! | `GET vips/{vip}`, `GET svips/{svip}` | `reads::by_vip` |
//! | `GET status` | `server::status` |
//! | `GET serverinfo/statusoverrides` (also at the root) | `server::overrides` |
//! | `PUT asg/{name}/status` | 400: there are no groups of Amazon's to switch |
//!
//! Matched by segments and not by a router's patterns, because slashes may be doubled or trail
//! and names may hold encoded ones. `HEAD` is answered as `GET`; anything else is 404 or 405,
//! without a body.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::Method;
use http::request::Parts;

use crate::error::Refusal;
use crate::face::EurekaFace;
use crate::negotiate::sender;
use crate::path::{BadEncoding, Place, Scratch};
use crate::wire::Version;

/// What the router catches for `dispatch`.
const CAUGHT: [&str; 9] = [
    "/eureka",
    "/eureka/",
    "/eureka/{*rest}",
    "//eureka/{*rest}",
    "/v2",
    "/v2/",
    "/v2/{*rest}",
    "//v2/{*rest}",
    "/serverinfo/statusoverrides",
];

impl EurekaFace {
    /// Everything that this face serves, heartbeats included. The peer's address is read from
    /// the extension `ConnectInfo<SocketAddr>`, if the server sets it.
    pub fn router(&self) -> Router {
        let router = CAUGHT.iter().fold(Router::new(), |router, path| router.route(path, any(dispatch)));
        router.with_state(self.clone())
    }
}

/// The route of a path, without its prefix and with names in place of the parts that differ: for
/// figures by route, of which there must not be as many as there are paths.
pub fn route(path: &str) -> Option<&'static str> {
    let place = Place::read(path)?;
    Target::of(place.segments()).map(|target| target.route())
}

/// What a path means, whatever the method.
enum Target<'a> {
    All,
    Delta,
    Application(&'a str),
    Instance(&'a str, &'a str),
    Override(&'a str, &'a str),
    Metadata(&'a str, &'a str),
    ById(&'a str),
    Vip { name: &'a str, secure: bool },
    ScalingGroup,
    Status,
    Overrides,
}

impl<'a> Target<'a> {
    fn of(segments: &[&'a str]) -> Option<Self> {
        Some(match *segments {
            ["apps"] => Self::All,
            ["apps", "delta"] => Self::Delta,
            ["apps", app] => Self::Application(app),
            ["apps", app, id] => Self::Instance(app, id),
            ["apps", app, id, "status"] => Self::Override(app, id),
            ["apps", app, id, "metadata"] => Self::Metadata(app, id),
            ["instances", id] => Self::ById(id),
            ["vips", name] => Self::Vip { name, secure: false },
            ["svips", name] => Self::Vip { name, secure: true },
            ["asg", _, "status"] => Self::ScalingGroup,
            ["status"] => Self::Status,
            ["serverinfo", "statusoverrides"] => Self::Overrides,
            _ => return None,
        })
    }

    fn route(&self) -> &'static str {
        match self {
            Self::All => "apps",
            Self::Delta => "apps/delta",
            Self::Application(_) => "apps/:app",
            Self::Instance(..) => RENEWAL_ROUTE,
            Self::Override(..) => "apps/:app/:id/status",
            Self::Metadata(..) => "apps/:app/:id/metadata",
            Self::ById(_) => "instances/:id",
            Self::Vip { secure: false, .. } => "vips/:name",
            Self::Vip { secure: true, .. } => "svips/:name",
            Self::ScalingGroup => "asg/:name/status",
            Self::Status => "status",
            Self::Overrides => "serverinfo/statusoverrides",
        }
    }

    /// The same with its names decoded.
    fn decoded(self, first: &'a mut Scratch, second: &'a mut Scratch) -> Result<Self, BadEncoding> {
        Ok(match self {
            Self::Application(app) => Self::Application(first.decode(app)?),
            Self::Instance(app, id) => Self::Instance(first.decode(app)?, second.decode(id)?),
            Self::Override(app, id) => Self::Override(first.decode(app)?, second.decode(id)?),
            Self::Metadata(app, id) => Self::Metadata(first.decode(app)?, second.decode(id)?),
            Self::ById(id) => Self::ById(first.decode(id)?),
            Self::Vip { name, secure } => Self::Vip { name: first.decode(name)?, secure },
            Self::All | Self::Delta | Self::ScalingGroup | Self::Status | Self::Overrides => self,
        })
    }
}

/// The route of heartbeats, among others.
pub const RENEWAL_ROUTE: &str = "apps/:app/:id";

async fn dispatch(State(face): State<EurekaFace>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    face.answer(&parts, body).await.unwrap_or_else(IntoResponse::into_response)
}

impl EurekaFace {
    async fn answer(&self, parts: &Parts, body: Body) -> Result<Response, Refusal> {
        let place = Place::read(parts.uri.path()).ok_or(Refusal::NotFound)?;
        let (mut first, mut second) = (Scratch::default(), Scratch::default());
        let target =
            Target::of(place.segments()).ok_or(Refusal::NotFound)?.decoded(&mut first, &mut second)?;
        match (&parts.method, target) {
            (&Method::GET | &Method::HEAD, target) => self.read(target, parts, place.version).await,
            (&Method::POST, Target::Application(app)) => Ok(self.register(app, parts, body).await),
            (&Method::PUT, Target::Instance(app, id)) => {
                self.renewed(app, id, parts.uri.query(), &parts.headers, sender(parts)).await
            }
            (&Method::DELETE, Target::Instance(app, id)) => self.cancel(app, id, parts).await,
            (&Method::PUT, Target::Override(app, id)) => self.set_override(app, id, parts).await,
            (&Method::DELETE, Target::Override(app, id)) => self.clear_override(app, id, parts).await,
            (&Method::PUT, Target::Metadata(app, id)) => self.add_metadata(app, id, parts).await,
            (&Method::PUT, Target::ScalingGroup) => Err(Refusal::Unreadable),
            _ => Err(Refusal::MethodNotAllowed),
        }
    }

    async fn read(&self, target: Target<'_>, parts: &Parts, version: Version) -> Result<Response, Refusal> {
        match target {
            Target::All => self.all(parts, version).await,
            Target::Delta => self.delta(parts, version).await,
            Target::Application(app) => self.application(app, parts, version).await,
            Target::Instance(app, id) => self.instance(app, id, parts, version),
            Target::ById(id) => self.instance_by_id(id, parts, version),
            Target::Vip { name, secure } => self.by_vip(name, secure, parts, version).await,
            Target::Status => Ok(self.status(parts)),
            Target::Overrides => self.overrides().await,
            Target::Override(..) | Target::Metadata(..) | Target::ScalingGroup => {
                Err(Refusal::MethodNotAllowed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_differ_by_names_alone_have_one_route() {
        for (path, expected) in [
            ("/eureka/apps/ORDERS/web-1", Some(RENEWAL_ROUTE)),
            ("/v2//apps/a%2Fb/x/", Some(RENEWAL_ROUTE)),
            ("/eureka/apps/delta", Some("apps/delta")),
            ("/eureka/v2/svips/x,y", Some("svips/:name")),
            ("/eureka/lastn", None),
            ("/api/v1/services", None),
        ] {
            assert_eq!(route(path), expected, "{path}");
        }
    }
}
