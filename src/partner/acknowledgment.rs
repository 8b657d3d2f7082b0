//! Which acknowledgments a partner gets from us, and which we wait for.

use super::quantity::Length;
use super::word::words;
use super::written::Table;
use serde::Serialize;

words! {
    /// What answers a functional group of theirs.
    pub enum FunctionalForm {
        /// A 999 from release 005010 on, a 997 before.
        Auto = "auto",
        /// Always a 997.
        Functional = "997",
        /// Always a 999.
        Implementation = "999",
        /// Nothing.
        Never = "none",
    }
}

words! {
    /// When an interchange of theirs is answered with a TA1.
    pub enum InterchangePolicy {
        /// Not even when asked for.
        Never = "never",
        /// When they ask for it (ISA14).
        AsRequested = "as_requested",
        /// When they ask for it, and when the envelope has an error.
        OnError = "on_error",
        /// Always.
        Always = "always",
    }
}

words! {
    /// Which sets are named in a 997 or 999.
    pub enum Loops {
        /// Every set of the group.
        All = "all",
        /// Only sets with errors.
        OnlyFaulty = "only_faulty",
    }
}

words! {
    /// What we wait for when we have sent a group.
    pub enum WantedForm {
        /// A 997 or a 999.
        Any = "any",
        /// A 997.
        Functional = "997",
        /// A 999.
        Implementation = "999",
        /// Nothing: they do not acknowledge.
        Never = "none",
    }
}

/// What they get from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Given {
    /// For each group.
    pub functional: FunctionalForm,
    /// For the interchange.
    pub ta1: InterchangePolicy,
    /// How much the answer names.
    pub loops: Loops,
}

/// What we wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// For each group that we send.
    pub functional: WantedForm,
    /// How long it may take before someone is told.
    pub within: Length,
    /// How long a TA1 may take; only where it is waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ta1_within: Option<Length>,
}

/// Both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledgments {
    /// What they get from us.
    pub given: Given,
    /// What we wait for.
    pub wanted: Wanted,
}

impl Acknowledgments {
    /// What holds when nobody says otherwise.
    pub(super) const USUAL: Self = Self {
        given: Given {
            functional: FunctionalForm::Auto,
            ta1: InterchangePolicy::AsRequested,
            loops: Loops::All,
        },
        wanted: Wanted {
            functional: WantedForm::Any,
            within: Length::seconds(86_400),
            ta1_within: None,
        },
    };

    /// What `table` says, and `base` where it says nothing.
    pub(super) fn read(table: Option<Table<'_>>, base: Self) -> Self {
        let Some(mut table) = table else { return base };
        let given = table.table("given").map_or(base.given, |table| Given::read(table, base.given));
        let wanted =
            table.table("wanted").map_or(base.wanted, |table| Wanted::read(table, base.wanted));
        table.finish();
        Self { given, wanted }
    }
}

impl Given {
    fn read(mut table: Table<'_>, base: Self) -> Self {
        let given = Self {
            functional: table.or("functional", base.functional),
            ta1: table.or("ta1", base.ta1),
            loops: table.or("loops", base.loops),
        };
        table.finish();
        given
    }
}

impl Wanted {
    fn read(mut table: Table<'_>, base: Self) -> Self {
        let wanted = Self {
            functional: table.or("functional", base.functional),
            within: table.or("within", base.within),
            ta1_within: table.get("ta1_within").or(base.ta1_within),
        };
        table.finish();
        wanted
    }
}
