//! [`Outcome`]: what an answer says of the endpoint that gave it.

use http::{HeaderMap, StatusCode};
use tonic::Code;

/// What an answer says of the endpoint that gave it. A business error says that it is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    /// It answered.
    Answered,
    /// It could not serve, or not in time.
    Failed,
}

impl Outcome {
    /// `UNAVAILABLE` is what servers say that are overloaded or leave, and `DEADLINE_EXCEEDED` what is said when one did not
    /// answer in time; every other code is a program's answer to its caller.
    pub(super) const fn of_code(code: Code) -> Self {
        match code {
            Code::Unavailable | Code::DeadlineExceeded => Self::Failed,
            _ => Self::Answered,
        }
    }

    /// Of an answer's head: `None` while its end is still to say.
    pub(super) fn of_head(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        if matches!(
            status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        ) {
            // What stands between here and there says that there is nobody.
            return Some(Self::Failed);
        }
        Self::of_trailers(headers)
    }

    /// Of an answer's last words.
    pub(super) fn of_trailers(trailers: &HeaderMap) -> Option<Self> {
        let code = trailers.get("grpc-status")?;
        Some(Self::of_code(Code::from_bytes(code.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn said(code: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), HeaderValue::from_static(code))])
    }

    #[test]
    fn a_business_error_is_an_answer_and_a_server_that_cannot_serve_is_none() {
        for answered in ["0", "2", "3", "5", "7", "8", "12", "13", "16", "nonsense"] {
            assert_eq!(
                Outcome::of_head(StatusCode::OK, &said(answered)),
                Some(Outcome::Answered),
                "{answered}"
            );
        }
        for failed in ["4", "14"] {
            assert_eq!(Outcome::of_trailers(&said(failed)), Some(Outcome::Failed), "{failed}");
        }
    }

    #[test]
    fn a_head_without_a_code_leaves_it_to_the_end_unless_a_proxy_says_that_nobody_is_there() {
        assert_eq!(Outcome::of_head(StatusCode::OK, &HeaderMap::new()), None);
        assert_eq!(Outcome::of_head(StatusCode::NOT_FOUND, &HeaderMap::new()), None);
        for nobody in [502, 503, 504] {
            let status = StatusCode::from_u16(nobody).unwrap();
            assert_eq!(Outcome::of_head(status, &HeaderMap::new()), Some(Outcome::Failed));
        }
    }
}
