//! A tool of your own beside a built-in one; the embedded assistant calls both.

use async_trait::async_trait;
use serde_json::{Value, json};
use sfera_agent::{
    llm::Assistant,
    tools::{TimeTool, Tool, ToolContext, ToolError, ToolSpec},
};
use std::sync::Arc;

/// Stands in for the weather from the network, under the name the assistant knows.
struct AlwaysSunny;

#[async_trait]
impl Tool for AlwaysSunny {
    fn spec(&self) -> ToolSpec {
        let city = json!({ "type": "string", "description": "The city." });
        ToolSpec::new("get_weather", "Tells the weather in a city.").with_parameters(json!({
            "type": "object",
            "properties": { "city": city },
            "required": ["city"],
        }))
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<String, ToolError> {
        match arguments.get("city").and_then(Value::as_str) {
            Some("Лондон") => Err(ToolError::Unreachable),
            Some(city) => Ok(format!("{city}: солнечно, 20 градусов.")),
            None => Err(ToolError::Arguments("`city` must be a text".into())),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = sfera_examples::session(Assistant::new()?)
        .tool(Arc::new(AlwaysSunny))?
        .tool(Arc::new(TimeTool::default()))?;
    let lines = [
        "Какая погода в Москве?",
        "А в Лондоне?",
        "Который час в Токио?",
    ];
    sfera_examples::converse(session, &lines).await
}
