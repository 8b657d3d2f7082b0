//! What is handed in, and what the system says of the program.

use std::fs;
use std::time::{Duration, Instant};
use wharf::message::{Body, Channel, Direction, Identity, Moment, PartnerId, Proof, RawMessage};
use wharf::spool::{Settings, Spool};

/// An 855 of about 2 kB about an order of this number.
pub(super) fn confirmation(number: u32) -> String {
    let line = |line| {
        format!(
            "PO1*{line}*40*BX*8.75*CT*VN*NG-77{line:02}M*UK*10614141007702~ACK*IA*40*BX*067*20261118~"
        )
    };
    let sets = (1..=24).map(line).collect::<String>();
    format!(
        "ISA*00*          *00*          *01*006081492      *ZZ*LAKESIDE       *261115*0930*U*00401*{number:09}*0*P*>~GS*PR*ACMEMED*LAKESIDE*20261115*0930*{number}*X*004010~ST*855*0001~BAK*00*AC*IN-{number}*20261115~{sets}CTT*24~SE*52*0001~GE*1*{number}~IEA*1*{number:09}~"
    )
}

/// How many appends the journal alone is measured with.
pub(super) const APPENDS: u32 = 50_000;

/// Durable appends a second of the same bytes by 64 writers, straight into a spool.
pub(super) fn journal_alone() -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let now = || Moment { at: jiff::Timestamp::now(), tick: Instant::now() };
    let (spool, _) = Spool::open(folder.path(), Settings::default(), now()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let spool = std::sync::Arc::new(spool);
    let total = APPENDS;
    let begun = Instant::now();
    runtime.block_on(async {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..64 {
            let spool = std::sync::Arc::clone(&spool);
            writers.spawn(async move {
                for number in (writer..total).step_by(64) {
                    let raw = RawMessage {
                        partner: PartnerId::new("acme").unwrap(),
                        direction: Direction::Inbound,
                        channel: Channel::Https,
                        proof: Proof::Token("t".into()),
                        file_name: None,
                        content_type: None,
                        body: Body::Bytes(confirmation(number).into_bytes()),
                        identities: vec![Identity::new("key", number.to_string())],
                        references: Vec::new(),
                    };
                    spool.accept(now(), raw).await.unwrap();
                }
            });
        }
        writers.join_all().await;
    });
    f64::from(total) / begun.elapsed().as_secs_f64()
}

/// The value that so many of a hundred are below.
pub(super) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// The resident memory of a process, in bytes.
pub(super) fn memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

/// The processor time that a process has used.
pub(super) fn processor_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = [11, 12].map(|at: usize| fields[at].parse::<u64>().unwrap()).iter().sum();
    Duration::from_millis(ticks * 10)
}
