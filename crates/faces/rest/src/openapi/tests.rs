use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn description() -> Value {
    serde_json::from_slice(&written()).unwrap()
}

/// Each operation as `METHOD path`, with its description.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, told) in item.as_object().unwrap() {
            all.push((format!("{method} {path}"), told));
        }
    }
    all
}

/// Every `$ref` in a document.
fn references(document: &Value, found: &mut BTreeSet<String>) {
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(target) if name == "$ref" => {
                        found.insert(target.clone());
                    }
                    value => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn it_is_openapi_3_1_of_this_version() {
    let document = description();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn everything_that_is_referred_to_is_there() {
    let document = description();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 30, "{found:?}");
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn each_operation_has_a_name_of_its_own_and_tells_its_refusals() {
    let document = description();
    let mut names = BTreeSet::new();
    for (operation, told) in operations(&document) {
        assert!(names.insert(told["operationId"].as_str().unwrap()), "{operation}");
        for status in ["200", "400", "401", "500", "503"] {
            assert!(told["responses"][status].is_object(), "{operation}: {status}");
        }
    }
}

#[test]
fn what_may_change_something_wants_the_operator_token_and_tells_what_is_answered_without() {
    let document = description();
    for (operation, told) in operations(&document) {
        let needs = told["security"].as_array().unwrap();
        let acts = !operation.starts_with("get ");
        assert_eq!(needs.iter().all(|needed| needed.get("operator").is_some()), acts, "{operation}");
        assert_eq!(told["responses"]["403"].is_object(), acts, "{operation}");
        let names_operator = told["parameters"].as_array().is_some_and(|parameters| {
            parameters.iter().any(|parameter| parameter["name"] == "lubdub-operator")
        });
        assert_eq!(names_operator, acts, "{operation}");
    }
}

#[test]
fn refusals_are_problem_documents() {
    let document = description();
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(schema, "#/components/schemas/Problem", "{name}");
    }
}

#[test]
fn members_that_may_be_null_are_there_and_those_that_may_be_missing_are_not_null() {
    let document = description();
    let schemas = &document["components"]["schemas"];
    let required = |schema: &str, member: &str| {
        schemas[schema]["required"].as_array().unwrap().iter().any(|name| name == member)
    };
    assert!(required("Instance", "status_override") && required("Instances", "next"));
    assert!(!required("Instance", "node") && !required("Cause", "silence"));
    assert_eq!(schemas["Instance"]["properties"]["port"]["type"], serde_json::json!(["integer", "null"]));
    assert_eq!(schemas["Cause"]["properties"]["address"]["type"], "string");
}
