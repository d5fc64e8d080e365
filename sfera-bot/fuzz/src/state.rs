#[path = "../../src/state/newcomer.rs"]
mod newcomer;
#[path = "../../src/state/question.rs"]
mod question;

pub use newcomer::Newcomer;
pub use question::Attachment;

pub type Millis = i64;
