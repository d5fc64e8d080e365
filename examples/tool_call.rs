//! A tool of your own beside a built-in one; the embedded assistant calls both.

use sfera_agent::llm::Assistant;
use sfera_agent::tools::{TimeTool, ToolContext, ToolError, ToolSpec, TypedTool};
use std::{error::Error, sync::Arc};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Place {
    /// The city.
    city: String,
}

/// Stands in for the weather from the network, under the name the assistant knows.
struct AlwaysSunny;

#[async_trait::async_trait]
impl TypedTool for AlwaysSunny {
    type Arguments = Place;

    fn about(&self) -> ToolSpec {
        ToolSpec::new("get_weather", "Tells the weather in a city.").harmless()
    }

    async fn run(&self, place: Place, _: ToolContext) -> Result<String, ToolError> {
        match place.city.as_str() {
            "Лондон" => Err(ToolError::Unreachable),
            city => Ok(format!("{city}: солнечно, 20 градусов.")),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let session = sfera_examples::session(Assistant::new()?)
        .tool(Arc::new(AlwaysSunny))?
        .tool(Arc::new(TimeTool::default()))?;
    let lines = ["Погода в Москве?", "А в Лондоне?", "Который час в Токио?"];
    sfera_examples::converse(session, &lines).await
}
