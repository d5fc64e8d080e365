use crate::rooms::toolbox::Kind;
use serde_json::{Value, json};
use sfera_agent::{
    assembly::Services,
    tools::{TimeTool, Tool},
};
use std::sync::Arc;

/// Where things are looked up; the same tools as the agent has.
#[derive(Clone)]
pub struct Sources {
    /// Takes `asset`.
    pub price: Arc<dyn Tool>,
    /// Takes `city`.
    pub weather: Arc<dyn Tool>,
    /// Takes `city`.
    pub time: Arc<dyn Tool>,
}

impl Default for Sources {
    fn default() -> Self {
        Self::at(&Services::default())
    }
}

impl Sources {
    /// Those that ask these services.
    #[must_use]
    pub fn at(services: &Services) -> Self {
        Self {
            price: Arc::new(services.prices()),
            weather: Arc::new(services.weather()),
            time: Arc::new(TimeTool::default()),
        }
    }

    /// Who knows, and how to ask.
    pub(super) fn ask(&self, kind: Kind, subject: &str) -> (&dyn Tool, Value) {
        match kind {
            Kind::Price => (&*self.price, json!({ "asset": subject })),
            Kind::Weather => (&*self.weather, json!({ "city": subject })),
            Kind::Time => (&*self.time, json!({ "city": subject })),
        }
    }
}
