//! Whether a tool can be offered, and whether a call has what its tool needs.

use super::RegistryError;
use crate::tools::{ToolError, ToolSpec};
use serde_json::Value;

/// Bytes of a call's arguments; an LLM that writes more is babbling.
const MAX_ARGUMENTS: usize = 64 << 10;

/// A tool's spec, if its name and its parameters can be used.
pub(super) fn checked(spec: ToolSpec) -> Result<ToolSpec, RegistryError> {
    let letters = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if !(1..=64).contains(&spec.name.len()) || !spec.name.bytes().all(letters) {
        return Err(RegistryError::Name(spec.name));
    }
    if !is_object_schema(&spec.parameters) {
        return Err(RegistryError::Schema(spec.name));
    }
    Ok(spec)
}

fn is_object_schema(schema: &Value) -> bool {
    let properties = schema.get("properties");
    schema.get("type").and_then(Value::as_str) == Some("object")
        && properties.is_none_or(|p| {
            p.as_object()
                .is_some_and(|p| p.values().all(Value::is_object))
        })
        && required(schema).all(|name| properties.is_some_and(|p| p.get(name).is_some()))
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// The arguments as an object that has what the schema requires.
pub(super) fn arguments(text: &str, schema: &Value) -> Result<Value, ToolError> {
    let wrong = |why: String| Err(ToolError::Arguments(why));
    if text.len() > MAX_ARGUMENTS {
        return wrong(format!("more than {MAX_ARGUMENTS} bytes"));
    }
    // Models write nothing at all for a tool without arguments.
    let text = if text.trim().is_empty() { "{}" } else { text };
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => value,
        Ok(_) => return wrong("not a JSON object".into()),
        Err(error) => return wrong(format!("not JSON: {error}")),
    };
    match required(schema).find(|name| value.get(name).is_none_or(Value::is_null)) {
        Some(name) => wrong(format!("`{name}` is missing")),
        None => Ok(value),
    }
}
