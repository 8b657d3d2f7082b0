//! The program with an AS2 partner, and what the system says of it.

use crate::parties::Parties;
use crate::served::{Served, Ways};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Our AS2 id, and the partner's.
pub(super) const US: &str = "LAKESIDE";
pub(super) const THEM: &str = "ACME";

/// The program.
pub(super) struct World {
    pub(super) served: Served,
    runtime: Runtime,
}

/// The processor time of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    /// All of it.
    pub(super) whole: Duration,
    /// That of the threads which take in and answer, and of the journal's.
    pub(super) doors: Duration,
}

impl World {
    /// Not started yet; `as2` goes into the partner's `[as2]`, as `url = '…'`.
    pub(super) fn new(parties: &Parties, as2: &str) -> Self {
        let served = Served::new("http://127.0.0.1:9/", Ways::Plain);
        let us = fs::read_to_string(served.file("us")).unwrap();
        // Events are read from the feed, and nobody reads here.
        let us = us.split("\n[[erp.webhooks]]\nname = \"erp\"").next().unwrap();
        let keys = "[as2]\nid = 'LAKESIDE'\n[[as2.keys]]\ncertificate = 'certs/us.pem'\n\
                    key = { file = 'certs/us.key' }\n";
        fs::write(served.file("us"), format!("{us}\n{keys}")).unwrap();
        let folder = served.folder().join("certs");
        let names = ["us.pem", "us.key", "acme.pem"];
        for (name, text) in names.into_iter().zip(&parties.files) {
            fs::write(folder.join(name), text).unwrap();
        }
        fs::set_permissions(folder.join("us.key"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::remove_file(served.file("acme-medical")).unwrap();
        let mailbox = if as2.contains("url") { "" } else { "[https]\ndeliver = 'mailbox'\n" };
        let acme = format!(
            "title = 'Acme'\nrole = 'supplier'\nmode = 'production'\nowner = 'edi'\n\
             identities = [{{ isa = '01:006081492', gs = ['ACMEMED'] }}]\n\
             [[agreements]]\nset = '850'\ndirection = 'out'\n\
             [[agreements]]\nset = '855'\ndirection = 'in'\n\
             [acknowledgments.wanted]\nfunctional = 'none'\n\
             [limits]\nrequests_per_minute = 10000000\nat_once = 1000\nbody = '2GB'\n{mailbox}\
             [as2]\nid = 'ACME'\nfailures_per_hour = 10000000\n{as2}\n\
             [[as2.certificates]]\nfile = 'certs/acme.pem'\n"
        );
        fs::write(served.file("acme"), acme).unwrap();
        Self { served, runtime: Runtime::new().unwrap() }
    }

    pub(super) fn started(mut self) -> Self {
        self.served.start();
        self
    }

    /// Where it listens for partners, and for the ERP.
    pub(super) fn doors(&self) -> [String; 2] {
        let [partners, erp, _] = self.served.addresses();
        [partners, erp]
    }

    /// How many messages wait or are being worked on.
    pub(super) fn waiting(&self) -> u64 {
        let doors = self.served.doors();
        let (status, queues) = self.runtime.block_on(doors.operator("/v1/queues"));
        assert_eq!(status, 200, "{queues}");
        let waiting = |queue: &serde_json::Value| queue["waiting"].as_u64().unwrap();
        queues["queues"].as_array().unwrap().iter().map(waiting).sum()
    }

    /// Waits until so many messages wait.
    pub(super) fn until_waiting(&self, count: u64) {
        let end = Instant::now() + PATIENCE;
        while self.waiting() != count {
            assert!(Instant::now() < end, "{} wait: {}", self.waiting(), self.served.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The processor time that it has used.
    pub(super) fn used(&self) -> Used {
        let (mut whole, mut work) = (0, 0);
        let tasks = format!("/proc/{}/task", self.served.pid());
        for task in fs::read_dir(tasks).unwrap() {
            let path = task.unwrap().path();
            // One that has just ended has no files any more.
            let read = |name| fs::read_to_string(path.join(name)).unwrap_or_default();
            let (name, times) = (read("comm"), read("schedstat"));
            let nanoseconds = times.split(' ').next().unwrap_or_default().parse().unwrap_or(0);
            whole += nanoseconds;
            if name.trim() == "work" {
                work += nanoseconds;
            }
        }
        Used { whole: Duration::from_nanos(whole), doors: Duration::from_nanos(whole - work) }
    }

    /// The most memory that it ever had, in MiB.
    pub(super) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.served.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
    }
}

impl Used {
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            whole: self.whole.saturating_sub(before.whole),
            doors: self.doors.saturating_sub(before.doors),
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(120);
