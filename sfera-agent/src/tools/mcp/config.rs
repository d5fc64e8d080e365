use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Bytes of the file, at most.
const MAX_BYTES: u64 = 1 << 20;

/// The servers of one file, which has the form that other clients' `mcp.json` have:
///
/// ```json
/// { "mcpServers": {
///     "files": { "command": "npx", "args": ["-y", "some-server", "/home/me"], "env": { "TOKEN": "${FILES_TOKEN}" } },
///     "shop": { "url": "https://shop.example/mcp", "headers": { "Authorization": "Bearer ${SHOP_KEY}" } }
/// } }
/// ```
///
/// `${NAME}` stands for a variable of the environment, so that no secret need lie in the file. Beside
/// what other clients know, a server may have `"confirm": false`: its tools then run without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpConfig {
    pub(super) servers: BTreeMap<String, Server>,
}

/// How a server is reached.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) reach: Reach,
    pub(super) confirm: bool,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// A program that is started, spoken to by its standard input and output.
    Program {
        command: String,
        args: Vec<String>,
        env: BTreeMap<String, String>,
        folder: Option<PathBuf>,
    },
    /// A streamable HTTP server.
    Http {
        url: String,
        headers: BTreeMap<String, String>,
    },
}

impl std::fmt::Debug for Server {
    /// Environment, arguments and headers may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.reach {
            Reach::Program { command, .. } => f.write_str(command),
            Reach::Http { .. } => f.write_str("over HTTP"),
        }
    }
}

/// Why the servers' file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum McpConfigError {
    /// It cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is larger than any such list.
    #[error("{0} is larger than 1 MiB")]
    TooLarge(PathBuf),
    /// It is not what it should be; the line and column are said.
    #[error("the list of MCP servers cannot be understood: {0}")]
    Syntax(#[from] serde_json::Error),
    /// A server's name becomes part of its tools' names.
    #[error("{0:?} is no name for an MCP server: use letters, digits, - and _, at most 20")]
    Name(String),
    /// A server has neither a command nor an address, or both.
    #[error("the MCP server {0} needs either \"command\" or \"url\"")]
    Reach(String),
    /// A variable is not set.
    #[error("the MCP server {server} needs the variable {name}, which is not set")]
    Variable {
        /// The server.
        server: String,
        /// The variable.
        name: String,
    },
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "mcpServers")]
    servers: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    command: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    cwd: Option<PathBuf>,
    #[serde(alias = "serverUrl")]
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    disabled: bool,
    confirm: Option<bool>,
}

impl McpConfig {
    /// Reads the file.
    ///
    /// # Errors
    /// [`McpConfigError`].
    pub fn read(path: &Path) -> Result<Self, McpConfigError> {
        let unreadable = |source| McpConfigError::Read {
            path: path.to_owned(),
            source,
        };
        let length = std::fs::metadata(path).map_err(unreadable)?.len();
        if length > MAX_BYTES {
            return Err(McpConfigError::TooLarge(path.to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text, |name| std::env::var(name).ok())
    }

    /// Understands a file's text; `variable` tells the environment's variables.
    ///
    /// # Errors
    /// [`McpConfigError`].
    pub fn parse(
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, McpConfigError> {
        let file: File = serde_json::from_str(text)?;
        let mut servers = BTreeMap::new();
        for (name, entry) in file.servers {
            let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if !(1..=20).contains(&name.len()) || !name.chars().all(letters) {
                return Err(McpConfigError::Name(name));
            }
            if entry.disabled {
                continue;
            }
            let server = entry.server(&name, &variable)?;
            servers.insert(name, server);
        }
        Ok(Self { servers })
    }

    /// Whether there is no server.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }
}

impl Entry {
    fn server(
        self,
        name: &str,
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Result<Server, McpConfigError> {
        let fill = |text: String| filled(&text, name, variable);
        let fill_all = |map: BTreeMap<String, String>| {
            let filled = map.into_iter().map(|(key, value)| Ok((key, fill(value)?)));
            filled.collect::<Result<BTreeMap<_, _>, McpConfigError>>()
        };
        let reach = match (self.command, self.url) {
            (Some(command), None) => Reach::Program {
                command: fill(command)?,
                args: self.args.into_iter().map(fill).collect::<Result<_, _>>()?,
                env: fill_all(self.env)?,
                folder: self.cwd,
            },
            (None, Some(url)) => Reach::Http {
                url: fill(url)?,
                headers: fill_all(self.headers)?,
            },
            _ => return Err(McpConfigError::Reach(name.to_owned())),
        };
        Ok(Server {
            reach,
            confirm: self.confirm.unwrap_or(true),
        })
    }
}

/// The text with the environment's variables in place.
fn filled(
    text: &str,
    server: &str,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<String, McpConfigError> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            filled.push_str("${");
            rest = after;
            continue;
        };
        let value = variable(name).ok_or_else(|| McpConfigError::Variable {
            server: server.to_owned(),
            name: name.to_owned(),
        })?;
        filled.push_str(&value);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<McpConfig, McpConfigError> {
        McpConfig::parse(text, |name| (name == "KEY").then(|| "SECRET".to_owned()))
    }

    #[test]
    fn a_file_of_other_clients_is_understood() {
        let config = parse(
            r#"{ "mcpServers": {
                "files": { "type": "stdio", "command": "npx", "args": ["-y", "x"], "env": { "A": "${KEY}" } },
                "shop": { "url": "https://shop.example/mcp", "headers": { "Authorization": "Bearer ${KEY}" },
                          "confirm": false },
                "off": { "command": "x", "disabled": true }
            } }"#,
        )
        .unwrap();
        assert_eq!(config.servers.len(), 2);
        let Reach::Program { command, env, .. } = &config.servers["files"].reach else {
            panic!("files is a program");
        };
        assert_eq!((command.as_str(), env["A"].as_str()), ("npx", "SECRET"));
        assert!(config.servers["files"].confirm && !config.servers["shop"].confirm);
        assert!(!format!("{config:?}").contains("SECRET"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("{", "line 1"),
            (r#"{"mcpServers":{"a b":{"command":"x"}}}"#, "\"a b\""),
            (r#"{"mcpServers":{"a":{}}}"#, "needs either"),
            (
                r#"{"mcpServers":{"a":{"command":"x","url":"y"}}}"#,
                "needs either",
            ),
            (
                r#"{"mcpServers":{"a":{"command":"${NOT_SET}"}}}"#,
                "NOT_SET",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let missing = McpConfig::read(Path::new("/nowhere/mcp.json")).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/mcp.json"));
    }
}
