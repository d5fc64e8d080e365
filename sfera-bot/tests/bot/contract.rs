//! What the page is told the server offers is what it offers.

use sha2::{Digest, Sha256};
use std::{fs, path::Path};

#[test]
fn the_description_and_the_types_made_of_it_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend/src/api");
    let committed = fs::read_to_string(folder.join("openapi.json")).expect("run .ci/api-client");
    let current = sfera_bot::web::openapi().to_pretty_json().unwrap() + "\n";
    assert!(committed == current, "out of date: run .ci/api-client");
    let types = fs::read_to_string(folder.join("schema.d.ts")).expect("run .ci/api-client");
    let digest = Sha256::digest(committed);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(
        types.starts_with(&format!(
            "// Made by .ci/api-client of openapi.json {hex}\n"
        )),
        "types of another description: run .ci/api-client"
    );
}
