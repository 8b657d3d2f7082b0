//! The sshd of OpenSSH on a port of its own, as strict or as odd as a test wants it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server of a partner's.
pub(super) struct Sshd {
    home: TempDir,
    process: Option<Child>,
    pub(super) port: u16,
    options: Options,
}

/// How it differs from the usual.
#[derive(Clone, Default)]
pub(super) struct Options {
    /// What its SFTP is started with, such as `-R`.
    pub(super) sftp: String,
    /// More lines of its configuration.
    pub(super) lines: String,
    /// Whether everybody is locked into the folder.
    pub(super) chroot: bool,
}

impl Sshd {
    pub(super) fn start() -> Self {
        Self::with(Options::default())
    }

    pub(super) fn with(options: Options) -> Self {
        // Nobody but root may be able to change anything on the way to a folder that locks in.
        let base = if options.chroot { "/var/lib".into() } else { std::env::temp_dir() };
        let home = tempfile::tempdir_in(base).unwrap();
        set_mode(home.path(), 0o755);
        fs::create_dir(home.path().join("files")).unwrap();
        set_mode(&home.path().join("files"), 0o755);
        for folder in ["out", "in"] {
            fs::create_dir(home.path().join("files").join(folder)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut sshd = Self { home, process: None, port, options };
        for (name, sort) in [("host", "ed25519"), ("client", "ed25519")] {
            sshd.keygen(name, sort);
        }
        fs::copy(sshd.path("client.pub"), sshd.path("authorized")).unwrap();
        sshd.run();
        sshd
    }

    /// Makes a new pair of keys.
    pub(super) fn keygen(&self, name: &str, sort: &str) {
        let path = self.path(name);
        let _before = fs::remove_file(&path);
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-N", "", "-t", sort, "-f"]).arg(path);
        assert!(keygen.status().unwrap().success());
    }

    pub(super) fn run(&mut self) {
        let Options { sftp, lines, chroot } = &self.options;
        let files = self.path("files").display().to_string();
        let (root, start) =
            if *chroot { (files, "/".to_owned()) } else { ("none".to_owned(), files) };
        let [host, keys] = ["host", "authorized"].map(|name| self.path(name).display().to_string());
        let port = self.port;
        // Of two lines on the same, the first holds.
        let config = format!(
            "{lines}\nPort {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {keys}\n\
             StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n\
             MaxStartups 200\nMaxSessions 50\nLogLevel VERBOSE\nSubsystem sftp internal-sftp\n\
             ChrootDirectory {root}\nForceCommand internal-sftp {sftp} -d {start}\n"
        );
        fs::write(self.path("config"), config).unwrap();
        if is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let log = fs::File::options().create(true).append(true).open(self.path("log")).unwrap();
        let mut command = Command::new("/usr/sbin/sshd");
        command.args(["-D", "-e", "-f"]).arg(self.path("config"));
        let process = command.stdin(Stdio::null()).stderr(log).spawn();
        self.process = Some(process.expect("openssh-server is needed"));
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < end, "sshd does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it, and whoever it serves.
    pub(super) fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let _children =
            Command::new("pkill").args(["-KILL", "-P", &process.id().to_string()]).status();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// The same server with other options.
    pub(super) fn again(&mut self, options: Options) {
        self.stop();
        self.options = options;
        self.run();
    }

    /// The line that pins its key.
    pub(super) fn pin(&self) -> String {
        self.line("host")
    }

    pub(super) fn line(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap();
        text.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The path of one of the partner's files.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path("files").join(name)
    }

    /// Puts a file there as a partner does.
    pub(super) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.file(name), bytes).unwrap();
    }

    /// The names in a folder.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        names(&self.file(folder))
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// How often somebody was let in.
    pub(super) fn entered(&self) -> usize {
        self.log().matches("Accepted publickey").count()
    }

    /// The lines of a partner's file that say where it is.
    pub(super) fn remote(&self, port: u16, pin: &str) -> String {
        let (user, key) = (user(), self.path("client").display().to_string());
        format!(
            "[sftp.remote]\nhost = '127.0.0.1'\nport = {port}\nuser = '{user}'\n\
             key = {{ file = '{key}' }}\nhost_keys = ['{pin}']\n"
        )
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Who runs the tests: an sshd that is not run by root serves nobody else.
pub(super) fn user() -> String {
    let id = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

pub(super) fn is_root() -> bool {
    user() == "root"
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
