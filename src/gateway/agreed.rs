//! What was agreed with a partner, as the rooms that check and acknowledge want it.

use crate::ack;
use crate::grammar::{Agreed, Options, Severities};
use crate::message::Direction;
use crate::partner::{Envelope, FunctionalForm, InterchangePolicy, Loops, Partner, Separators};
use crate::x12::Delimiters;
use std::sync::Arc;

/// How what comes from, or goes to, a partner is checked.
pub(super) fn checks(partner: &Partner, direction: Direction) -> Options {
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
        release: None,
        agreed: agreed.collect(),
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
