//! `wharf` as a person meets it: processes, what they print, how they end.

mod readme;
mod story;
mod terminal;

use insta::assert_snapshot;
use std::fs;
use std::path::Path;
use terminal::{Terminal, masked};

const GOOD: &str = "conformance/004010/850/hospital-order/in.edi";
const BROKEN: &str = "conformance/004010/850/edited-by-hand/in.edi";
const CONFIRMATION: &str = "conformance/004010/855/split-price-substitute/in.edi";
const ANSWER: &str = "conformance/004010/997/accepted-with-errors/in.edi";

#[test]
fn a_good_file_is_one_line() {
    assert_snapshot!(Terminal::run(&["check", GOOD]));
}

#[test]
fn each_finding_shows_its_line_and_what_to_do() {
    assert_snapshot!(Terminal::run(&["check", BROKEN]));
}

#[test]
fn findings_sets_and_files_are_lines_of_json() {
    let run = Terminal::run(&["check", "--json", GOOD, BROKEN]);
    let kinds = run.json().iter().map(|line| line["type"].to_string()).collect::<Vec<_>>();
    assert_eq!(kinds[..2], ["\"set\"", "\"file\""]);
    assert_snapshot!(run);
}

#[test]
fn more_findings_than_asked_for_are_counted() {
    let run = Terminal::run(&["check", "--max", "4", BROKEN]);
    assert!(run.out.contains("… and 1 more finding; --max 5 shows all\n"), "{}", run.out);
}

#[test]
fn explain_names_segments_elements_and_codes() {
    assert_snapshot!(Terminal::run(&["explain", CONFIRMATION]));
}

#[test]
fn explain_as_json_has_a_line_an_item() {
    let lines = Terminal::run(&["explain", "--json", GOOD]).json();
    let kinds = lines.iter().filter_map(|line| line["type"].as_str()).collect::<Vec<_>>();
    assert_eq!(kinds, ["interchange", "group", "set", "trailer", "trailer"]);
    assert_eq!(lines[2]["segments"][1]["elements"][2]["value"], "4501-77281");
}

#[test]
fn ack_answers_a_rejected_order() {
    let run = Terminal::run(&["ack", "--newlines", "--ta1", "always", BROKEN]);
    assert_snapshot!(masked(&run.to_string()));
}

#[test]
fn ack_says_when_nothing_is_to_be_answered() {
    assert_snapshot!(Terminal::run(&["ack", "--form", "none", GOOD]));
}

#[test]
fn ack_read_says_what_the_partner_answered() {
    assert_snapshot!(Terminal::run(&["ack", "--read", ANSWER]));
    let lines = Terminal::run(&["ack", "--read", "--json", ANSWER]).json();
    assert_eq!(lines.len(), 1);
}

#[test]
fn ack_read_of_an_order_says_that_it_is_none() {
    assert_snapshot!(Terminal::run(&["ack", "--read", GOOD]));
}

#[test]
fn translate_gives_a_document_a_line_or_indented() {
    let pretty = Terminal::run(&["translate", "--pretty", GOOD]);
    let plain = Terminal::run(&["translate", GOOD]);
    assert_eq!(pretty.value(), plain.json()[0]);
    assert_eq!(plain.out.lines().count(), 1);
    assert_snapshot!(pretty);
}

#[test]
fn a_rejected_set_is_not_translated() {
    let run = Terminal::run(&["translate", BROKEN]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("[date_invalid]"));
}

#[test]
fn what_was_translated_is_written_as_it_was() {
    let document = Terminal::run(&["translate", GOOD]).out;
    let run = Terminal::fed(&document, &["write", "-", "--newlines"]);
    let written = run.out.lines().filter(|line| !is_envelope(line)).collect::<Vec<_>>();
    let original = fs::read_to_string(GOOD).unwrap();
    let original = original.lines().filter(|line| !is_envelope(line)).collect::<Vec<_>>();
    assert_eq!(written, original);
    assert_snapshot!(masked(&run.to_string().lines().take(6).collect::<Vec<_>>().join("\n")));
}

#[test]
fn every_document_of_the_cases_is_the_same_when_written_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["translate".to_owned()];
    for set in ["810", "850", "855", "856", "860", "865", "997"] {
        let cases = fs::read_dir(Path::new("conformance/004010").join(set)).unwrap();
        let mut files = cases.map(|case| case.unwrap().path().join("in.edi")).collect::<Vec<_>>();
        files.sort();
        arguments.extend(files.iter().map(|file| file.display().to_string()));
    }
    let arguments = arguments.iter().map(String::as_str).collect::<Vec<_>>();
    let first = Terminal::run(&arguments);
    let written = Terminal::fed(&first.out, &["write", "-"]);
    assert_eq!(written.code, 0, "{}", written.err);
    fs::write(folder.path().join("written.edi"), written.out).unwrap();
    let second = Terminal::inside(folder.path(), &["translate", "written.edi"]);
    let (first, mut second) = (first.json(), second.json());
    assert!(first.len() >= 50, "only {} documents", first.len());
    for (before, after) in first.iter().zip(&mut second) {
        // A set may leave out how many lines it has; what we write says it.
        if before.get("line_count").is_none() {
            after.as_object_mut().unwrap().remove("line_count");
        }
    }
    assert_eq!(first, second);
}

