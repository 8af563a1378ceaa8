//! MCP as its official SDKs for Python and TypeScript speak it: each walks through every tool, resource, prompt and
//! completion of a real daemon, over HTTP and over `muista mcp`, in the protocol of sessions and in the one without; and the
//! programs that `docs/AGENTS.md` shows are run. The walks are `python/walk.py` and `node/walk.mjs`; what they call stands
//! in `calls.json`.
//!
//! `./check` puts the SDKs in place and runs these tests: `mcp-sdk` in the target folder, made of `requirements.txt` and
//! `package.json`. What needs no SDK is in `stdio.rs`.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod stdio;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use test_common::sandbox::Sandbox;

/// The scripts that there are: one takes a while, one fails, one does not end.
const SCRIPTS: [(&str, &str); 3] = [
    ("backup", "#!/bin/sh\necho the disk is full >&2\nexit 3\n"),
    ("greet", "#!/bin/sh\nsleep 2.5\necho hello\n"),
    ("wait", "#!/bin/sh\nexec sleep 600\n"),
];

/// A program that walks.
#[derive(Clone, Copy)]
enum Walker {
    Python,
    Node,
}

impl Walker {
    /// Its interpreter, in its SDK's folder.
    fn command(self, sandbox: &Sandbox) -> Command {
        let sdks = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("mcp-sdk");
        let (folder, program) = match self {
            Self::Python => ("python", sdks.join("python/bin/python")),
            Self::Node => ("node", PathBuf::from("node")),
        };
        let mut command = sandbox.shell();
        command.current_dir(sdks.join(folder)).args(["-c", "exec \"$@\"", "sh"]).arg(program);
        command
    }

    /// The program that walks.
    fn walk(self) -> PathBuf {
        let file = match self {
            Self::Python => "tests/mcp/python/walk.py",
            Self::Node => "tests/mcp/node/walk.mjs",
        };
        root().join(file)
    }

    /// The program that `docs/AGENTS.md` shows.
    fn documented(self) -> String {
        let fence = match self {
            Self::Python => "```python\n",
            Self::Node => "```ts\n",
        };
        let page = fs::read_to_string(root().join("docs/AGENTS.md")).unwrap();
        page.split_once(fence).unwrap().1.split_once("```").unwrap().0.to_owned()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The key of an agent.
#[track_caller]
fn key(sandbox: &Sandbox) -> String {
    let token = ["token", "create", "--name", "zoe", "--role", "agent", "--quiet"];
    text(sandbox.muista().args(token).output().unwrap()).trim().to_owned()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new().with_env("MUISTA_EMAIL_HOST", "127.0.0.1").with_env("MUISTA_EMAIL_TO", "a@b.example");
    let folder = sandbox.path().join("config/muista/scripts");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    for (name, script) in SCRIPTS {
        fs::write(folder.join(name), script).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o700)).unwrap();
    }
    sandbox
}

