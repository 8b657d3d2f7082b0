//! The floors of the house: who may import whom, no circles, no knots, no long files.
//!
//! Inside one crate nothing else stops a file from importing any other, and so every large crate
//! grows into a knot. This reads the sources as text and holds them to five rules:
//!
//! 1. a room imports only what [`ROOMS`] grants it;
//! 2. no circle of files;
//! 3. a file behind a face never imports through that face, nor through one further up;
//! 4. no file is longer than [`LONGEST`] lines;
//! 5. nothing is `unsafe` but in [`UNSAFE`].

mod paths;

use paths::{Path, paths};
use std::collections::BTreeMap;
use std::fs;
use std::path;

/// The rooms from the ground up, each with what it may import.
const ROOMS: &[(&str, Grant)] = &[
    ("message", Grant::These(&[])),
    ("event", Grant::These(&["message"])),
    ("document", Grant::These(&[])),
    ("x12", Grant::These(&[])),
    ("grammar", Grant::These(&["x12"])),
    ("map", Grant::These(&["x12", "grammar", "document"])),
    ("ack", Grant::These(&["x12", "grammar"])),
    ("pki", Grant::These(&["message"])),
    ("partner", Grant::These(&["message", "grammar", "map", "pki"])),
    ("spool", Grant::These(&["message", "event"])),
    ("http", Grant::These(&["message", "partner", "pki"])),
    ("transport", Grant::These(&["message", "partner", "http", "pki"])),
    ("procurement", Grant::These(&["document", "event"])),
    ("gateway", Grant::Below),
    ("conformance", Grant::Below),
    ("erp", Grant::These(&["message", "partner", "http", "gateway", "spool", "event", "document"])),
    (
        "console",
        Grant::These(&["message", "partner", "http", "gateway", "spool", "event", "procurement"]),
    ),
    ("config", Grant::Below),
    ("cli", Grant::Below),
    ("main", Grant::Below),
];

/// What a room may import.
enum Grant {
    /// These rooms.
    These(&'static [&'static str]),
    /// Every room that the table names before it.
    Below,
}

/// How many lines a file may have.
const LONGEST: usize = 500;

/// The only files that may hold `unsafe`: calls of the crypto library that its safe crate lacks.
const UNSAFE: [&str; 2] = ["pki/evp.rs", "pki/pkcs12/locked.rs"];

#[test]
fn the_house_stands_on_its_floors() {
    let root = path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Sources::default();
    read(&root, &root, &mut sources);
    assert!(sources.contains_key("lib.rs"), "no sources under {}", root.display());
    let faults = faults(&sources);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Texts by their place under `src`.
type Sources = BTreeMap<String, String>;

fn read(root: &path::Path, folder: &path::Path, sources: &mut Sources) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            sources.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// Everything that breaks a rule, in words.
fn faults(sources: &Sources) -> Vec<String> {
    let modules: Modules = sources.keys().map(|file| (module(file), file.as_str())).collect();
    let mut faults = Vec::new();
    let mut graph = Graph::new();
    for (file, text) in sources {
        let lines = text.lines().count();
        if lines > LONGEST {
            faults.push(format!("{file}: {lines} lines, {LONGEST} are the most"));
        }
        if !UNSAFE.contains(&file.as_str()) && is_unsafe(text) {
            faults.push(format!("{file}: `unsafe` may stand in {} only", UNSAFE.join(" and ")));
        }
        let own = module(file);
        let room = own.first().map(String::as_str);
        if let Some(room) = room
            && floor(room).is_none()
        {
            faults.push(format!("{file}: `{room}` is no room of the table"));
        }
        for import in paths(text, &own) {
            let Some((home, target)) = resolve(&import, &own, &modules) else { continue };
            if target == file {
                continue;
            }
            let place = format!("{file}:{}: `{}`", import.line, import.names.join("::"));
            if home.len() < own.len() && own.starts_with(&home) {
                faults
                    .push(format!("{place} goes through the face {target} that it stands behind"));
                continue;
            }
            graph.entry(file).or_default().push(target);
            if let (Some(room), Some(other)) = (room, home.first())
                && !granted(room, other)
            {
                faults.push(format!("{place}: `{room}` may not import `{other}`"));
            }
        }
    }
    faults.extend(circles(&graph).map(|circle| format!("a circle: {}", circle.join(" -> "))));
    faults
}

/// Whether code is `unsafe`; comments and text may speak of it.
fn is_unsafe(text: &str) -> bool {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(code).any(|line| {
        ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "unsafe trait", "unsafe_code"]
            .iter()
            .any(|word| line.contains(word))
    })
}

