//! Who we are: `partners/us.toml`.

use super::as2::{OurAs2, WrittenOurs};
use super::credential::{Credential, credentials, is_of_sample};
use super::desk::Placed;
use super::endpoint::Endpoint;
use super::fault::FaultKind;
use super::identity::{Identity, WrittenIdentity, identities};
use super::listeners::{Listeners, WrittenListeners};
use super::quantity::Days;
use super::secret::{Secret, secret};
use super::source::Source;
use super::terms::Terms;
use super::written::Table;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use std::collections::BTreeSet;

/// Our own side: identities, doors, the ERP, and what holds for every partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Us {
    /// Our name, for people.
    pub title: String,
    /// Our ids; the first is the one that we use unless a partner's file names another.
    pub identities: Vec<Identity>,
    /// Where we listen.
    pub listeners: Listeners,
    /// The folder of the spool.
    pub spool: String,
    /// How long what is done with is kept, and where it is copied before it goes; none: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// What the ERP signs in with and where its events go.
    pub erp: Erp,
    /// Our AS2, for partners that name nothing else.
    pub as2: OurAs2,
    /// What holds for every partner that says nothing else.
    pub defaults: Terms,
}

/// How long what is done with is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keep {
    /// How long.
    pub days: Days,
    /// The folder that it is copied to before it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
}

/// The ERP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erp {
    /// Bearer tokens that it may sign in with; none: only a loopback address, and whoever is there.
    pub tokens: Vec<Credential>,
    /// Where events are posted to.
    pub webhooks: Vec<Webhook>,
}

/// Where events are posted to, signed as Standard Webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// The subscriber's name: its cursor is kept under it.
    pub name: String,
    /// Where.
    pub url: Endpoint,
    /// What events are signed with; two while one takes over from the other.
    pub secrets: Vec<Secret>,
    /// The types of events that it wants, such as `wharf.invoice.received.v1`; none: all.
    pub events: Vec<String>,
    /// Whether it wants test events, and only those; otherwise it never gets one.
    pub test: bool,
}

/// The same with places, for faults between files.
#[derive(Debug)]
pub(super) struct WrittenUs {
    title: Option<String>,
    pub(super) identities: Vec<WrittenIdentity>,
    pub(super) listeners: WrittenListeners,
    spool: String,
    keep: Option<Keep>,
    pub(super) tokens: Vec<Placed<Credential>>,
    webhooks: Vec<Webhook>,
    pub(super) as2: WrittenOurs,
    pub(super) defaults: Terms,
}

impl WrittenUs {
    pub(super) fn read(mut table: Table<'_>, source: &dyn Source) -> Self {
        let title = table.need("title").map(|title| title.value);
        let identities = identities(&mut table);
        let listeners = Listeners::read(table.table("listeners"), source);
        let spool = table.table("spool").map(|mut table| {
            let (folder, days) = (table.get("folder"), table.get("keep"));
            let archive = table.get("archive");
            table.finish();
            (folder, days.map(|days| Keep { days, archive }))
        });
        let (spool, keep) = spool.unwrap_or_default();
        let (tokens, webhooks) = table.table("erp").map(|t| erp(t, source)).unwrap_or_default();
        let as2 = WrittenOurs::read(table.table("as2"), source);
        let defaults = table.table("defaults").map_or_else(Terms::usual, |mut table| {
            let terms = Terms::read(&mut table, &Terms::usual());
            table.finish();
            terms
        });
        let spool = spool.unwrap_or_else(|| SPOOL.to_owned());
        let us =
            Self { title, identities, listeners, spool, keep, tokens, webhooks, as2, defaults };
        us.doors(&table);
        table.finish();
        us
    }

    /// Doors that are open too wide.
    fn doors(&self, table: &Table<'_>) {
        let WrittenListeners { erp, operator, .. } = &self.listeners;
        if erp.is_outside() && self.tokens.is_empty() {
            let kind = FaultKind::ErpOpen(erp.listener.address.to_string());
            table.fault(erp.address.unwrap_or(table.place()), kind);
        }
        if operator.is_outside() {
            table.fault(operator.address.unwrap_or(table.place()), FaultKind::OperatorOutside);
        }
        let samples = self.tokens.iter().filter(|token| is_of_sample(&token.value.sha256));
        for token in samples.filter(|_| erp.is_outside()) {
            table.fault(token.place, FaultKind::SampleToken("us".to_owned()));
        }
    }

    /// The same as the rest of the program knows it; `None` if a fault left something out.
    pub(super) fn us(self) -> Option<Us> {
        let tokens = self.tokens.into_iter().map(|token| token.value).collect();
        Some(Us {
            title: self.title?,
            identities: self.identities.iter().map(WrittenIdentity::identity).collect(),
            listeners: self.listeners.listeners(),
            spool: self.spool,
            keep: self.keep,
            erp: Erp { tokens, webhooks: self.webhooks },
            as2: self.as2.0,
            defaults: self.defaults,
        })
    }
}

fn erp(mut table: Table<'_>, source: &dyn Source) -> (Vec<Placed<Credential>>, Vec<Webhook>) {
    let tokens = credentials(&mut table, "tokens");
    let tables = table.tables("webhooks");
    let (mut webhooks, mut names) = (Vec::<Webhook>::new(), BTreeSet::new());
    for inner in tables {
        let place = inner.place();
        let Some(webhook) = webhook(inner, source) else { continue };
        if !names.insert(webhook.name.clone()) {
            let (what, how) = ("name of its own", "another: each webhook has its own cursor");
            table.fault(place, FaultKind::Malformed { value: webhook.name.clone(), what, how });
        }
        webhooks.push(webhook);
    }
    table.finish();
    (tokens, webhooks)
}

