//! The protocol's reference server (npm).

use std::path::PathBuf;

/// The server's script; `make setup` installs it.
pub fn script() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let inside = "sfera/mcp-server/2026.8.31/node_modules/@modelcontextprotocol/server-everything/dist/index.js";
    let script = cache.expect("a home").join(inside);
    assert!(
        script.exists(),
        "there is no MCP server: run .ci/mcp-server"
    );
    script
}