fn floor(room: &str) -> Option<usize> {
    ROOMS.iter().position(|(name, _)| *name == room)
}

/// Whether `room` may import `other`; a room that the table does not know is another fault.
fn granted(room: &str, other: &str) -> bool {
    let Some(floor_of_room) = floor(room) else { return true };
    room == other
        || match &ROOMS[floor_of_room].1 {
            Grant::These(rooms) => rooms.contains(&other),
            Grant::Below => floor(other).is_some_and(|floor| floor < floor_of_room),
        }
}

/// Files by their module's path.
type Modules<'s> = BTreeMap<Vec<String>, &'s str>;

/// The module that a file is: `x12/mod.rs` is `x12`, `lib.rs` the root.
fn module(file: &str) -> Vec<String> {
    let stem = file.trim_end_matches(".rs");
    let stem = if stem == "lib" { "" } else { stem };
    let mut parts: Vec<String> =
        stem.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    if parts.len() > 1 && parts.last().is_some_and(|part| part == "mod") {
        parts.pop();
    }
    parts
}

/// The file that a path leads into, and its module; `None` if the path leaves the crate.
fn resolve<'s>(
    import: &Path,
    own: &[String],
    modules: &Modules<'s>,
) -> Option<(Vec<String>, &'s str)> {
    let mut from = import.scope.clone();
    let mut names = import.names.as_slice();
    match names {
        [first, rest @ ..] if first == "crate" || (first == "wharf" && own == ["main"]) => {
            from.clear();
            names = rest;
        }
        [first, ..] if first == "self" || first == "super" => {}
        [first, ..] => {
            // A path without root: only the names of this module's own children are ours.
            from.push(first.clone());
            if own.is_empty() || !modules.contains_key(&from) {
                return None;
            }
            names = &names[1..];
        }
        [] => return None,
    }
    while let [first, rest @ ..] = names {
        match first.as_str() {
            "super" => drop(from.pop()),
            "self" => {}
            _ => break,
        }
        names = rest;
    }
    from.extend(names.iter().cloned());
    loop {
        if let Some(file) = modules.get(&from) {
            return Some((from, file));
        }
        from.pop()?;
    }
}

/// Which files a file imports.
type Graph<'s> = BTreeMap<&'s str, Vec<&'s str>>;

/// The circles met on a walk from each file in turn, each once.
fn circles<'s>(graph: &Graph<'s>) -> impl Iterator<Item = Vec<&'s str>> {
    let mut done = Vec::new();
    let mut found = Vec::new();
    for file in graph.keys() {
        walk(graph, file, &mut Vec::new(), &mut done, &mut found);
    }
    found.into_iter()
}

fn walk<'s>(
    graph: &Graph<'s>,
    file: &'s str,
    trail: &mut Vec<&'s str>,
    done: &mut Vec<&'s str>,
    found: &mut Vec<Vec<&'s str>>,
) {
    if let Some(start) = trail.iter().position(|step| *step == file) {
        found.push(trail[start..].iter().copied().chain([file]).collect());
    } else if !done.contains(&file) {
        trail.push(file);
        for next in graph.get(file).into_iter().flatten() {
            walk(graph, next, trail, done, found);
        }
        trail.pop();
        done.push(file);
    }
}

mod tests {
    use super::*;

    fn house(files: &[(&str, &str)]) -> Vec<String> {
        let sources = files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        faults(&sources)
    }

