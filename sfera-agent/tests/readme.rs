//! The README in both languages names every feature of the library.

use std::{fs, path::Path};

#[test]
fn both_readmes_name_every_feature() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(here.join("Cargo.toml")).expect("the manifest is readable");
    let features = manifest
        .split("[features]")
        .nth(1)
        .expect("the manifest has features");
    let names = features
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = ["))
        .map(|(name, _)| name)
        .filter(|name| *name != "default");
    for readme in ["README.md", "README.en.md"] {
        let text =
            fs::read_to_string(here.join("..").join(readme)).expect("the README is readable");
        for name in names.clone() {
            assert!(
                text.contains(&format!("`{name}`")),
                "{readme} lacks the feature {name}"
            );
        }
    }
}
