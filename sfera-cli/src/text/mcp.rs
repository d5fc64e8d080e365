//! What is said about the tools of MCP servers.

use super::{Text, sentences};
use crate::error::FileError;
use sfera_agent::tools::mcp::{McpAway, McpConfigError};

sentences! {
    mcp_too_large(path) { ru: "{path} больше 1 МБ: это не список серверов MCP.", en: "{path} is larger than 1 MB: this is no list of MCP servers." }
    mcp_syntax(line, column) {
        ru: "Список серверов MCP не понять (строка {line}, позиция {column}): нужен JSON с mcpServers.",
        en: "The list of MCP servers cannot be understood (line {line}, column {column}): JSON with mcpServers is needed.",
    }
    mcp_name(name) {
        ru: "«{name}» – не имя сервера MCP: годятся латинские буквы, цифры, - и _, не больше 20.",
        en: "\"{name}\" is no name for an MCP server: use letters, digits, - and _, at most 20.",
    }
    mcp_reach(server) {
        ru: "Серверу MCP {server} нужно что-то одно: command или url.",
        en: "The MCP server {server} needs either command or url.",
    }
    mcp_variable(server, name) {
        ru: "Серверу MCP {server} нужна переменная {name}, а она не задана.",
        en: "The MCP server {server} needs the variable {name}, which is not set.",
    }
    mcp_none(problem) {
        ru: "{problem} Инструментов MCP не будет: исправьте файл, который назван в SFERA_MCP.",
        en: "{problem} There are no tools by MCP: correct the file that SFERA_MCP names.",
    }
    mcp_server_none(name, why) {
        ru: "Инструментов сервера MCP {name} пока нет: {why}.",
        en: "There are no tools of the MCP server {name} yet: {why}.",
    }
    mcp_program(why) { ru: "его программа не запускается ({why})", en: "its program does not start ({why})" }
}

impl Text {
    /// What is wrong with the list of MCP servers.
    pub fn mcp_problem(self, error: &McpConfigError) -> String {
        match error {
            McpConfigError::Read { path, source } => {
                self.file_problem(&FileError::io(path, source))
            }
            McpConfigError::TooLarge(path) => self.mcp_too_large(path.display()),
            McpConfigError::Syntax(error) => self.mcp_syntax(error.line(), error.column()),
            McpConfigError::Name(name) => self.mcp_name(name),
            McpConfigError::Reach(server) => self.mcp_reach(server),
            McpConfigError::Variable { server, name } => self.mcp_variable(server, name),
        }
    }

    /// Why an MCP server is away.
    pub fn mcp_why(self, why: McpAway) -> String {
        let said = match why {
            McpAway::Program(kind) => return self.mcp_program(self.system(kind)),
            McpAway::Protocol => self.pick(
                "до него не достучаться, или он отвечает не по MCP",
                "it cannot be reached, or does not speak MCP",
            ),
            McpAway::Silent => self.pick("не отвечает", "it does not answer"),
            McpAway::NoTools => self.pick(
                "не говорит, какие инструменты у него есть",
                "it does not say which tools it has",
            ),
            McpAway::Ended => self.pick("закончил работу", "it has ended"),
            McpAway::Header => self.pick(
                "заголовок в его записи (headers) не годится",
                "a header in its entry cannot be one",
            ),
            McpAway::Tls => self.pick(
                "на этой машине не прочесть сертификаты",
                "this machine's certificates cannot be read",
            ),
        };
        said.to_owned()
    }
}
