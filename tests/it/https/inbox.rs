//! An inbox in memory: keeps what is handed in, gives out what was put there.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::Notify;
use wharf::message::{Body, Content, MessageId, Moment, PartnerId};
use wharf::partner::Partners;
use wharf::transport::{
    Collected, FieldFault, Handed, Inbox, Letter, Ready, Receipt, Refusal, RefusalKind, Returned,
    Staging, Taken,
};

pub(super) struct Memory {
    partners: Arc<Partners>,
    pub(super) handed: Mutex<Vec<(MessageId, Handed)>>,
    pub(super) letters: Mutex<HashMap<MessageId, (PartnerId, Vec<u8>)>>,
    /// Whether nobody's messages fit in any more.
    pub(super) full: AtomicBool,
    /// Lets go whoever handed in `wait`.
    pub(super) go: Notify,
}

impl Memory {
    pub(super) fn new(partners: Partners) -> Self {
        Self {
            partners: Arc::new(partners),
            handed: Mutex::default(),
            letters: Mutex::default(),
            full: AtomicBool::new(false),
            go: Notify::new(),
        }
    }

    /// Puts something where `partner` collects it.
    pub(super) fn put(&self, partner: &str, bytes: &[u8]) -> MessageId {
        let id = MessageId::mint(self.now().at);
        let letter = (PartnerId::new(partner).unwrap(), bytes.to_vec());
        self.letters.lock().unwrap().insert(id, letter);
        id
    }

    pub(super) fn count(&self) -> usize {
        self.handed.lock().unwrap().len()
    }

    pub(super) fn last(&self) -> Handed {
        self.handed.lock().unwrap().last().unwrap().1.clone()
    }
}

fn refusal(kind: RefusalKind, code: &'static str) -> Refusal {
    Refusal { kind, code, text: "no".to_owned(), fields: Vec::new() }
}

/// A body that stays in memory.
#[derive(Default)]
struct Heap(Vec<u8>);

impl Write for Heap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Staging for Heap {
    fn finish(self: Box<Self>) -> Result<Body, Refusal> {
        Ok(self.0.into())
    }
}

impl Inbox for Memory {
    fn now(&self) -> Moment {
        Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
    }

    fn partners(&self) -> Arc<Partners> {
        Arc::clone(&self.partners)
    }

    fn stage(&self, _partner: &PartnerId) -> Result<Box<dyn Staging>, Refusal> {
        Ok(Box::new(Heap::default()))
    }

    fn room(&self, _: &PartnerId) -> Result<(), Refusal> {
        if self.full.load(Ordering::Relaxed) {
            return Err(refusal(RefusalKind::Full, "too_many_waiting"));
        }
        Ok(())
    }

    fn adopt(&self, _: &PartnerId, _: Ready) -> Result<Body, Refusal> {
        Err(refusal(RefusalKind::Unavailable, "no_disk"))
    }

    fn waiting(&self, partner: &PartnerId, id: MessageId) -> Result<Option<Letter>, Refusal> {
        let all = self.outbox(partner, None, usize::MAX)?;
        Ok(all.into_iter().find(|letter| letter.id == id))
    }

    fn still_waits(&self, partner: &PartnerId, id: MessageId) -> bool {
        self.collect(partner, id).is_ok()
    }

    fn collected(&self, _: &PartnerId, _: usize) -> Result<Vec<Letter>, Refusal> {
        Ok(Vec::new())
    }

    fn turned_back(&self, _: &PartnerId, _: usize) -> Result<Vec<Returned>, Refusal> {
        Ok(Vec::new())
    }

    fn handed(&self, _: &PartnerId, _: MessageId) -> Result<Collected, Refusal> {
        Err(refusal(RefusalKind::Unknown, "unknown_message"))
    }

    async fn hand_in(&self, handed: Handed) -> Result<Taken, Refusal> {
        let Body::Bytes(bytes) = &handed.body else { panic!("it is in memory") };
        match bytes.as_slice() {
            b"panic" => panic!("as asked"),
            b"wait" => self.go.notified().await,
            b"full" => return Err(refusal(RefusalKind::Full, "spool_full")),
            _ => {}
        }
        if handed.document.is_some() && !bytes.starts_with(b"{") {
            let field = FieldFault {
                pointer: "/number".to_owned(),
                code: "missing".to_owned(),
                text: "the number is missing".to_owned(),
            };
            let invalid = refusal(RefusalKind::Invalid, "document_invalid");
            return Err(Refusal { fields: vec![field], ..invalid });
        }
        let mut all = self.handed.lock().unwrap();
        let same = |(_, other): &&(MessageId, Handed)| {
            handed.key.is_some() && (&other.partner, &other.key) == (&handed.partner, &handed.key)
        };
        if let Some((id, other)) = all.iter().find(same) {
            if other.body != handed.body {
                return Err(refusal(RefusalKind::Conflict, "key_used"));
            }
            return Ok(Taken::Repeat { id: *id, answer: None });
        }
        let id = MessageId::mint(self.now().at);
        all.push((id, handed));
        Ok(Taken::New(id))
    }

    fn receipt(&self, partner: &PartnerId, id: MessageId) -> Result<Receipt, Refusal> {
        let all = self.handed.lock().unwrap();
        all.iter()
            .find(|(known, handed)| *known == id && handed.partner == *partner)
            .map(|(id, _)| Receipt {
                id: *id,
                state: "received".to_owned(),
                received: id.minted_at(),
                summary: "It waits to be read.".to_owned(),
                sets: Vec::new(),
                answers: Vec::new(),
                duplicate_of: None,
            })
            .ok_or_else(|| refusal(RefusalKind::Unknown, "unknown_message"))
    }

    fn outbox(
        &self,
        partner: &PartnerId,
        after: Option<MessageId>,
        most: usize,
    ) -> Result<Vec<Letter>, Refusal> {
        let letters = self.letters.lock().unwrap();
        let mut mine = letters
            .iter()
            .filter(|(id, (owner, _))| owner == partner && after.is_none_or(|after| **id > after))
            .map(|(id, (_, bytes))| Letter {
                id: *id,
                file_name: format!("{id}.edi"),
                since: id.minted_at(),
                sets: vec!["850".to_owned()],
                length: u64::try_from(bytes.len()).unwrap(),
                test: true,
            })
            .collect::<Vec<_>>();
        mine.sort_by_key(|letter| letter.id);
        mine.truncate(most);
        Ok(mine)
    }

    fn collect(&self, partner: &PartnerId, id: MessageId) -> Result<Collected, Refusal> {
        let letters = self.letters.lock().unwrap();
        match letters.get(&id) {
            Some((owner, bytes)) if owner == partner => Ok(Collected {
                file_name: format!("{id}.edi"),
                content_type: "application/edi-x12".to_owned(),
                content: Content::from(bytes.clone()).into(),
            }),
            Some(_) | None => Err(refusal(RefusalKind::Unknown, "unknown_message")),
        }
    }

    async fn sign_off(&self, partner: &PartnerId, id: MessageId) -> Result<(), Refusal> {
        self.collect(partner, id).map(|_| ())
    }
}
