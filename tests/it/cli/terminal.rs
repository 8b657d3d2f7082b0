//! Runs `wharf` as a process, and shows what it did as a terminal would.

use regex::Regex;
use serde_json::Value;
use std::fmt;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run of `wharf` printed, and how it ended.
pub(super) struct Terminal {
    line: String,
    /// Standard output.
    pub(super) out: String,
    /// Standard error.
    pub(super) err: String,
    /// The exit code.
    pub(super) code: i32,
}

impl Terminal {
    /// Runs it in the root of the repository.
    pub(super) fn run(arguments: &[&str]) -> Self {
        Self::of(&mut command(arguments), "", arguments)
    }

    /// The same with `input` on standard input.
    pub(super) fn fed(input: &str, arguments: &[&str]) -> Self {
        Self::of(&mut command(arguments), input, arguments)
    }

    /// Runs it in another folder.
    pub(super) fn inside(folder: &Path, arguments: &[&str]) -> Self {
        Self::of(command(arguments).current_dir(folder), "", arguments)
    }

    /// Runs it where colours are forced.
    pub(super) fn coloured(arguments: &[&str]) -> Self {
        Self::of(command(arguments).env("CLICOLOR_FORCE", "1"), "", arguments)
    }

    fn of(command: &mut Command, input: &str, arguments: &[&str]) -> Self {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let ended = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            line: format!("$ wharf {}", arguments.join(" ")),
            out: text(ended.stdout),
            err: text(ended.stderr),
            code: ended.status.code().expect("no signal ended it"),
        }
    }

    /// Runs it for a reader that goes away after the first bytes: the exit code and the errors.
    pub(super) fn cut_short(arguments: &[&str]) -> (Option<i32>, String) {
        let mut child = command(arguments).stderr(Stdio::null()).spawn().unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = child.wait_with_output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    }

    /// The lines of standard output as JSON.
    pub(super) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Standard output as one JSON value.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

impl fmt::Display for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}{}[{}]", self.line, self.out, self.err, self.code)
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["WHARF_GRAMMARS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `text` with the date and time of the ISA and GS that we wrote made the same on every day.
pub(super) fn masked(text: &str) -> String {
    let header = Regex::new(r"(?m)^(ISA\*.*\*)\d{6}\*\d{4}(\*U\*)").unwrap();
    let text = header.replace_all(text, "${1}YYMMDD*HHMM${2}");
    let group = Regex::new(r"(?m)^(GS\*.*\*)\d{8}\*\d{4}(\*\d+\*X\*)").unwrap();
    group.replace_all(&text, "${1}CCYYMMDD*HHMM${2}").into_owned()
}
