//! Where a password comes from: the environment, a file, or a person. Never from the command line,
//! where everybody on the machine can read it.

use super::super::config;
use super::super::terms::CommandError;
use super::files::{open_to_others, read};
use clap::Args;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Where the password comes from; without either, it is asked for.
#[derive(Debug, Args)]
pub(super) struct Password {
    /// The variable of the environment that holds the password
    #[arg(long, value_name = "NAME", conflicts_with = "password_file")]
    password_env: Option<String>,
    /// The file that holds the password in its first line
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Password {
    /// The password of `what`; a person is asked `times` times.
    pub(super) fn take(&self, what: &str, times: u8) -> Result<Zeroizing<String>, CommandError> {
        if let Some(name) = &self.password_env {
            let value = config::variable(name).map(Zeroizing::new);
            return value.ok_or_else(|| {
                CommandError::Wrong(format!("the environment has no variable `{name}`"))
            });
        }
        if let Some(path) = &self.password_file {
            if let Some(mode) = open_to_others(path) {
                let path = path.display();
                return Err(CommandError::Wrong(format!(
                    "{path} can be read by others (mode {mode:04o}); run `chmod 600 {path}`"
                )));
            }
            let bytes = read(path)?;
            let line = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next();
            let line = std::str::from_utf8(line.unwrap_or_default())
                .map_err(|_| CommandError::Wrong(format!("{} is no text", path.display())))?;
            return Ok(Zeroizing::new(line.to_owned()));
        }
        let first = ask(&format!("Password of {what}: "))?;
        if times > 1 && *ask("The same once more: ")? != *first {
            return Err(CommandError::Wrong("these were two passwords".to_owned()));
        }
        Ok(first)
    }
}

/// Asks a person, who does not see what they type.
fn ask(prompt: &str) -> Result<Zeroizing<String>, CommandError> {
    let nobody = |_: io::Error| {
        let text = "there is nobody to ask for the password; use --password-env or --password-file";
        CommandError::Wrong(text.to_owned())
    };
    let terminal = File::options().read(true).write(true).open("/dev/tty").map_err(nobody)?;
    let quiet = Quiet::on(&terminal).map_err(|error| nobody(error.into()))?;
    let mut line = Zeroizing::new(String::new());
    let asked = write!(&terminal, "{prompt}")
        .and_then(|()| BufReader::new(&terminal).read_line(&mut line))
        .and_then(|_| writeln!(&terminal));
    drop(quiet);
    asked.map_err(nobody)?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A terminal that does not show what is typed, for as long as this lives.
struct Quiet<'t> {
    terminal: &'t File,
    before: Termios,
}

impl<'t> Quiet<'t> {
    fn on(terminal: &'t File) -> rustix::io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // If this fails there is no terminal any more.
        let _restored = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}