fn is_envelope(line: &str) -> bool {
    ["ISA", "GS", "GE", "IEA"].iter().any(|id| line.starts_with(&format!("{id}*")))
}

#[test]
fn a_document_with_a_wrong_field_names_it() {
    let document = Terminal::run(&["translate", GOOD]).out;
    let said = |from: &str, to: &str| {
        let run = Terminal::fed(&document.replace(from, to), &["write", "-"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        run.err
    };
    let all = [
        said("\"number\":", "\"nunber\":"),
        said("2026-11-15", "2026-13-45"),
        said("\"document\":", "\"dokument\":"),
        said("purchase-order", "purchase-oder"),
        said("{\"document\"", "<document"),
    ];
    assert_snapshot!(all.concat());
}

#[test]
fn what_we_would_reject_is_not_given_out() {
    let document = Terminal::run(&["translate", GOOD]).out;
    let without = document.replace("\"number\":\"4501-77281\",", "");
    let run = Terminal::fed(&without, &["write", "-", "--newlines"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert_snapshot!(run.err);
}

#[test]
fn each_schema_has_a_name() {
    let names = Terminal::run(&["schema"]);
    assert_snapshot!(names);
    for name in names.out.lines() {
        let schema = Terminal::run(&["schema", name]).value();
        assert_eq!(schema["type"], "object", "{name}");
    }
}

#[test]
fn grammars_are_listed_and_shown() {
    let all = [
        Terminal::run(&["grammar", "list"]),
        Terminal::run(&["grammar", "show", "850"]),
        Terminal::run(&["grammar", "show", "850", "PO1"]),
        Terminal::run(&["grammar", "show", "850", "ZZZ"]),
        Terminal::run(&["grammar", "show", "851"]),
    ];
    let all = all.map(|run| run.to_string()).concat();
    assert!(all.lines().all(|line| line.trim_end() == line), "spaces at the end of a line");
    assert_snapshot!(all);
}

#[test]
fn a_grammar_with_faults_names_their_places() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("page.sef"), "<html>\n").unwrap();
    assert_snapshot!(Terminal::inside(folder.path(), &["grammar", "check", "page.sef", "no.sef"]));
}

#[test]
fn the_maps_that_we_ship_are_usable() {
    assert_snapshot!(Terminal::run(&["map", "check"]));
}

#[test]
fn a_map_with_faults_names_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let text = "extends = \"850\"\n[fields]\nnunber = \"BEG03\"\nrelease = \"BEG44\"\n";
    fs::write(folder.path().join("acme.toml"), text).unwrap();
    fs::write(folder.path().join("page.toml"), "<html>\n").unwrap();
    let arguments = ["map", "check", "acme.toml", "page.toml", "no.toml"];
    assert_snapshot!(Terminal::inside(folder.path(), &arguments));
}

#[test]
fn files_that_are_no_x12_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read(GOOD).unwrap();
    let wide = good.iter().flat_map(|byte| [*byte, 0]).collect::<Vec<_>>();
    let files: [(&str, &[u8]); 6] = [
        ("a-scan.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("b-page.html", b"<!DOCTYPE html><html></html>"),
        ("c-empty.edi", b""),
        ("d-cut.edi", &good[..60]),
        ("e-cut.edi", &good[..500]),
        ("f-wide.edi", &[b"\xFF\xFE".as_slice(), &wide].concat()),
    ];
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    assert_snapshot!(Terminal::inside(folder.path(), &["check", "."]));
}

#[test]
fn a_file_that_cannot_be_read_does_not_hold_up_the_others() {
    for command in ["check", "explain", "translate", "ack"] {
        let run = Terminal::run(&[command, "no.edi", GOOD]);
        assert_eq!(run.code, 2, "{command}");
        assert_eq!(run.err, "error: no.edi: there is no such file or folder\n", "{command}");
        assert!(!run.out.is_empty(), "{command}");
    }
}

#[test]
fn a_folder_stands_for_its_files_and_a_dash_for_standard_input() {
    let good = fs::read_to_string(GOOD).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.edi", "a.edi"] {
        fs::write(folder.path().join(name), &good).unwrap();
    }
    let run = Terminal::fed(&good, &["check", "-", folder.path().to_str().unwrap()]);
    let names = run.out.lines().filter_map(|line| line.strip_prefix("accepted: "));
    let names = names.filter_map(|line| line.split(": ").next()?.rsplit('/').next());
    assert_eq!(names.collect::<Vec<_>>(), ["standard input", "a.edi", "b.edi"]);
    let empty = tempfile::tempdir().unwrap();
    let run = Terminal::inside(empty.path(), &["check", "."]);
    assert_eq!(
        run.to_string(),
        "$ wharf check .\nerror: .: there is no file in this folder\n[2]\n"
    );
}

