//! What was agreed with a partner, as the rooms that check and acknowledge want it.

use crate::ack;
use crate::grammar::{Agreed, Examiner, Library, Options, Severities};
use crate::message::{Direction, PartnerId};
use crate::partner::{Envelope, FunctionalForm, InterchangePolicy, Loops, Partner, Separators};
use crate::x12::Delimiters;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How what comes from, or goes to, each partner is checked, settled once for one reading of their
/// files: rules that are laid out for one message serve the next.
#[derive(Debug, Default)]
pub(super) struct AllChecks(Mutex<HashMap<(PartnerId, Direction), Arc<Options>>>);

impl AllChecks {
    fn of(&self, partner: &Partner, direction: Direction) -> Arc<Options> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (partner.name.clone(), direction);
        Arc::clone(all.entry(key).or_insert_with(|| Arc::new(checks(partner, direction))))
    }
}

/// What messages are checked with.
#[derive(Clone, Copy)]
pub(super) struct Rulebook<'r> {
    pub(super) library: &'r Library,
    pub(super) checks: &'r AllChecks,
}

impl Rulebook<'_> {
    /// An examiner of what comes from, or goes to, a partner.
    pub(super) fn examiner(&self, partner: &Partner, direction: Direction) -> Examiner<'_> {
        Examiner::new(self.library, self.checks.of(partner, direction))
    }
}

/// How what comes from, or goes to, a partner is checked.
fn checks(partner: &Partner, direction: Direction) -> Options {
    let about = || partner.agreements.iter().filter(move |about| about.direction == direction);
    let guide = |about: &crate::partner::Agreement| {
        about.guide.as_ref().map(|guide| Arc::clone(&guide.standard))
    };
    let agreed = about().map(|about| Agreed {
        set: about.set.clone(),
        release: about.release.as_str().to_owned(),
        severities: about.severities.clone(),
    });
    Options {
        severities: Severities::default(),
        guides: about().filter_map(guide).collect(),
        agreed: agreed.collect(),
        ..Options::default()
    }
}

/// How what comes from a partner is acknowledged.
pub(super) fn answers(partner: &Partner) -> ack::Options {
    let given = partner.terms.acknowledgments.given;
    ack::Options {
        interchange: match given.ta1 {
            InterchangePolicy::Never => ack::InterchangePolicy::Never,
            InterchangePolicy::AsRequested => ack::InterchangePolicy::AsRequested,
            InterchangePolicy::OnError => ack::InterchangePolicy::OnError,
            InterchangePolicy::Always => ack::InterchangePolicy::Always,
        },
        functional: match given.functional {
            FunctionalForm::Auto => ack::FunctionalPolicy::Auto,
            FunctionalForm::Functional => ack::FunctionalPolicy::Functional,
            FunctionalForm::Implementation => ack::FunctionalPolicy::Implementation,
            FunctionalForm::Never => ack::FunctionalPolicy::Never,
        },
        loops: match given.loops {
            Loops::All => ack::Loops::All,
            Loops::OnlyFaulty => ack::Loops::OnlyFaulty,
        },
        limits: ack::Limits::default(),
        delimiters: Some(delimiters(&partner.terms.envelope)),
        newlines: partner.terms.envelope.newlines,
    }
}

/// The separators that we write to a partner.
pub(super) fn delimiters(envelope: &Envelope) -> Delimiters {
    let Separators { element, component, repetition, segment } = envelope.separators;
    let repeats = envelope.isa_version.as_str() >= "00402";
    Delimiters { element, component, repetition: repeats.then_some(repetition), segment }
}