fn webhook(mut table: Table<'_>, source: &dyn Source) -> Option<Webhook> {
    let (name, url) = (table.need::<String>("name"), table.need("url"));
    let items = table.items("secrets");
    let mut secrets = Vec::new();
    for item in &items {
        let Some(secret) = secret(item, source) else { continue };
        if !is_key(secret.expose()) {
            let (what, how) = ("secret", "whsec_ and base64, or any text that begins otherwise");
            item.fault(FaultKind::Malformed { value: format!("{WHSEC}…"), what, how });
        }
        secrets.push(secret);
    }
    if items.is_empty() {
        table.fault(table.place(), FaultKind::Missing("secrets"));
    }
    let events = table.list::<String>("events").into_iter().map(|event| event.value).collect();
    let test = table.or("test", false);
    table.finish();
    let (name, url) = (name?.value, url?.value);
    Some(Webhook { name, url, secrets, events, test })
}

/// Whether a secret that says that it is written as Standard Webhooks has it is so.
fn is_key(secret: &[u8]) -> bool {
    secret.strip_prefix(WHSEC.as_bytes()).is_none_or(|text| BASE64_STANDARD.decode(text).is_ok())
}

const WHSEC: &str = "whsec_";

/// The spool's folder when nobody says otherwise.
const SPOOL: &str = "spool";

#[cfg(test)]
mod tests {
    use super::super::sample::{ACME, Folder, US, faults_of_us};

    #[test]
    fn without_us_there_is_nothing() {
        assert_eq!(
            Folder::of(&[("acme.toml", ACME)]).faults(),
            [
                "partners/us.toml:1:1: there is no such file; it says who we are: our name, identities and listeners"
            ]
        );
    }

    #[test]
    fn webhooks_have_a_name_a_url_and_secrets() {
        let hook = "[[erp.webhooks]]\nname = 'a'\nurl = 'http://erp.example/'\nsecrets = ['x']\n";
        let us = format!(
            "{US}{hook}[[erp.webhooks]]\nname = 'a'\nurl = 'https://erp.example/'\n[[erp.webhooks]]\n"
        );
        assert_eq!(
            faults_of_us(&us),
            [
                "partners/us.toml:5:7: `http://erp.example/` is no URL that we may call; write https://HOST/PATH without a user in it; http:// only to this machine",
                "partners/us.toml:6:12: a secret never stands in a file kept in git; write { env = \"NAME\" } or { file = \"certs/NAME\" }",
                "partners/us.toml:7:1: `secrets` is missing here",
                "partners/us.toml:10:1: `name` is missing here",
                "partners/us.toml:10:1: `url` is missing here",
                "partners/us.toml:10:1: `secrets` is missing here",
            ]
        );
        let good =
            "[[erp.webhooks]]\nname = 'a'\nurl = 'http://[::1]:9/'\nsecrets = [{ env = 'S' }]\n";
        let us = format!("{US}{good}{good}");
        let folder = Folder::of(&[("us.toml", &us)]).set("S", "s");
        assert_eq!(
            folder.faults(),
            [
                "partners/us.toml:7:1: `a` is no name of its own; write another: each webhook has its own cursor"
            ]
        );
    }

    #[test]
    fn a_secret_that_says_that_it_is_base64_is_so() {
        let hook = "[[erp.webhooks]]\nname = 'a'\nurl = 'https://erp.example/'\nsecrets = [{ env = 'S' }]\n";
        let folder = |secret| Folder::of(&[("us.toml", &format!("{US}{hook}"))]).set("S", secret);
        for good in ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "open sesame"] {
            assert_eq!(folder(good).faults(), [""; 0]);
        }
        assert_eq!(
            folder("whsec_open sesame").faults(),
            [
                "partners/us.toml:6:12: `whsec_…` is no secret; write whsec_ and base64, or any text that begins otherwise"
            ]
        );
    }

    #[test]
    fn a_webhook_is_for_production_unless_it_says_that_it_is_for_tests() {
        let hook = |name, test| {
            format!(
                "[[erp.webhooks]]\nname = '{name}'\nurl = 'https://erp.example/'\nsecrets = [{{ env = 'S' }}]\n{test}\n"
            )
        };
        let us = format!("{US}{}{}", hook("a", ""), hook("b", "test = true"));
        let folder = Folder::of(&[("us.toml", &us)]).set("S", "s");
        let partners = folder.load().unwrap();
        let tests = partners.us().erp.webhooks.iter().map(|webhook| webhook.test);
        assert_eq!(tests.collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn what_holds_for_all_may_be_changed_for_each() {
        let us = format!(
            "{US}[defaults]\nlimits.body = '5MB'\nretry.then = '1h'\nenvelope.release = '005010'\n"
        );
        let acme = format!("{ACME}[limits]\nat_once = 2\n[envelope]\nrelease = '004010'\n");
        let other = ACME.replace("01:006081492", "ZZ:OTHER").replace("'ACME'", "'OTHER'");
        let folder = Folder::of(&[("us.toml", &us), ("acme.toml", &acme), ("other.toml", &other)]);
        let partners = folder.load().unwrap();
        let [acme, other] = ["acme", "other"].map(|name| &partners.partner(name).unwrap().terms);
        assert_eq!((acme.limits.at_once, acme.limits.body.to_string()), (2, "5 MB".into()));
        assert_eq!((other.limits.at_once, other.limits.body.to_string()), (64, "5 MB".into()));
        assert_eq!(
            (acme.envelope.isa_version.as_str(), other.envelope.isa_version.as_str()),
            ("00401", "00501")
        );
        assert_eq!(acme.retry.then.to_string(), "1h");
    }
}
