// A server of the protocol's own SDK whose list of tools changes while it runs.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";

const server = new McpServer({ name: "changing", version: "1.0.0" });
const saying = (text) => () => ({ content: [{ type: "text", text }] });
let guest;
server.registerTool("invite", { description: "Adds the guest." }, () => {
  guest = server.registerTool("guest", { description: "Comes and goes." }, saying("здесь"));
  return saying("invited")();
});
server.registerTool("dismiss", { description: "Removes the guest." }, () => {
  guest.remove();
  return saying("dismissed")();
});
await server.connect(new StdioServerTransport());
