//! Reads. Every one is of the newest catalog: there is no response cache that could be stale.

use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use lubdub_core::view::Listed;

use crate::answer;
use crate::convert::{has_vip, service_name};
use crate::error::Refusal;
use crate::face::EurekaFace;
use crate::negotiate::Wanted;
use crate::render::{self, Form};
use crate::wire::Version;

impl EurekaFace {
    /// `GET apps`. `regions` is accepted and means nothing: there are no remote regions.
    pub(crate) async fn all(&self, parts: &Parts, version: Version) -> Result<Response, Refusal> {
        let (wanted, form) = asked(parts, version);
        let (catalog, now) = (self.handle.catalog(), self.handle.now());
        let instances = catalog.counts().total();
        let render = move |renderer: &_| render::applications(renderer, &catalog, form, wanted.coding, now);
        let body = self.renderer.document(instances, render).await?;
        Ok(answer::document(form.format, wanted.coding, body))
    }

    /// `GET apps/delta`.
    pub(crate) async fn delta(&self, parts: &Parts, version: Version) -> Result<Response, Refusal> {
        if !self.config.delta {
            return Err(Refusal::SwitchedOff);
        }
        let (wanted, form) = asked(parts, version);
        let (catalog, now) = (self.handle.catalog(), self.handle.now());
        let instances = catalog.delta().len();
        let render = move |renderer: &_| render::delta(renderer, &catalog, form, wanted.coding, now);
        let body = self.renderer.document(instances, render).await?;
        Ok(answer::document(form.format, wanted.coding, body))
    }

    /// `GET apps/{app}`: 404 where it has no instance.
    pub(crate) async fn application(
        &self,
        app: &str,
        parts: &Parts,
        version: Version,
    ) -> Result<Response, Refusal> {
        let (wanted, form) = asked(parts, version);
        let service = self.handle.view(&service_name(app)).ok_or(Refusal::NotFound)?;
        let now = self.handle.now();
        let instances = service.len();
        let render = move |renderer: &_| render::application(renderer, &service, form, wanted.coding, now);
        let body = self.renderer.document(instances, render).await?;
        Ok(answer::document(form.format, wanted.coding, body))
    }

    /// `GET apps/{app}/{id}`.
    pub(crate) fn instance(
        &self,
        app: &str,
        id: &str,
        parts: &Parts,
        version: Version,
    ) -> Result<Response, Refusal> {
        let catalog = self.handle.catalog();
        self.one(catalog.get(&service_name(app), id, ""), parts, version)
    }

    /// `GET instances/{id}`: the first with this id, of any application.
    pub(crate) fn instance_by_id(
        &self,
        id: &str,
        parts: &Parts,
        version: Version,
    ) -> Result<Response, Refusal> {
        let catalog = self.handle.catalog();
        self.one(catalog.with_id(id).next(), parts, version)
    }

    /// `GET vips/{vip}` and `GET svips/{svip}`: 200 also where nothing matches.
    pub(crate) async fn by_vip(
        &self,
        vip: &str,
        secure: bool,
        parts: &Parts,
        version: Version,
    ) -> Result<Response, Refusal> {
        let (wanted, form) = asked(parts, version);
        let (catalog, now) = (self.handle.catalog(), self.handle.now());
        // Every instance is looked at, so a large registry is large here too.
        let instances = catalog.counts().total();
        let vip = vip.to_owned();
        let render = move |_: &_| {
            render::matching(&catalog, form, wanted.coding, now, |listed| has_vip(listed, &vip, secure))
        };
        let body = self.renderer.document(instances, render).await?;
        Ok(answer::document(form.format, wanted.coding, body))
    }

    fn one(&self, listed: Option<&Listed>, parts: &Parts, version: Version) -> Result<Response, Refusal> {
        let (_, form) = asked(parts, version);
        let document = render::single(listed.ok_or(Refusal::NotFound)?, form, self.handle.now());
        Ok(answer::text(StatusCode::OK, form.format, document))
    }
}

fn asked(parts: &Parts, version: Version) -> (Wanted, Form) {
    let wanted = Wanted::read(&parts.headers);
    (wanted, Form::wanted(wanted, version))
}
