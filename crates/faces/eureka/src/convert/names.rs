//! Names of applications: any case in the registry, upper case in Eureka.

use std::borrow::Cow;

/// The registry's name of an application. It compares ASCII letters without case; others are
/// made upper case here, as Eureka makes all.
pub(crate) fn service_name(app: &str) -> Cow<'_, str> {
    if app.is_ascii() { Cow::Borrowed(app) } else { Cow::Owned(app.to_uppercase()) }
}

/// An application's name as Eureka shows it.
pub(crate) fn app_name(service: &str) -> Cow<'_, str> {
    let is_lower = |letter: char| if letter.is_ascii() { letter.is_ascii_lowercase() } else { true };
    if service.contains(is_lower) { Cow::Owned(service.to_uppercase()) } else { Cow::Borrowed(service) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_in_upper_case_and_looked_up_in_any() {
        for (app, service, shown) in [
            ("orders", "orders", "ORDERS"),
            ("ORDERS-2", "ORDERS-2", "ORDERS-2"),
            ("größe", "GRÖSSE", "GRÖSSE"),
            ("注文", "注文", "注文"),
        ] {
            assert_eq!(service_name(app), service);
            assert_eq!(app_name(service), shown);
        }
    }
}
