//! A partner to whom is sent: opens what comes, and answers with a signed receipt.

use super::hand::{end_of_head, length};
use super::world::{THEM, US};
use crate::large::Into as IntoFile;
use crate::parties::Parties;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;
use wharf::transport::as2::mdn::{Answer, write};
use wharf::transport::as2::{As2Name, Disposition, Headers, Memory, Opened, Signing, open};

/// A partner to whom is sent. While its gate is shut, whoever sends waits for the answer.
pub(super) struct Partner {
    pub(super) url: String,
    desk: Arc<Desk>,
}

struct Desk {
    parties: Parties,
    open: Mutex<bool>,
    opened: Condvar,
    answered: AtomicUsize,
    /// Where what is large goes.
    folder: PathBuf,
    /// When the first byte and the last byte of the last message came.
    came: Mutex<Option<(Instant, Instant)>>,
}

impl Partner {
    pub(super) fn start(parties: &Parties, folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/as2", listener.local_addr().unwrap());
        let desk = Arc::new(Desk {
            parties: parties.clone(),
            open: Mutex::new(false),
            opened: Condvar::new(),
            answered: AtomicUsize::new(0),
            folder: folder.to_owned(),
            came: Mutex::new(None),
        });
        let serving = Arc::clone(&desk);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let desk = Arc::clone(&serving);
                // Whoever hangs up has ended.
                thread::spawn(move || while desk.hear(stream.as_ref().unwrap()).is_ok() {});
            }
        });
        Self { url, desk }
    }

    pub(super) fn open_gate(&self) {
        *self.desk.open.lock().unwrap() = true;
        self.desk.opened.notify_all();
    }

    /// How many messages were answered.
    pub(super) fn answered(&self) -> usize {
        self.desk.answered.load(Ordering::Acquire)
    }

    /// When the first byte and the last byte of the last message came.
    pub(super) fn came(&self) -> Option<(Instant, Instant)> {
        *self.desk.came.lock().unwrap()
    }
}

impl Desk {
    /// One message, and the answer to it.
    fn hear(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut source = BufReader::with_capacity(1 << 18, stream);
        let mut head = Vec::new();
        while end_of_head(&head).is_none() {
            if source.read_until(b'\n', &mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let first = Instant::now();
        let line = head.iter().position(|byte| *byte == b'\n').unwrap();
        let headers = Headers::parse(&head[line + 1..head.len() - 4]).unwrap();
        let length = length(&head);
        let opened = if length > LARGE {
            let path = self.folder.join("came");
            let mut file =
                File::options().create(true).truncate(true).read(true).write(true).open(&path)?;
            io::copy(&mut source.take(u64::try_from(length).unwrap()), &mut file)?;
            *self.came.lock().unwrap() = Some((first, Instant::now()));
            let mut sinks = IntoFile(self.folder.join("opened"));
            open(&headers, &mut file, &self.terms(), &mut sinks)
        } else {
            let mut body = vec![0; length];
            source.read_exact(&mut body)?;
            *self.came.lock().unwrap() = Some((first, Instant::now()));
            let gate = self.open.lock().unwrap();
            drop(self.opened.wait_while(gate, |open| !*open).unwrap());
            open(&headers, &mut io::Cursor::new(body), &self.terms(), &mut Memory::default())
        };
        let answer = self.receipt(&headers, &opened.unwrap());
        self.answered.fetch_add(1, Ordering::Release);
        stream.write_all(&answer)
    }

    fn terms(&self) -> wharf::transport::as2::Terms<'_> {
        let mut terms = self.parties.terms_of_theirs();
        terms.at = Timestamp::now();
        terms
    }

    fn receipt(&self, headers: &Headers, opened: &Opened) -> Vec<u8> {
        let [from, to] = [THEM, US].map(|name| As2Name::new(name).unwrap());
        let number = self.answered.load(Ordering::Relaxed);
        let answer = Answer {
            from: &from,
            to: &to,
            message_id: &format!("<{number}.receipt@acme>").parse().unwrap(),
            original: &headers.value("Message-ID").unwrap().parse().unwrap(),
            disposition: &Disposition::Processed,
            mic: Some(&opened.mic),
            words: "",
            reporter: "acme",
            quirks: &[],
            at: Timestamp::now(),
        };
        let written = write(&answer, Some(&Signing::with(&self.parties.them))).unwrap();
        let lines = written.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!("HTTP/1.1 200 OK\r\n{}\r\n", lines.collect::<Vec<_>>().concat());
        [head.into_bytes(), written.body].concat()
    }
}

/// What is longer goes to the disk.
const LARGE: usize = 16 << 20;
