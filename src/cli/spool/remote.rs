//! Asking the server that holds the spool, through its operator's listener.

use super::super::terms::CommandError;
use crate::message::PartnerId;
use crate::partner::{Listener, Tls};
use crate::spool::NumberKind;
use reqwest::{Certificate, Client, Method, Response, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// What is known of the server.
pub(super) struct Served {
    /// The spool that it holds.
    pub(super) folder: PathBuf,
    /// Its process.
    pub(super) pid: String,
    /// Where its development certificate lies.
    pub(super) certificates: PathBuf,
}

/// The operator's listener of the server that holds the spool.
pub(super) struct Remote {
    client: Client,
    url: Url,
    served: Served,
}

/// An error as the listener tells it.
#[derive(Deserialize)]
struct Told {
    detail: String,
}

impl Remote {
    pub(super) fn new(listener: Option<&Listener>, served: Served) -> Result<Self, CommandError> {
        let Some(listener) = listener else {
            let text =
                "name the folder of its partners with --partners DIR, so that it can be asked";
            return Err(CommandError::Wrong(format!("{}; {text}", served.held())));
        };
        let scheme = if listener.tls.is_plain() { "http" } else { "https" };
        let address = format!("{scheme}://{}/", listener.address);
        let wrong = |error: &dyn std::fmt::Display| {
            CommandError::Wrong(format!(
                "{}, and {address} cannot be asked: {error}",
                served.held()
            ))
        };
        let url = Url::parse(&address).map_err(|error| wrong(&error))?;
        let pem = match &listener.tls {
            Tls::Off | Tls::Proxy => None,
            Tls::Certificate { chain, .. } => Some(chain.clone()),
            Tls::Development => {
                let path = served.certificates.join("development.pem");
                let read = std::fs::read(&path);
                Some(read.map_err(CommandError::io(path.display().to_string()))?)
            }
        };
        let mut client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(ANSWER);
        if let Some(pem) = pem {
            let trusted = Certificate::from_pem_bundle(&pem).map_err(|error| wrong(&error))?;
            // Its own certificate and no other; the name in it is that of its public address.
            client = client.tls_certs_only(trusted).tls_danger_accept_invalid_hostnames(true);
        }
        let client = client.build().map_err(|error| wrong(&error))?;
        Ok(Self { client, url, served })
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &impl Serialize,
    ) -> Result<T, CommandError> {
        let url = self.at(path, query)?;
        self.read(self.asked(Method::GET, url, None).await?).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, CommandError> {
        let url = self.at(path, &())?;
        let body = serde_json::to_value(body).unwrap_or_default();
        self.read(self.asked(Method::POST, url, Some(body)).await?).await
    }

    pub(super) async fn start_numbers<T: DeserializeOwned>(
        &self,
        partner: &PartnerId,
        kind: NumberKind,
        next: u32,
    ) -> Result<T, CommandError> {
        let kind = match kind {
            NumberKind::Interchange => "interchange",
            NumberKind::Group => "group",
            NumberKind::Set => "set",
        };
        let url = self.at(&["v1", "numbers", partner.as_str(), kind], &())?;
        let body = json!({ "next": next });
        self.read(self.asked(Method::PUT, url, Some(body)).await?).await
    }

    /// Copies a part of a message to `out`.
    pub(super) async fn copy(
        &self,
        path: &[&str],
        part: &str,
        out: &mut impl Write,
    ) -> Result<(), CommandError> {
        let url = self.at(path, &json!({ "part": part }))?;
        let mut response = self.asked(Method::GET, url, None).await?;
        while let Some(piece) = response.chunk().await.map_err(|error| self.broken(&error))? {
            out.write_all(&piece).map_err(CommandError::output)?;
        }
        Ok(())
    }

    fn at(&self, path: &[&str], query: &impl Serialize) -> Result<Url, CommandError> {
        // A segment of dots would be taken for a way up.
        if let Some(dots) = path.iter().find(|segment| matches!(**segment, "." | ".." | "")) {
            return Err(CommandError::Wrong(format!("`{dots}` names nothing")));
        }
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        if let Ok(Value::Object(query)) = serde_json::to_value(query) {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in &query {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                pairs.append_pair(name, &text);
            }
        }
        Ok(url)
    }

    /// The answer, if it is a good one.
    async fn asked(
        &self,
        method: Method,
        url: Url,
        body: Option<Value>,
    ) -> Result<Response, CommandError> {
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            let kind = reqwest::header::CONTENT_TYPE;
            request = request.header(kind, "application/json").body(body.to_string());
        }
        let mut response = request.send().await.map_err(|error| self.broken(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let told = self.whole(&mut response, LARGEST_PROBLEM).await?;
        let text = match serde_json::from_slice::<Told>(&told) {
            Ok(Told { detail }) => detail,
            Err(_) => {
                format!(
                    "{}, but {} answers {status} and not as Wharf does",
                    self.served.held(),
                    self.url
                )
            }
        };
        Err(CommandError::Wrong(text))
    }

    async fn read<T: DeserializeOwned>(&self, mut response: Response) -> Result<T, CommandError> {
        let bytes = self.whole(&mut response, LARGEST).await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            let text = "it may be another version of Wharf; use the one that runs there";
            CommandError::Wrong(format!(
                "{} answers what is not understood: {error}; {text}",
                self.url
            ))
        })
    }

    async fn whole(&self, response: &mut Response, most: usize) -> Result<Vec<u8>, CommandError> {
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.broken(&error))? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > most {
                let text = format!("{} answers more than {} MB", self.url, most >> 20);
                return Err(CommandError::Wrong(text));
            }
        }
        Ok(bytes)
    }

    fn broken(&self, error: &reqwest::Error) -> CommandError {
        let mut why = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            why = inner.to_string();
            source = inner.source();
        }
        CommandError::Wrong(format!(
            "{}, and nobody answers for it at {} ({why}); if that is `wharf serve`, start it again \
             or look at us.toml's [listeners.operator]; if not, end that process",
            self.served.held(),
            self.url
        ))
    }
}

impl Served {
    fn held(&self) -> String {
        format!("the spool {} is in use by process {}", self.folder.display(), self.pid)
    }
}

const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(300);

/// The most bytes of an answer that are read.
const LARGEST: usize = 256 << 20;
const LARGEST_PROBLEM: usize = 1 << 20;
