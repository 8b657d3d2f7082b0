//! What was found, in lines for people or as JSON.

use super::super::paint::{self, styled};
use super::super::terms::{Common, Outcome};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Something that is worth knowing, doubtful or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    weight: Weight,
    code: &'static str,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Note,
    Doubt,
    Fault,
}

impl Finding {
    pub(super) fn note(code: &'static str, text: String) -> Self {
        Self { weight: Weight::Note, code, text }
    }

    pub(super) fn doubt(code: &'static str, text: String) -> Self {
        Self { weight: Weight::Doubt, code, text }
    }

    pub(super) fn fault(code: &'static str, text: String) -> Self {
        Self { weight: Weight::Fault, code, text }
    }
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    rows: Vec<Row>,
    findings: Vec<Finding>,
    /// What is printed only when it is asked for.
    pub(super) contents: Vec<String>,
}

#[derive(Debug)]
struct Row {
    name: String,
    text: String,
    json: Value,
    /// Whether it belongs to the row above.
    under: bool,
}

impl Sheet {
    pub(super) fn line(&mut self, name: &str, text: String, json: Value) {
        self.rows.push(Row { name: name.to_owned(), text, json, under: false });
    }

    pub(super) fn header(&mut self, name: &str, text: String, json: Value) {
        self.rows.push(Row { name: name.to_owned(), text, json, under: true });
    }

    /// Adds findings, each once.
    pub(super) fn remarks(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            let known = self.findings.iter().any(|it| it.code == finding.code);
            if !known || finding.weight == Weight::Note {
                self.findings.push(finding);
            }
        }
    }

    pub(super) fn print(&self, common: &Common) -> io::Result<Outcome> {
        let mut out = anstream::AutoStream::auto(io::stdout().lock());
        let wrong = self.findings.iter().any(|finding| finding.weight == Weight::Fault);
        if common.json {
            let rows = self.rows.iter().map(|row| json!({ "name": row.name, "value": row.json }));
            let findings = self.findings.iter().map(|Finding { weight, code, text }| {
                json!({ "severity": weight.word(), "code": code, "message": text })
            });
            let (rows, findings): (Vec<_>, Vec<_>) = (rows.collect(), findings.collect());
            writeln!(out, "{}", json!({ "parts": rows, "findings": findings, "wrong": wrong }))?;
        } else {
            for Row { name, text, under, .. } in &self.rows {
                let indent = if *under { "  " } else { "" };
                let style = if *under { paint::DIM } else { paint::BOLD };
                writeln!(out, "{indent}{}  {text}", styled(style, name))?;
            }
            for content in &self.contents {
                writeln!(out, "\n{}", paint::visible_lines(content))?;
            }
            if !self.findings.is_empty() {
                writeln!(out)?;
            }
            for Finding { weight, code, text } in &self.findings {
                let head = styled(weight.style(), weight.word());
                writeln!(out, "{head}: {text} {}", styled(paint::DIM, &format!("[{code}]")))?;
            }
        }
        Ok(if wrong { Outcome::Rejected } else { Outcome::Accepted })
    }
}

impl Weight {
    fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Doubt => "warning",
            Self::Fault => "error",
        }
    }

    fn style(self) -> anstyle::Style {
        match self {
            Self::Note => paint::DIM,
            Self::Doubt => paint::CYAN,
            Self::Fault => paint::RED,
        }
    }
}
