//! `lubdub drain`: has consumers shown that instances are out of service.

use clap::Args;

use super::acting::Acting;
use super::subjects::{Selection, Told, each};
use super::target::Target;
use crate::client::wire::Instance;
use crate::failure::Failure;

/// What consumers are shown of a drained instance, in the words of every protocol of this field.
pub(super) const OUT_OF_SERVICE: &str = "OUT_OF_SERVICE";

#[derive(Debug, Args)]
#[command(after_help = "\
An instance that is drained stays registered and goes on beating; consumers are shown OUT_OF_SERVICE \
and send it no more requests. It stays so, also when it or the registry starts anew, until `lubdub \
resume`. What is done is recorded with your name and told by `lubdub why`.

Examples:
  lubdub drain orders/10.0.0.7:orders:8080
  lubdub drain orders/web-1 orders/web-2 --as alice
  lubdub drain --service orders --zone eu-1a")]
pub(super) struct Drain {
    #[command(flatten)]
    selection: Selection,

    #[command(flatten)]
    acting: Acting,

    #[command(flatten)]
    target: Target,
}

impl Drain {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let client = self.target.client()?;
        let operator = self.acting.operator(&client)?;
        let instances = self.selection.read(&client, "Drain", |_| true)?;
        each(&instances, &client, self.target.json, |named| {
            let subject = named.subject();
            let Some(before) = client.instance(subject)? else { return Ok(None) };
            if is_drained(&before.document) {
                let words = already(&named.to_string(), &before.document);
                return Ok(Some(Told { json: Some(before.json), words }));
            }
            let acted = client.set_override(subject, OUT_OF_SERVICE, &operator)?;
            Ok(Told::of(acted, |after| drained(&named.to_string(), &before.document, &after)))
        })
    }
}

/// Whether an operator said already that it is out of service.
pub(super) fn is_drained(instance: &Instance) -> bool {
    instance.status_override.as_deref() == Some(OUT_OF_SERVICE)
}

fn already(who: &str, instance: &Instance) -> String {
    format!("{who} was drained already: consumers are shown {}.", instance.status)
}

fn drained(who: &str, before: &Instance, after: &Instance) -> String {
    let mut said = format!(
        "{who} is drained: consumers are shown {} now; it reports {} itself",
        after.status, after.reported
    );
    if let Some(other) = &before.status_override {
        said = format!("{said}, and was overridden as {other} before");
    }
    format!("{said}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(status: &str, status_override: Option<&str>) -> Instance {
        Instance {
            status: status.to_owned(),
            reported: "UP".to_owned(),
            status_override: status_override.map(str::to_owned),
            ..Instance::default()
        }
    }

    #[test]
    fn it_is_said_what_consumers_are_shown_and_what_was_before() {
        let after = instance("OUT_OF_SERVICE", Some("OUT_OF_SERVICE"));
        assert_eq!(
            drained("orders/a", &instance("UP", None), &after),
            "orders/a is drained: consumers are shown OUT_OF_SERVICE now; it reports UP itself."
        );
        assert_eq!(
            drained("orders/a", &instance("DOWN", Some("DOWN")), &after),
            "orders/a is drained: consumers are shown OUT_OF_SERVICE now; it reports UP itself, and was \
             overridden as DOWN before."
        );
        assert!(is_drained(&after) && !is_drained(&instance("DOWN", Some("DOWN"))));
        assert_eq!(
            already("orders/a", &after),
            "orders/a was drained already: consumers are shown OUT_OF_SERVICE."
        );
    }
}
