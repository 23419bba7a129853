//! [`Requests`]: how long requests took, by face, method, route and class of status.
//!
//! Renewals have a place of their own, found without a look-up and shared by few threads:
//! noting one costs a search among fourteen numbers and two relaxed additions, and no reading of
//! the clock that would not happen anyway (see `pulse`). All others are found in a map whose keys
//! are the routes that the faces have, so that no client makes it grow.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use http::{Method, StatusCode};
use lubdub_runtime::histogram::{Durations, Histogram, StripedHistogram};
use parking_lot::RwLock;

/// Which route a request took.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// A heartbeat, answered before anything else is parsed.
    Renewal,
    /// Refused before a face saw it.
    Refused(Word),
    /// To a face.
    Of(Word, Marked),
    /// None that is known.
    Unknown(Word),
    /// The registry's own beat: it has a counter of its own.
    OwnBeat,
}

impl Route {
    /// That of a request which a face answered; `marked` is what it said of it.
    pub(crate) fn to_face(method: Word, marked: Option<Marked>) -> Self {
        marked.map_or(Self::Unknown(method), |marked| Self::Of(method, marked))
    }
}

/// A method, as a label: those that nobody expects are one.
pub(crate) type Word = &'static str;

/// A method, as a label.
pub(crate) fn word(method: &Method) -> Word {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// What a face says of the route that a request took; in the extensions of the response.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    face: &'static str,
    template: Template,
}

/// A path with names in place of the parts that differ.
#[derive(Debug, Clone)]
enum Template {
    Own(&'static str),
    Matched(MatchedPath),
}

impl Template {
    fn as_str(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::Matched(path) => path.as_str(),
        }
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Template {}

impl PartialOrd for Template {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Template {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// A router whose responses say which route they came by. `own` knows a face's routes where it
/// does not leave them to the router.
pub(crate) fn marked(
    router: Router,
    face: &'static str,
    own: impl Fn(&str) -> Option<&'static str> + Clone + Send + Sync + 'static,
) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let matched = request.extensions().get::<MatchedPath>().cloned();
        let template =
            own(request.uri().path()).map(Template::Own).or_else(|| matched.map(Template::Matched));
        async move {
            let mut response = next.run(request).await;
            if let Some(template) = template {
                response.extensions_mut().insert(Marked { face, template });
            }
            response
        }
    }))
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    face: &'static str,
    method: Word,
    template: Template,
    class: &'static str,
}

/// How long requests took.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// By whether they were answered 200, 404, or anything else (400).
    renewals: [StripedHistogram; 3],
    others: RwLock<BTreeMap<Series, Arc<Histogram>>>,
}

/// One line of figures: the labels `face`, `method`, `route` and `status`, and what it took.
pub(crate) type Figure = ([String; 4], Durations);

const RENEWAL_CLASSES: [&str; 3] = ["2xx", "4xx", "5xx"];

impl Requests {
    /// A request was answered after so many nanoseconds.
    pub(crate) fn note(&self, route: &Route, status: StatusCode, nanos: u64) {
        let (face, method, template) = match route {
            Route::Renewal => {
                let class = RENEWAL_CLASSES.iter().position(|known| *known == class(status));
                if let Some(histogram) = class.and_then(|class| self.renewals.get(class)) {
                    histogram.note(nanos);
                }
                return;
            }
            Route::OwnBeat => return,
            Route::Refused(method) => ("server", *method, Template::Own("(refused)")),
            Route::Unknown(method) => ("server", *method, Template::Own("(unknown)")),
            Route::Of(method, Marked { face, template }) => (*face, *method, template.clone()),
        };
        let series = Series { face, method, template, class: class(status) };
        if let Some(histogram) = self.others.read().get(&series) {
            histogram.note(nanos);
            return;
        }
        self.others.write().entry(series).or_default().note(nanos);
    }

    /// All figures, in the order of their labels.
    pub(crate) fn read(&self) -> Vec<Figure> {
        let mut all: BTreeMap<Series, Durations> =
            self.others.read().iter().map(|(series, histogram)| (series.clone(), histogram.read())).collect();
        // Some renewals take the long way; they count with the others.
        for (histogram, class) in self.renewals.iter().zip(RENEWAL_CLASSES) {
            let template = Template::Own(lubdub_eureka::RENEWAL_ROUTE);
            let series = Series { face: "eureka", method: "PUT", template, class };
            all.entry(series).or_default().add(&histogram.read());
        }
        let seen = all.into_iter().filter(|(_, durations)| durations.count() > 0);
        seen.map(|(series, durations)| (series.labels(), durations)).collect()
    }
}

impl Series {
    fn labels(&self) -> [String; 4] {
        // Braces are allowed in a label, but some readers of this format stumble over them.
        let route = self.template.as_str().replace(['}', '*'], "").replace('{', ":");
        [self.face.to_owned(), self.method.to_owned(), route, self.class.to_owned()]
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    fn told(requests: &Requests) -> Vec<(String, u64)> {
        requests.read().into_iter().map(|(labels, took)| (labels.join(" "), took.count())).collect()
    }

    #[test]
    fn renewals_of_both_ways_are_one_series_for_each_class() {
        let requests = Requests::default();
        let long_way = Marked { face: "eureka", template: Template::Own(lubdub_eureka::RENEWAL_ROUTE) };
        requests.note(&Route::Renewal, StatusCode::OK, 1_000);
        requests.note(&Route::Renewal, StatusCode::NOT_FOUND, 1_000);
        requests.note(&Route::Of("PUT", long_way), StatusCode::OK, 1_000);
        requests.note(&Route::OwnBeat, StatusCode::OK, 1_000);
        let (renewed, unknown) = ("eureka PUT apps/:app/:id 2xx", "eureka PUT apps/:app/:id 4xx");
        assert_eq!(told(&requests), [(renewed.to_owned(), 2), (unknown.to_owned(), 1)]);
    }

    #[tokio::test]
    async fn no_client_makes_up_a_series() {
        let router = Router::new().route("/api/{service}/x", get(async || "ok"));
        let router = marked(router, "rest", |_| None);
        let requests = Requests::default();
        for (method, path) in
            [("GET", "/api/a/x"), ("GET", "/api/b/x"), ("BREW", "/api/c/x"), ("GET", "/nowhere")]
        {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = Request::builder().method(&method).uri(path).body(Body::empty()).unwrap();
            let mut response = router.clone().oneshot(request).await.unwrap();
            let route = Route::to_face(word(&method), response.extensions_mut().remove());
            requests.note(&route, response.status(), 1_000);
        }
        requests.note(&Route::Refused(word(&Method::TRACE)), StatusCode::UNAUTHORIZED, 1_000);
        let expected = [
            ("rest GET /api/:service/x 2xx", 2),
            ("rest other /api/:service/x 4xx", 1),
            ("server GET (unknown) 4xx", 1),
            ("server other (refused) 4xx", 1),
        ];
        assert_eq!(told(&requests), expected.map(|(labels, count)| (labels.to_owned(), count)));
    }
}
