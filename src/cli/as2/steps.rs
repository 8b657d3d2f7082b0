//! The steps of a test message, each with how it went and who must change what.

use super::super::paint::{self, styled, visible};
use super::super::terms::{Common, Outcome};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Who must change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// We.
    Us,
    /// The partner.
    Them,
    /// Whoever of both it turns out to be.
    Both,
}

/// How each step went.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<Step>);

#[derive(Debug)]
struct Step {
    name: &'static str,
    text: String,
    state: State,
}

#[derive(Debug)]
enum State {
    Good,
    Note,
    Bad(&'static str, Owner),
}

impl Steps {
    pub(super) fn good(&mut self, name: &'static str, text: String) {
        self.0.push(Step { name, text, state: State::Good });
    }

    pub(super) fn note(&mut self, name: &'static str, text: String) {
        self.0.push(Step { name, text, state: State::Note });
    }

    pub(super) fn bad(
        &mut self,
        name: &'static str,
        code: &'static str,
        text: String,
        owner: Owner,
    ) {
        self.0.push(Step { name, text, state: State::Bad(code, owner) });
    }

    /// What was noted when it was sent.
    pub(super) fn sent(&mut self, note: &[u8]) {
        let Ok(note) = serde_json::from_slice::<Value>(note) else { return };
        let text = |key: &str| note.get(key).and_then(Value::as_str).unwrap_or("no").to_owned();
        self.good("message", format!("<{}>", text("message_id")));
        self.good("signature", text("signed"));
        self.good("encryption", text("encrypted"));
        let mic = note.get("mics").and_then(|mics| mics.get(0)).and_then(Value::as_str);
        self.good("our MIC", mic.unwrap_or("none").to_owned());
    }

    pub(super) fn print(&self, common: &Common) -> io::Result<Outcome> {
        let mut out = anstream::AutoStream::auto(io::stdout().lock());
        let mut outcome = Outcome::Accepted;
        for Step { name, text, state } in &self.0 {
            let (word, style, code, owner) = match state {
                State::Good => ("ok", paint::GREEN, None, None),
                State::Note => ("note", paint::DIM, None, None),
                State::Bad(code, owner) => {
                    outcome = Outcome::Rejected;
                    ("failed", paint::RED, Some(*code), Some(owner.word()))
                }
            };
            if common.json {
                let line = json!({
                    "step": name, "state": word, "text": text, "code": code, "who": owner,
                });
                writeln!(out, "{line}")?;
                continue;
            }
            let word = styled(style, &format!("{word:6}"));
            writeln!(out, "{word}  {name:17}  {}", visible(text))?;
            if let Some(owner) = owner {
                writeln!(out, "        {:17}  {}", "", styled(paint::BOLD, owner))?;
            }
        }
        Ok(outcome)
    }
}

impl Owner {
    fn word(self) -> &'static str {
        match self {
            Self::Us => "we must change it",
            Self::Them => "the partner must change it",
            Self::Both => "we or the partner must change it",
        }
    }
}
