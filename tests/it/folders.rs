//! Files taken from and put into folders of this machine.

use super::served::{ERP, Receiver, Served, Ways, confirmation, order, until};
use super::sftp_client::House;
use super::sftp_client::outgoing;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use wharf::message::Proof;
use wharf::spool::Query;
use wharf::transport::folder::send::send;
use wharf::transport::{Blame, LookError};

struct Folders {
    home: TempDir,
}

impl Folders {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for name in ["in", "out"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        Self { home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn wires(&self, more: &str) -> String {
        let (inbound, outbound) = (self.path("in"), self.path("out"));
        let (inbound, outbound) = (inbound.display(), outbound.display());
        format!("[folder]\ninbound = '{inbound}'\noutbound = '{outbound}'\n{more}\n")
    }

    fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_complete_is_taken_and_nothing_else() {
    let folders = Folders::new();
    let mut house = House::new(&folders.wires("stable = '0s'"));
    for name in ["in/a.edi", "in/b.part", "in/.c", "in/d.TMP"] {
        folders.put(name, name);
    }
    folders.put("secret", "not theirs");
    symlink(folders.path("secret"), folders.path("in/link.edi")).unwrap();
    fs::create_dir(folders.path("in/folder")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folders.path("in/pipe")).status();
    assert!(made.unwrap().success());
    assert_eq!(house.took().await, 1);
    assert_eq!(house.files(), [("a.edi".to_owned(), b"in/a.edi".to_vec())]);
    assert_eq!(folders.names("in"), [".c", "b.part", "d.TMP", "folder", "link.edi", "pipe"]);
    let spool = house.gateway.spool();
    let id = spool.list(&Query::default(), None, 1).unwrap().messages[0].id;
    let proof = spool.dossier(id).unwrap().head.proof;
    assert_eq!(proof, Proof::Folder(folders.path("in").display().to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_is_waited_for_even_one_that_holds_on_after_the_claim() {
    let folders = Folders::new();
    let mut house = House::new(&folders.wires("stable = '1s'"));
    let mut file = fs::File::create(folders.path("in/a.edi")).unwrap();
    for piece in ["one ", "two ", "three"] {
        file.write_all(piece.as_bytes()).unwrap();
        let looked = house.look().await;
        assert_eq!((looked.taken, looked.settling), (0, 1), "{looked:?}");
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(house.took().await, 1);
    assert_eq!(house.files(), [("a.edi".to_owned(), b"one two three".to_vec())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_which_nothing_may_be_changed_is_remembered() {
    let folders = Folders::new();
    let wires = folders.wires("stable = '0s'\nafter = 'keep'");
    let mut house = House::new(&wires);
    folders.put("in/a.edi", "one");
    assert_eq!(house.took().await, 1);
    assert_eq!(house.took().await, 0);
    let mut house = house.restart(&wires);
    assert_eq!(house.took().await, 0);
    folders.put("in/a.edi", "another");
    assert_eq!(house.took().await, 1);
    assert_eq!(folders.names("in"), ["a.edi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_lead_elsewhere_lead_nowhere() {
    let folders = Folders::new();
    let outside = folders.path("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, folders.path("in/done")).unwrap();
    let mut house = House::new(&folders.wires("stable = '0s'\nafter = { move = 'done' }"));
    folders.put("in/a.edi", "one");
    let looked = house.look().await;
    // The house has it, and it stays, because the folder that it is to be moved to is a link.
    assert_eq!((looked.taken, looked.left.len()), (1, 1), "{looked:?}");
    assert_eq!(names(&outside), [""; 0]);
    symlink(folders.path("victim"), folders.path("out/b.edi")).unwrap();
    send(&folders.path("out"), &outgoing("../b.edi", "ours")).await.unwrap();
    send(&folders.path("out"), &outgoing("b.edi", "ours")).await.unwrap();
    assert!(!folders.path("victim").exists());
    let names = folders.names("out");
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&"_b.edi".to_owned()), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_there_is_whole_and_there_once() {
    let folders = Folders::new();
    let out = outgoing("850-1.edi", vec![b'x'; 3_000_000]);
    folders.put(&format!("out/.wharf-{}.part", out.id), "left by an attempt that was cut off");
    for said in ["it lies in", "it lay in"] {
        let receipt = send(&folders.path("out"), &out).await.unwrap();
        assert!(receipt.starts_with(said), "{receipt}");
    }
    assert_eq!(folders.names("out"), ["850-1.edi"]);
    assert_eq!(fs::metadata(folders.path("out/850-1.edi")).unwrap().len(), 3_000_000);
    let other = outgoing("850-1.edi", "another message of the same name");
    send(&folders.path("out"), &other).await.unwrap();
    assert_eq!(folders.names("out").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_gone_is_told_with_what_to_do() {
    let folders = Folders::new();
    let mut house = House::new(&folders.wires("stable = '0s'"));
    fs::remove_dir(folders.path("in")).unwrap();
    fs::remove_dir(folders.path("out")).unwrap();
    let trouble = house.look().await.trouble.unwrap();
    assert!(trouble.to_string().ends_with("there is no such folder; make it, or mount it"));
    assert!(matches!(&trouble, LookError::Transport(error) if error.blame() == Blame::Weather));
    let error = send(&folders.path("out"), &outgoing("a", "x")).await.unwrap_err();
    assert_eq!(error.blame(), Blame::Weather, "{error}");
    folders.put("out", "a file where a folder should be");
    let error = send(&folders.path("out"), &outgoing("a", "x")).await.unwrap_err();
    assert_eq!(error.blame(), Blame::Us, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_trades_through_two_folders() {
    let receiver = Receiver::start().await;
    let mut served = Served::new(&receiver.url, Ways::Plain);
    let acme = fs::read_to_string(served.file("acme-medical")).unwrap();
    let wires =
        "[folder]\ninbound = 'acme/in'\noutbound = 'acme/out'\nstable = '1s'\nevery = '1s'\n";
    fs::write(served.file("acme-medical"), format!("deliver_by = 'folder'\n{acme}\n{wires}"))
        .unwrap();
    let [inbound, outbound] = ["acme/in", "acme/out"].map(|name| served.folder().join(name));
    fs::create_dir_all(&inbound).unwrap();
    fs::create_dir_all(&outbound).unwrap();
    served.start();
    fs::write(inbound.join("855.edi"), confirmation(7)).unwrap();
    fs::set_permissions(inbound.join("855.edi"), fs::Permissions::from_mode(0o644)).unwrap();
    until("the ERP to be told", async || receiver.told().iter().any(|(_, about)| about == "IN-7"))
        .await;
    served.doors().insist(ERP, "/v1/purchase-orders?partner=acme-medical", &order(9), 9).await;
    until("the order and the acknowledgment to lie there", async || {
        let texts = names(&outbound).into_iter().filter(|name| !name.starts_with('.'));
        let texts = texts.map(|name| fs::read_to_string(outbound.join(name)).unwrap());
        let texts = texts.collect::<Vec<_>>().concat();
        texts.contains("~BEG*00*SA*PO-9*") && texts.contains("~AK1*PR*7~")
    })
    .await;
    let (_, ready) = served.doors().operator("/readyz").await;
    let looks = ready["checks"].as_array().unwrap().iter().find(|one| one["name"] == "looks");
    let detail = looks.unwrap()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("acme-medical (folder, "), "{detail}");
    served.end_in_order();
}
