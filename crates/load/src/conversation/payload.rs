//! [`Payload`]: the one message of Nacos' gRPC, which carries JSON (`nacos_grpc_service.proto`).

use std::collections::HashMap;

use prost::Message;
use serde_json::Value;

use super::Broken;

/// A request or an answer: a type's name, and JSON.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Payload {
    #[prost(message, optional, tag = "2")]
    metadata: Option<Metadata>,
    #[prost(message, optional, tag = "3")]
    body: Option<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Metadata {
    #[prost(string, tag = "3")]
    kind: String,
    #[prost(map = "string, string", tag = "7")]
    headers: HashMap<String, String>,
    #[prost(string, tag = "8")]
    client: String,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

impl Payload {
    pub(super) fn new(kind: &str, body: &Value) -> Self {
        let metadata =
            Metadata { kind: kind.to_owned(), headers: HashMap::new(), client: "127.0.0.1".to_owned() };
        Self { metadata: Some(metadata), body: Some(Any { value: body.to_string().into() }) }
    }

    pub(super) fn kind(&self) -> &str {
        self.metadata.as_ref().map_or("", |metadata| &metadata.kind)
    }

    pub(super) fn body(&self) -> Result<Value, Broken> {
        let value = self.body.as_ref().map_or(&[][..], |body| &body.value);
        serde_json::from_slice(value).map_err(Broken::by)
    }

    /// An answer that refuses nothing.
    pub(super) fn accepted(&self) -> Result<Value, Broken> {
        let body = self.body()?;
        match body.get("resultCode").and_then(Value::as_i64) {
            None | Some(200) => Ok(body),
            _ => Err(Broken::by(format_args!("{}: {body}", self.kind()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_comes_back_as_it_was_and_a_refusal_is_told() {
        let said = Payload::new("HealthCheckRequest", &json!({ "a": 1 }));
        let heard = Payload::decode(said.encode_to_vec().as_slice()).expect("it was encoded");
        assert_eq!((heard.kind(), heard.body().unwrap()), ("HealthCheckRequest", json!({ "a": 1 })));
        assert!(heard.accepted().is_ok());
        let refused = Payload::new("ErrorResponse", &json!({ "resultCode": 500, "message": "no" }));
        assert!(refused.accepted().unwrap_err().to_string().contains("no"));
    }
}
