//! A gateway over a spool of its own, with one partner, that looks when it is told to.

use std::fs;
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;
use wharf::gateway::Gateway;
use wharf::grammar::Library;
use wharf::message::{Content, MessageId, Moment};
use wharf::partner::{Disk, Partners, Remote, Shelf};
use wharf::spool::{Query, Settings, Spool};
use wharf::transport::https::send::Sender as Https;
use wharf::transport::{Carriers, Looked, Memory, Outgoing, Owner, look};

pub(crate) struct House {
    home: TempDir,
    pub(crate) gateway: Arc<Gateway>,
    owner: Owner,
    memory: Memory,
}

pub(crate) fn now() -> Moment {
    Moment { at: jiff::Timestamp::now(), tick: Instant::now() }
}

impl House {
    /// With a partner `acme` that has these wires.
    pub(crate) fn new(wires: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let gateway = open(&home, wires);
        let owner = Owner::of(&home.path().display().to_string());
        Self { home, gateway, owner, memory: Memory::default() }
    }

    /// Ended and started again, perhaps with other wires.
    pub(crate) fn restart(self, wires: &str) -> Self {
        let Self { home, gateway, owner, .. } = self;
        drop(gateway);
        let gateway = open(&home, wires);
        Self { home, gateway, owner, memory: Memory::default() }
    }

    /// One look.
    pub(crate) async fn look(&mut self) -> Looked {
        let partners = self.gateway.partners();
        let acme = partners.partner("acme").unwrap();
        let spring = acme.wires.springs().next().unwrap();
        look(&self.gateway, acme, spring, &self.owner, &mut self.memory).await
    }

    /// One look that must go well; how many files it took.
    pub(crate) async fn took(&mut self) -> u32 {
        let looked = self.look().await;
        assert!(looked.trouble.is_none(), "{looked:?}");
        looked.taken
    }

    /// Everything in the house, as name and bytes, in the order of names.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let spool = self.gateway.spool();
        let (mut files, mut before) = (Vec::new(), None);
        loop {
            let page = spool.list(&Query::default(), before, 1_000).unwrap();
            for summary in page.messages {
                let dossier = spool.dossier(summary.id).unwrap();
                let bytes = spool.body(&dossier.body).unwrap();
                files.push((dossier.head.file_name.unwrap(), bytes));
            }
            before = page.next;
            if before.is_none() {
                files.sort();
                return files;
            }
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.files().into_iter().map(|(name, _)| name).collect()
    }

    pub(crate) fn remote(&self) -> Remote {
        let partners = self.gateway.partners();
        partners.partner("acme").unwrap().wires.sftp.as_ref().unwrap().remote.clone().unwrap()
    }
}

fn open(home: &TempDir, wires: &str) -> Arc<Gateway> {
    let partners = home.path().join("partners");
    fs::create_dir_all(&partners).unwrap();
    let us = "title = 'Us'\nidentities = [{ isa = 'ZZ:US', gs = ['US'] }]\n";
    fs::write(partners.join("us.toml"), us).unwrap();
    let acme = format!(
        "title = 'Acme'\nrole = 'supplier'\nmode = 'production'\nowner = 'o'\n\
         identities = [{{ isa = 'ZZ:ACME', gs = ['ACME'] }}]\n{wires}"
    );
    fs::write(partners.join("acme.toml"), acme).unwrap();
    let library = Arc::new(Library::shipped());
    let loaded = Partners::load(&Disk::new(&partners, &|_| None), &Shelf::new(&library));
    let loaded = Arc::new(loaded.unwrap_or_else(|faults| panic!("{faults}")));
    let (spool, _) = Spool::open(&home.path().join("spool"), Settings::default(), now()).unwrap();
    let carriers = Carriers::new(Https::new().unwrap());
    Arc::new(Gateway::new(Arc::new(spool), loaded, library, carriers, now))
}

pub(crate) fn outgoing(name: &str, bytes: impl Into<Vec<u8>>) -> Outgoing {
    Outgoing {
        id: MessageId::mint(now().at),
        content_type: None,
        file_name: Some(name.to_owned()),
        content: Content::from(bytes.into()),
        at: now().at,
    }
}
