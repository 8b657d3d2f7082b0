//! A gigabyte both ways, from file to file, and the most memory that it took.

use super::parties::{Parties, content, packing};
use std::fs::File;
use std::io::{self, Write as _};
use std::time::Instant;
use wharf::transport::as2::{Attachment, Headers, Sinks, open, pack};

pub(crate) fn measure(parties: &Parties) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let [plain, sealed, opened] =
        ["plain", "sealed", "opened"].map(|name| folder.path().join(name));
    let piece = content(1 << 20);
    let mut file = File::create(&plain).unwrap();
    for _ in 0..1024 {
        file.write_all(&piece).unwrap();
    }
    let before = memory();
    let began = Instant::now();
    let recipients = [parties.us.certificate().clone()];
    let packed = pack(File::open(&plain).unwrap(), &packing(&parties.them, &recipients)).unwrap();
    let headers: Headers = packed.headers().iter().map(|(name, value)| (&**name, value)).collect();
    let length = packed.length();
    let mut file = File::create(&sealed).unwrap();
    assert_eq!(io::copy(&mut packed.into_reader().unwrap(), &mut file).unwrap(), length);
    println!("1 GB packed in {:.1?}; most memory {} kB more", began.elapsed(), memory() - before);
    let began = Instant::now();
    let mut sinks = Into(opened.clone());
    let done = open(&headers, &mut File::open(&sealed).unwrap(), &parties.terms(), &mut sinks);
    assert_eq!(done.unwrap().attachments[0].length, 1 << 30);
    println!("1 GB opened in {:.1?}; most memory {} kB more", began.elapsed(), memory() - before);
}

/// A sink that is a file.
pub(crate) struct Into(pub(crate) std::path::PathBuf);

impl Sinks for Into {
    type Sink = File;

    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn open(&mut self, _: &Attachment) -> io::Result<File> {
        File::create(&self.0)
    }

    fn close(&mut self, _: File) -> io::Result<()> {
        Ok(())
    }
}

/// The most memory that this process ever had, in kB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