#[test]
fn wrong_usage_says_what_is_right() {
    let wrong: [&[&str]; 11] = [
        &["chek", GOOD],
        &["check"],
        &["check", GOOD, "--release", "4010"],
        &["check", GOOD, "--severity", "code_invalid"],
        &["check", GOOD, "--severity", "code_wrong=reject"],
        &["check", GOOD, "--severity", "code_invalid=bad"],
        &["check", GOOD, "--guide", "LICENSE"],
        &["check", GOOD, "--grammars", "conformance"],
        &["write", GOOD, "--from", "MERCY"],
        &["write", GOOD, "--delimiters", "**^~"],
        &["schema", "order"],
    ];
    let mut all = String::new();
    for arguments in wrong {
        let run = Terminal::run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}");
        all.push_str(&run.to_string());
    }
    assert_snapshot!(all);
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let wrong: [&[&str]; 8] = [
        &["chek", "--json"],
        &["check", "--json"],
        &["check", "no.edi", "--json"],
        &["check", GOOD, "--json", "--severity", "code_invalid=bad"],
        &["check", GOOD, "--json", "--guide", "LICENSE"],
        &["translate", BROKEN, "--json"],
        &["ack", "--json", "--form", "none", GOOD],
        &["write", GOOD, "--json"],
    ];
    let mut all = String::new();
    for arguments in wrong {
        let run = Terminal::run(arguments);
        for line in run.err.lines() {
            let value = serde_json::from_str::<serde_json::Value>(line).expect(line);
            assert!(value.is_object(), "{line}");
        }
        all.push_str(&run.to_string());
    }
    assert_snapshot!(all);
}

#[test]
fn help_has_examples_for_every_command() {
    let commands: [&[&str]; 12] = [
        &[],
        &["check"],
        &["explain"],
        &["ack"],
        &["translate"],
        &["write"],
        &["schema"],
        &["grammar"],
        &["grammar", "check"],
        &["grammar", "show"],
        &["map"],
        &["map", "check"],
    ];
    for command in commands {
        let run = Terminal::run(&[command, &["--help"]].concat());
        assert_eq!(run.code, 0);
        assert!(run.out.contains("Example"), "{command:?}");
        assert!(run.out.contains("--json"), "{command:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for command in ["check", "explain", "translate", "ack"] {
        let arguments = [&[command], [BROKEN, GOOD].repeat(100).as_slice()].concat();
        let (code, err) = Terminal::cut_short(&arguments);
        assert_eq!(code, Some(0), "{command}: {err}");
        assert!(!err.contains("panicked"), "{command}: {err}");
    }
}

#[test]
fn colour_is_for_terminals_and_for_those_who_force_it() {
    let plain = Terminal::run(&["check", BROKEN]);
    assert!(!plain.out.contains('\u{1b}'));
    let forced = Terminal::coloured(&["check", BROKEN]);
    assert!(forced.out.contains("\u{1b}[1m\u{1b}[31merror\u{1b}[0m: "), "{:?}", forced.out);
    let json = Terminal::coloured(&["check", "--json", BROKEN, "no.edi"]);
    assert!(!json.out.contains('\u{1b}') && !json.err.contains('\u{1b}'));
}

#[test]
fn a_hostile_file_does_not_drive_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let good = fs::read_to_string(GOOD).unwrap();
    let bad = good
        .replace("DELIVERY", "\u{1b}[31mX\u{1b}]0;title\u{7}")
        .replace("dock 4", "\u{202E}dock\u{9b}2J")
        .replace("*850*", "*8\u{1b}0*")
        .replace("~\n", "~");
    fs::write(folder.path().join("bad.edi"), bad).unwrap();
    for command in ["check", "explain", "translate", "ack"] {
        let run = Terminal::inside(folder.path(), &[command, "bad.edi"]);
        let harmless =
            |c: char| c == '\n' || !c.is_control() && !('\u{202A}'..='\u{202E}').contains(&c);
        assert!(run.out.chars().all(harmless), "{command}: {:?}", run.out);
        assert!(run.err.chars().all(harmless), "{command}: {:?}", run.err);
        assert!(command == "explain" || run.code == 1, "{command}: {}", run.code);
    }
}

#[test]
fn no_case_makes_a_command_fail_otherwise_than_documented() {
    for command in [&["check"][..], &["explain"], &["translate"], &["ack"], &["ack", "--read"]] {
        let run = Terminal::run(&[command, &["conformance"]].concat());
        assert!((0..=2).contains(&run.code), "{command:?}: {}", run.code);
        assert!(!run.err.contains("panicked"), "{command:?}: {}", run.err);
    }
}