    #[test]
    fn a_room_imports_what_the_table_grants() {
        let faults = house(&[
            ("lib.rs", "pub mod grammar; pub mod x12;"),
            ("x12/mod.rs", "mod segment; pub use segment::Segment;"),
            ("x12/segment.rs", "pub struct Segment;"),
            ("grammar/mod.rs", "mod check; pub use check::check;"),
            ("grammar/check.rs", "use crate::x12::Segment; use std::fmt;"),
        ]);
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn an_import_against_the_table_is_found_wherever_it_stands() {
        let files = |text| {
            house(&[("x12/mod.rs", "mod lex;"), ("grammar/mod.rs", ""), ("x12/lex.rs", text)])
        };
        let fault = "`x12` may not import `grammar`";
        for text in [
            "use crate::grammar::Finding;",
            "use crate::{grammar::{self, Finding}, x12::lex::Other};",
            "pub(crate) use super::super::grammar;",
            "fn f(finding: &crate::grammar::Finding) {}",
            "fn f() { let x = \"//\"; crate::grammar::check(); }",
            "mod inner { use super::super::super::grammar::Finding; }",
        ] {
            let faults = files(text);
            assert!(faults.iter().any(|found| found.ends_with(fault)), "{text}: {faults:?}");
        }
        for text in [
            "// use crate::grammar::Finding;",
            "pub(in crate::grammar) fn f() {}",
            "/// As [`crate::grammar::Finding`] says.\nstruct A;",
            "const A: &str = r#\"crate::grammar::\"Finding\"\"#;",
            "#[cfg(test)]\nmod tests { use crate::grammar::Finding; }",
        ] {
            assert_eq!(files(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_room_that_the_table_does_not_know_is_found() {
        let faults = house(&[("helpers.rs", ""), ("grammar/mod.rs", "use crate::helpers::A;")]);
        assert!(faults.contains(&"helpers.rs: `helpers` is no room of the table".into()));
        assert!(faults.iter().any(|fault| fault.ends_with("may not import `helpers`")));
    }

    #[test]
    fn the_wiring_may_import_every_room_and_none_may_import_it() {
        let below = ("grammar/mod.rs", "use crate::cli::run;");
        let faults = house(&[
            ("main.rs", "use wharf::cli::run;"),
            ("cli/mod.rs", "use crate::grammar;"),
            below,
        ]);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].ends_with("`grammar` may not import `cli`"));
        assert!(faults[1].starts_with("a circle: "));
    }

    #[test]
    fn a_circle_of_files_is_found_once() {
        let faults = house(&[
            ("x12/mod.rs", "mod a; mod b; mod c; pub use a::A;"),
            ("x12/a.rs", "use super::b::B;"),
            ("x12/b.rs", "use super::{c::{C, D as E}};"),
            ("x12/c.rs", "use crate::x12::a;"),
        ]);
        assert_eq!(faults, ["a circle: x12/a.rs -> x12/b.rs -> x12/c.rs -> x12/a.rs"]);
    }

    #[test]
    fn a_circle_through_an_inner_face_is_found() {
        let faults = house(&[
            ("grammar/mod.rs", "mod rules; mod check;"),
            ("grammar/rules.rs", "use super::check::check;"),
            ("grammar/check/mod.rs", "mod element; pub use element::check;"),
            ("grammar/check/element.rs", "use super::super::rules::Rules;"),
        ]);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("a circle: "));
    }

    #[test]
    fn an_import_through_the_own_face_is_found() {
        for text in ["use super::Segment;", "use crate::x12::{lex, Segment};", "use super::*;"] {
            let faults = house(&[
                ("x12/mod.rs", "mod read; mod segment; pub use segment::Segment;"),
                ("x12/lex.rs", ""),
                ("x12/read.rs", text),
            ]);
            assert_eq!(faults.len(), 1, "{text}: {faults:?}");
            assert!(faults[0].contains("goes through the face x12/mod.rs"), "{faults:?}");
        }
        let inner = house(&[
            ("grammar/mod.rs", "mod check;"),
            ("grammar/check/mod.rs", "use super::Finding;"),
            ("grammar/check/loops.rs", "use super::super::Finding; use super::start;"),
        ]);
        assert_eq!(inner.len(), 3, "{inner:?}");
    }

    #[test]
    fn a_long_file_is_found() {
        let faults = house(&[("document/mod.rs", "\n".repeat(500).as_str())]);
        assert_eq!(faults, [""; 0]);
        let faults = house(&[("document/mod.rs", "\n".repeat(501).as_str())]);
        assert_eq!(faults, ["document/mod.rs: 501 lines, 500 are the most"]);
    }

    #[test]
    fn what_is_unsafe_is_found_outside_its_file() {
        let found = house(&[
            ("lib.rs", ""),
            ("x12/mod.rs", "fn f() {\n    unsafe { g() }\n}"),
            ("x12/other.rs", "//! `unsafe {` is only spoken of."),
            ("pki/evp.rs", "#![expect(unsafe_code)]\nfn f() { unsafe { g() } }"),
        ]);
        assert_eq!(
            found,
            ["x12/mod.rs: `unsafe` may stand in pki/evp.rs and pki/pkcs12/locked.rs only"]
        );
    }
}
