use super::{Tool, ToolContext, ToolError, ToolSpec, schema};
use crate::{Language, knowledge::Citation};
use async_trait::async_trait;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A tool whose arguments are a Rust type. It is a [`Tool`] like any other.
///
/// The LLM gets the type's JSON Schema, with its doc comments as descriptions; what it writes is read
/// into the type, and where it does not fit the LLM is told which argument is wrong and why, so that it
/// can write it anew.
///
/// ```
/// use sfera_agent::tools::{ToolContext, ToolError, ToolSpec, TypedTool};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Throw {
///     /// How many sides the die has.
///     sides: std::num::NonZeroU8,
/// }
///
/// struct Dice;
///
/// #[async_trait::async_trait]
/// impl TypedTool for Dice {
///     type Arguments = Throw;
///
///     fn about(&self) -> ToolSpec {
///         ToolSpec::new("roll_dice", "Rolls a die.").harmless()
///     }
///
///     async fn run(&self, throw: Throw, _: ToolContext) -> Result<String, ToolError> {
///         Ok((1 + 41 % throw.sides.get()).to_string())
///     }
/// }
/// ```
#[async_trait]
pub trait TypedTool: Send + Sync {
    /// What the LLM writes: a struct.
    type Arguments: DeserializeOwned + JsonSchema + Send;

    /// What [`Tool::spec`] says but for the parameters, which come from the type; constant.
    fn about(&self) -> ToolSpec;

    /// Does it; see [`Tool::call`].
    ///
    /// # Errors
    /// [`ToolError`]; the LLM is told, so that it can say what happened.
    async fn run(
        &self,
        arguments: Self::Arguments,
        context: ToolContext,
    ) -> Result<String, ToolError>;

    /// What a call with these arguments does; see [`Tool::action`].
    fn action(&self, arguments: &Self::Arguments, language: Language) -> Option<String> {
        let _ = (arguments, language);
        None
    }

    /// Where its result comes from; see [`Tool::citation`].
    fn citation(&self, arguments: &Self::Arguments, language: Language) -> Option<Citation> {
        let _ = (arguments, language);
        None
    }
}

#[async_trait]
impl<T: TypedTool> Tool for T {
    fn spec(&self) -> ToolSpec {
        self.about().with_parameters(parameters::<T::Arguments>())
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<String, ToolError> {
        self.run(read(arguments)?, context).await
    }

    fn action(&self, arguments: &Value, language: Language) -> Option<String> {
        let arguments = read(arguments.clone()).ok()?;
        TypedTool::action(self, &arguments, language)
    }

    fn citation(&self, arguments: &Value, language: Language) -> Option<Citation> {
        let arguments = read(arguments.clone()).ok()?;
        TypedTool::citation(self, &arguments, language)
    }
}

/// The JSON Schema of a type as every LLM server accepts it: an object, no references.
fn parameters<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    schema::plain(&generator.into_root_schema_for::<T>().to_value())
}

fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, ToolError> {
    // Models write nothing, or `null`, for what they do not want to say.
    let arguments = match arguments {
        Value::Object(mut fields) => {
            fields.retain(|_, value| !value.is_null());
            Value::Object(fields)
        }
        other => other,
    };
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let path = error.path().to_string();
        let why = error.into_inner();
        ToolError::Arguments(match path.as_str() {
            "." | "" => why.to_string(),
            path => format!("`{path}`: {why}"),
        })
    })
}

#[cfg(all(test, feature = "test-util"))]
mod tests {
    use super::*;
    use crate::{
        testing::tool_conformance,
        tools::{ToolCall, ToolOutcome, ToolRegistry},
    };
    use serde::Deserialize;
    use serde_json::json;
    use std::sync::Arc;

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Size {
        /// One litre.
        Small,
        Big,
    }

    #[derive(Deserialize, JsonSchema)]
    struct Extra {
        name: String,
    }

    /// What is ordered.
    #[derive(Deserialize, JsonSchema)]
    struct Order {
        /// The dish.
        dish: String,
        size: Size,
        /// How many.
        count: Option<u8>,
        #[serde(default)]
        extras: Vec<Extra>,
    }

    struct Kitchen;

    #[async_trait]
    impl TypedTool for Kitchen {
        type Arguments = Order;

        fn about(&self) -> ToolSpec {
            ToolSpec::new("order", "Orders a dish.").confirmed()
        }

        async fn run(&self, order: Order, _: ToolContext) -> Result<String, ToolError> {
            let size = match order.size {
                Size::Small => "small",
                Size::Big => "big",
            };
            let extras: Vec<_> = order.extras.into_iter().map(|extra| extra.name).collect();
            let count = order.count.unwrap_or(1);
            Ok(format!(
                "{count} {size} {} {}",
                order.dish,
                extras.join(",")
            ))
        }

        fn action(&self, order: &Order, _: Language) -> Option<String> {
            Some(format!("заказать {}", order.dish))
        }
    }

    fn right() -> Value {
        json!({ "dish": "суп", "size": "big", "count": null, "extras": [{ "name": "хлеб" }] })
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        tool_conformance(&Kitchen, right()).await;
    }

    #[test]
    fn the_schema_is_a_plain_object() {
        assert_eq!(
            Kitchen.spec().parameters,
            json!({
                "type": "object",
                "description": "What is ordered.",
                "properties": {
                    "dish": { "type": "string", "description": "The dish." },
                    "size": { "type": "string", "enum": ["big", "small"] },
                    "count": {
                        "type": "integer", "minimum": 0, "maximum": 255, "description": "How many.",
                    },
                    "extras": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": { "name": { "type": "string" } },
                            "required": ["name"],
                        },
                    },
                },
                "required": ["dish", "size"],
            })
        );
    }

    #[tokio::test]
    async fn wrong_arguments_are_named() {
        let mut registry = ToolRegistry::new();
        registry.add(Arc::new(Kitchen)).unwrap();
        for (arguments, expected) in [
            (right(), Ok("1 big суп хлеб")),
            (
                json!({ "dish": "суп", "size": "huge" }),
                Err("`size`: unknown variant `huge`, expected `small` or `big`"),
            ),
            (
                json!({ "dish": "суп", "size": "big", "count": "two" }),
                Err("`count`: invalid type: string \"two\", expected u8"),
            ),
            (
                json!({ "dish": "суп", "size": "big", "extras": [{ "name": 1 }] }),
                Err("`extras[0].name`: invalid type: integer `1`, expected a string"),
            ),
            (json!({ "size": "big" }), Err("`dish` is missing")),
        ] {
            let call = ToolCall {
                id: "1".into(),
                name: "order".into(),
                arguments: arguments.to_string(),
            };
            let expected = match expected {
                Ok(text) => ToolOutcome::Ok(text.into()),
                Err(why) => ToolOutcome::Failed(format!("wrong arguments: {why}")),
            };
            let outcome = registry.run(&call, ToolContext::default(), false).await;
            assert_eq!(outcome, expected, "{arguments}");
        }
    }

    #[test]
    fn what_it_does_is_said_of_right_arguments_only() {
        let action = |arguments| Tool::action(&Kitchen, &arguments, Language::Ru);
        assert_eq!(action(right()).as_deref(), Some("заказать суп"));
        assert_eq!(action(json!({})), None);
    }
}
