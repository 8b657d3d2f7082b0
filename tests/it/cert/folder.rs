//! A folder with partners and certificates, and the programs that are run in it.

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;
use wharf::pki::{KeyKind, MadePair, NewPair};

pub(super) struct Folder(TempDir);

/// What a program printed, and how it ended.
pub(super) struct Ran {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: i32,
}

impl Folder {
    /// One with our own file and one partner.
    pub(super) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put("partners/us.toml", US);
        folder.put("partners/acme.toml", ACME);
        folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(super) fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o777
    }

    pub(super) fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Runs `wharf` here.
    pub(super) fn wharf(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
        for name in ["WHARF_PARTNERS", "WHARF_CERTS", "WHARF_GRAMMARS", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        Ran::of(
            &command
                .args(arguments)
                .env("SECRET", "open sesame")
                .current_dir(&self.0)
                .output()
                .unwrap(),
        )
    }

    /// The same, which must end well.
    pub(super) fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.wharf(arguments);
        assert_eq!(ran.code, 0, "wharf {}: {}{}", arguments.join(" "), ran.out, ran.err);
        ran
    }

    /// The same, whose answer is one line of JSON.
    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.done(&[arguments, &["--json"]].concat());
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Runs another program here, which must end well.
    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        let ran = self.try_run(program, arguments);
        assert_eq!(ran.code, 0, "{program} {}: {}{}", arguments.join(" "), ran.out, ran.err);
        ran
    }

    pub(super) fn try_run(&self, program: &str, arguments: &[&str]) -> Ran {
        let output = Command::new(program).args(arguments).current_dir(&self.0).output();
        Ran::of(&output.unwrap_or_else(|error| panic!("{program}: {error}; see tests/run")))
    }
}

/// Runs `openssl` with words set apart by blanks.
pub(super) fn openssl(folder: &Folder, line: &str) -> Ran {
    folder.run("openssl", &line.split_whitespace().collect::<Vec<_>>())
}

/// A pair that is valid from a time for some days.
pub(super) fn pair_of(from: &str, days: u32) -> MadePair {
    NewPair::new("made", KeyKind::Rsa { bits: 2048 }, from.parse().unwrap(), days).make().unwrap()
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().expect("no signal ended it");
        Self { out: text(&output.stdout), err: text(&output.stderr), code }
    }
}

const US: &str =
    "title = 'Lakeside Health'\nidentities = [{ isa = 'ZZ:LAKESIDE', gs = ['LAKESIDE'] }]\n";

const ACME: &str = "title = 'Acme'\nrole = 'supplier'\nmode = 'test'\nowner = 'edi'\n\
    identities = [{ isa = 'ZZ:ACME', gs = ['ACME'] }]\n";
