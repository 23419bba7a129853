//! [`Draft`]: one operation, put together from what is special about it.

use utoipa::ToSchema;
use utoipa::openapi::path::{OperationBuilder, Parameter, PathItem};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, HttpMethod, Ref, RefOr, Required, Schema};

use super::refusals::{self, Shared};
use super::{ACCESS, OPERATOR, parameters};
use crate::error::Problem;

/// An operation as it is described, and the schemas that it needs.
pub(super) struct Operation {
    pub(super) path: &'static str,
    pub(super) item: PathItem,
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
}

/// An operation that is being put together.
pub(super) struct Draft {
    method: HttpMethod,
    path: &'static str,
    for_operators: bool,
    built: OperationBuilder,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Draft {
    /// Something that anyone may read.
    pub(super) fn reads(path: &'static str, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, path, id, summary, false)
    }

    /// Something that only operators may do.
    pub(super) fn acts(method: HttpMethod, path: &'static str, id: &str, summary: &str) -> Self {
        let draft = Self::new(method, path, id, summary, true);
        draft.parameter(parameters::operator()).refused([Shared::NotForYou])
    }

    fn new(method: HttpMethod, path: &'static str, id: &str, summary: &str, for_operators: bool) -> Self {
        let built = OperationBuilder::new().operation_id(Some(id)).summary(Some(summary));
        let mut draft = Self { method, path, for_operators, built, schemas: Vec::new() };
        draft.reference::<Problem>();
        draft.refused(refusals::OF_ALL)
    }

    /// More than the summary.
    pub(super) fn about(mut self, description: &str) -> Self {
        self.built = self.built.description(Some(description));
        self
    }

    pub(super) fn parameter(mut self, parameter: Parameter) -> Self {
        self.built = self.built.parameter(parameter);
        self
    }

    pub(super) fn parameters(self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        parameters.into_iter().fold(self, Self::parameter)
    }

    /// A JSON body, which must be there.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        let content = Content::new(Some(self.reference::<T>()));
        let body: RequestBody = RequestBodyBuilder::new()
            .content("application/json", content)
            .required(Some(Required::True))
            .build();
        self.built = self.built.request_body(Some(body));
        self
    }

    /// What is answered when all is well, as JSON.
    pub(super) fn answers<T: ToSchema>(self, description: &str) -> Self {
        self.answers_with::<T>("200", description)
    }

    /// What is answered with a status, as JSON.
    pub(super) fn answers_with<T: ToSchema>(mut self, status: &str, description: &str) -> Self {
        let content = Content::new(Some(self.reference::<T>()));
        self.with(
            status,
            ResponseBuilder::new().description(description).content("application/json", content),
        )
    }

    /// What is answered, put together elsewhere.
    pub(super) fn with(mut self, status: &str, response: ResponseBuilder) -> Self {
        self.built = self.built.response(status, response.build());
        self
    }

    /// Refusals that are described once, for all.
    pub(super) fn refused(mut self, refusals: impl IntoIterator<Item = Shared>) -> Self {
        for refusal in refusals {
            self.built = self.built.response(refusal.status(), RefOr::<Response>::Ref(refusal.reference()));
        }
        self
    }

    /// A schema that the operation needs beside its answers.
    pub(super) fn reference<T: ToSchema>(&mut self) -> Ref {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name())
    }

    /// The operation, with what it takes to be asked.
    pub(super) fn described(mut self) -> Operation {
        let none = [""; 0];
        // Most registries ask nobody for an access token: alone, the rest is enough.
        let alone = if self.for_operators {
            SecurityRequirement::new(OPERATOR, none)
        } else {
            SecurityRequirement::default()
        };
        self.built = self.built.security(alone.clone());
        for access in ACCESS {
            self.built = self.built.security(alone.clone().add(access, none));
        }
        let Self { method, path, built, schemas, .. } = self;
        Operation { path, item: PathItem::new(method, built), schemas }
    }
}