#[track_caller]
fn text(output: Output) -> String {
    let (printed, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{printed}\n{told}", output.status);
    printed
}

/// Lets a program walk through a daemon of its own, and looks at what the daemon keeps of it.
#[track_caller]
fn walk(walker: Walker, transport: &str, era: &str) {
    let sandbox = sandbox();
    let daemon = sandbox.daemon([] as [&str; 0]);
    // Which agents read, but do not make.
    text(sandbox.muista().args(["view", "add", "errands", "+shop"]).output().unwrap());
    let mut command = walker.command(&sandbox);
    command.arg(walker.walk()).args([transport, era]);
    command.env("MCP_PROGRAM", "muista").env("MCP_TOKEN", key(&sandbox));
    command.env("MCP_URL", format!("http://{}/mcp", daemon.http()));
    text(command.output().unwrap());
    // Reminders that cannot be sent and a script that fails are told; nothing else is out of the ordinary.
    let log = daemon.stderr();
    assert!(!log.contains("\"ERROR\"") && !log.contains("tarpc"), "{log}");
    let entries = text(sandbox.muista().args(["log", "--actor", "zoe", "--json"]).output().unwrap());
    let entries: Vec<Value> = serde_json::from_str(&entries).unwrap();
    let actions: Vec<_> = entries.iter().filter_map(|entry| entry["action"].as_str()).collect();
    let count = |of: &str| actions.iter().filter(|action| **action == of).count();
    assert!(count("CREATE") >= 6 && count("UPDATE") >= 2 && count("DELETE") >= 2, "{actions:?}");
}

/// Runs the program that the documentation shows, with nothing but the daemon's address changed.
#[track_caller]
fn does_as_documented(walker: Walker) {
    let sandbox = sandbox();
    let daemon = sandbox.daemon([] as [&str; 0]);
    text(sandbox.muista().args(["add", "Feed the cat", "--due", "today"]).output().unwrap());
    let program = walker.documented();
    let address = format!("http://{}/mcp", daemon.http());
    assert!(program.contains("http://127.0.0.1:3000/mcp"), "{program}");
    let mut command = walker.command(&sandbox);
    if let Walker::Node = walker {
        command.arg("--input-type=module");
    }
    command.arg("-").env("MUISTA_KEY", key(&sandbox));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(program.replace("http://127.0.0.1:3000/mcp", &address).as_bytes()).unwrap();
    drop(stdin);
    let printed = text(child.wait_with_output().unwrap());
    assert!(printed.contains("Feed the cat"), "{printed}");
}

/// Other clients, in `clients/`: what they send that the SDKs do not.
mod clients {
    use std::path::Path;

    use super::{key, root, sandbox, text};

    #[track_caller]
    fn speaks(client: &str) {
        let sandbox = sandbox();
        let daemon = sandbox.daemon([] as [&str; 0]);
        for args in
            [&["job", "add", "backup", "--script", "backup", "--retries", "0"] as &[_], &["job", "run", "backup"]]
        {
            text(sandbox.muista().args(args).output().unwrap());
        }
        let has_failed = || {
            let runs = text(sandbox.muista().args(["job", "runs", "backup", "--json"]).output().unwrap());
            runs.to_lowercase().contains("failed")
        };
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !has_failed() {
            assert!(std::time::Instant::now() < end, "the run has not failed");
        }
        let python = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("mcp-sdk").join(client);
        let mut command = sandbox.shell();
        command.args(["-c", "exec \"$@\"", "sh"]).arg(python.join("bin/python"));
        command.arg(root().join(format!("tests/mcp/clients/{client}_client.py")));
        command.env("MCP_TOKEN", key(&sandbox)).env("MCP_URL", format!("http://{}/mcp", daemon.http()));
        // They tell their makers of their use otherwise, and write beside the program.
        for (name, value) in [
            ("CREWAI_DISABLE_TELEMETRY", "true"),
            ("OTEL_SDK_DISABLED", "true"),
            ("MCP_USE_ANONYMIZED_TELEMETRY", "false"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ] {
            command.env(name, value);
        }
        text(command.output().unwrap());
    }

    #[test]
    #[ignore = "needs crewai-tools, as ./check puts it in place"]
    fn crewai_leaves_out_by_null() {
        speaks("crewai");
    }

    #[test]
    #[ignore = "needs mcp-use, as ./check puts it in place"]
    fn mcp_use_connects_for_each_call() {
        speaks("mcp_use");
    }

    #[test]
    #[ignore = "needs langchain-mcp-adapters, as ./check puts it in place"]
    fn langchain_reads_prompts() {
        speaks("langchain");
    }

    #[test]
    #[ignore = "needs fastmcp, as ./check puts it in place"]
    fn fastmcp_sends_lists_as_text() {
        speaks("fastmcp");
    }
}

mod python {
    use super::{Walker::Python, does_as_documented, walk};

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn does_what_the_documentation_shows() {
        does_as_documented(Python);
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_http() {
        walk(Python, "http", "legacy");
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_http_without_sessions() {
        walk(Python, "http", "modern");
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_stdio() {
        walk(Python, "stdio", "legacy");
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_stdio_without_sessions() {
        walk(Python, "stdio", "modern");
    }
}

mod node {
    use super::{Walker::Node, does_as_documented, walk};

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn does_what_the_documentation_shows() {
        does_as_documented(Node);
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_http() {
        walk(Node, "http", "legacy");
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_http_without_sessions() {
        walk(Node, "http", "modern");
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_stdio() {
        walk(Node, "stdio", "legacy");
    }

    #[test]
    #[ignore = "needs the MCP SDKs, as ./check puts them in place"]
    fn walks_over_stdio_without_sessions() {
        walk(Node, "stdio", "modern");
    }
}
