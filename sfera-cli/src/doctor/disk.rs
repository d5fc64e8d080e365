use super::finding::Finding;
use crate::{config::Settings, models, text::Text};
use std::path::Path;

/// Below this little can be downloaded or recorded, in MB.
const LITTLE_MB: u64 = 1_000;

/// Room where models go.
pub fn examine(settings: &Settings, text: Text) -> Option<Finding> {
    let models = models::open(settings).ok()?;
    // The folder itself may not exist yet.
    let folder = models.dir().ancestors().find(|folder| folder.is_dir());
    let folder = folder.unwrap_or(Path::new("."));
    let free = fs4::available_space(folder).ok()? / 1_000_000;
    let place = folder.display();
    Some(match free {
        0..LITTLE_MB => Finding::warn("disk", text.disk_low(free, place), text.free_disk()),
        _ => Finding::ok("disk", text.disk_fine(free / 1_000, place)),
    })
}
