//! JSON Schemas as every LLM server accepts them.

use serde_json::{Map, Value};

/// References within references, at most: what goes deeper describes itself.
const MAX_DEPTH: usize = 8;

/// Keywords that say nothing to a model; one server or another refuses a request for them.
const SILENT: [&str; 9] = [
    "$schema",
    "$id",
    "$defs",
    "definitions",
    "$comment",
    "title",
    "default",
    "examples",
    "additionalProperties",
];

/// The schema as a plain object: references are put in place, an optional value is what it is when it
/// is there, and choices of texts are one `enum`.
pub(crate) fn plain(schema: &Value) -> Value {
    let mut plain = simplify(schema, schema, 0);
    if let Some(object) = plain.as_object_mut() {
        object.entry("type").or_insert_with(|| "object".into());
        let is_object = object.get("type").and_then(Value::as_str) == Some("object");
        if is_object {
            object
                .entry("properties")
                .or_insert_with(|| Map::new().into());
        }
    }
    plain
}

fn simplify(schema: &Value, root: &Value, depth: usize) -> Value {
    let Some(object) = schema.as_object() else {
        // `true` allows anything.
        return Value::Object(Map::new());
    };
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        return referred(reference, object, root, depth);
    }
    if let Some(only) = only_choice(object) {
        return with_description(simplify(only, root, depth), object);
    }
    if let Some(texts) = choice_of_texts(object, root) {
        return with_description(texts, object);
    }
    let mut plain = Map::new();
    for (keyword, value) in object {
        match (keyword.as_str(), value) {
            (keyword, _) if SILENT.contains(&keyword) => {}
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter();
                let properties =
                    properties.map(|(name, s)| (name.clone(), simplify(s, root, depth)));
                plain.insert(keyword.clone(), properties.collect::<Map<_, _>>().into());
            }
            ("items", value) => {
                plain.insert(keyword.clone(), simplify(value, root, depth));
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(choices)) => {
                let choices = choices.iter().map(|s| simplify(s, root, depth));
                plain.insert(keyword.clone(), choices.collect::<Vec<_>>().into());
            }
            ("const", value) => {
                plain.insert("enum".to_owned(), vec![value.clone()].into());
            }
            ("type", Value::Array(types)) => {
                let mut types = types.iter().filter(|t| t.as_str() != Some("null"));
                if let Some(first) = types.next() {
                    plain.insert(keyword.clone(), first.clone());
                }
            }
            ("enum", Value::Array(values)) => {
                let values = values.iter().filter(|v| !v.is_null()).cloned();
                plain.insert(keyword.clone(), values.collect::<Vec<_>>().into());
            }
            // Rust's own: "uint8", "double".
            ("format", Value::String(format)) if format != "date-time" => {}
            (_, value) => {
                plain.insert(keyword.clone(), value.clone());
            }
        }
    }
    plain.into()
}

fn referred(reference: &str, object: &Map<String, Value>, root: &Value, depth: usize) -> Value {
    let target = reference.strip_prefix('#').and_then(|p| root.pointer(p));
    match target.filter(|_| depth < MAX_DEPTH) {
        Some(target) => with_description(simplify(target, root, depth + 1), object),
        None => Value::Object(Map::new()),
    }
}

/// Words beside a reference are about this use of it.
fn with_description(mut schema: Value, outer: &Map<String, Value>) -> Value {
    if let (Some(inner), Some(words)) = (schema.as_object_mut(), outer.get("description")) {
        inner.insert("description".to_owned(), words.clone());
    }
    schema
}

fn choices(object: &Map<String, Value>) -> Option<&Vec<Value>> {
    let choices = object.get("anyOf").or_else(|| object.get("oneOf"))?;
    choices.as_array()
}

/// What an optional value is when it is there.
fn only_choice(object: &Map<String, Value>) -> Option<&Value> {
    let is_null = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("null");
    if let Some([one]) = object
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        return Some(one);
    }
    let mut left = choices(object)?.iter().filter(|schema| !is_null(schema));
    let only = left.next()?;
    left.next().is_none().then_some(only)
}

/// An `enum` in place of a choice between texts, each with a description of its own.
fn choice_of_texts(object: &Map<String, Value>, root: &Value) -> Option<Value> {
    let mut texts = Vec::new();
    for choice in choices(object)? {
        let choice = simplify(choice, root, MAX_DEPTH);
        let values = choice.get("enum")?.as_array()?.clone();
        texts.extend(values.into_iter().filter(Value::is_string));
    }
    Some(serde_json::json!({ "type": "string", "enum": texts }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_put_in_place() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Order",
            "type": "object",
            "properties": {
                "title": { "type": "string", "title": "Title" },
                "size": { "$ref": "#/$defs/Size", "description": "How big." },
                "note": { "anyOf": [{ "$ref": "#/$defs/Note" }, { "type": "null" }] },
                "count": { "type": ["integer", "null"], "format": "uint8", "minimum": 0 },
            },
            "required": ["size"],
            "additionalProperties": false,
            "$defs": {
                "Size": { "oneOf": [
                    { "type": "string", "const": "small", "description": "One litre." },
                    { "type": "string", "enum": ["big"] },
                ] },
                "Note": { "type": "object", "properties": { "text": { "type": "string" } } },
            },
        });
        assert_eq!(
            plain(&schema),
            json!({
                "type": "object",
                "properties": {
                    "title": { "type": "string" },
                    "size": { "type": "string", "enum": ["small", "big"], "description": "How big." },
                    "note": { "type": "object", "properties": { "text": { "type": "string" } } },
                    "count": { "type": "integer", "minimum": 0 },
                },
                "required": ["size"],
            })
        );
    }

    #[test]
    fn what_describes_itself_ends() {
        let schema = json!({
            "type": "object",
            "properties": { "tree": { "$ref": "#/$defs/Tree" } },
            "$defs": { "Tree": { "type": "array", "items": { "$ref": "#/$defs/Tree" } } },
        });
        let text = plain(&schema).to_string();
        assert!(!text.contains("$ref") && text.len() < 2_000, "{text}");
        let odd = plain(&json!({ "$ref": "https://elsewhere.example/" }));
        assert_eq!(odd, json!({ "type": "object", "properties": {} }));
        assert_eq!(
            plain(&json!(true)),
            json!({ "type": "object", "properties": {} })
        );
    }
}
