//! Any bytes may stand in the files: they end in partners or in faults, and never in a panic.

use super::rules::Shelf;
use super::sample::{ACME, Folder, US};
use crate::grammar::Library;
use proptest::prelude::*;

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1".to_owned()),
        Just("-7.5".to_owned()),
        Just("true".to_owned()),
        Just("2026-01-02".to_owned()),
        "'[a-zA-Z0-9:/. ]{0,12}'",
        proptest::sample::select(
            &[
                "'850'",
                "'in'",
                "'out'",
                "'supplier'",
                "'ZZ:ACME'",
                "'24h'",
                "'1MB'",
                "'off'",
                "'004010'",
                "'test'",
                "'127.0.0.1:1'",
                "{ env = 'X' }",
                "{ file = 'certs/x' }",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let table = proptest::collection::vec((key(), inner.clone()), 0..4).prop_map(|pairs| {
            let pairs = pairs.iter().enumerate().map(|(at, (key, value))| {
                // Keys given twice would end the reading before it begins.
                format!("{key}{} = {value}", if at == 0 { "" } else { "_" })
            });
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        });
        let list = proptest::collection::vec(inner, 0..4)
            .prop_map(|items| format!("[{}]", items.join(", ")));
        prop_oneof![table, list]
    })
}

fn key() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(
        &[
            "title",
            "role",
            "mode",
            "owner",
            "contacts",
            "identities",
            "isa",
            "gs",
            "we_are",
            "agreements",
            "set",
            "direction",
            "release",
            "guide",
            "map",
            "severities",
            "batch",
            "https",
            "tokens",
            "sha256",
            "deliver",
            "url",
            "token",
            "as2",
            "sftp",
            "envelope",
            "separators",
            "acknowledgments",
            "given",
            "wanted",
            "schedule",
            "days",
            "from",
            "to",
            "zone",
            "retry",
            "waits",
            "then",
            "limits",
            "listeners",
            "partners",
            "erp",
            "address",
            "tls",
            "certificate",
            "key",
            "webhooks",
            "secrets",
            "defaults",
            "spool",
            "whatever",
        ][..],
    )
}

fn whatever(name: &str, text: &str, shelf: &Shelf<'_>) -> Result<(), TestCaseError> {
    if let Err(faults) = Folder::of(&[("us.toml", US), (name, text)]).load_on(shelf) {
        prop_assert!(!faults.is_empty());
    }
    Ok(())
}

fn files() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&["us.toml", "acme.toml"][..])
}

#[test]
fn any_text_ends_in_partners_or_faults() {
    let library = Library::shipped();
    let shelf = Shelf::new(&library);
    proptest!(|(text in "\\PC{0,300}", name in files())| whatever(name, &text, &shelf)?);
}

#[test]
fn any_toml_ends_in_partners_or_faults() {
    let library = Library::shipped();
    let shelf = Shelf::new(&library);
    let pairs = proptest::collection::btree_map(key(), value(), 0..12);
    proptest!(ProptestConfig::with_cases(1_000), |(pairs in pairs, name in files())| {
        let text = pairs.iter().map(|(key, value)| format!("{key} = {value}\n"));
        whatever(name, &text.collect::<String>(), &shelf)?;
    });
}

#[test]
fn a_file_changed_anywhere_ends_in_partners_or_faults() {
    let library = Library::shipped();
    let shelf = Shelf::new(&library);
    let changes = proptest::collection::vec((0..ACME.len(), any::<char>()), 1..4);
    proptest!(|(changes in changes)| {
        let mut text = ACME.chars().collect::<Vec<_>>();
        for (at, c) in changes {
            text[at] = c;
        }
        whatever("acme.toml", &text.into_iter().collect::<String>(), &shelf)?;
    });
}
