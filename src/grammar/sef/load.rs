//! One SEF file from bytes to rules.

use super::super::rules::Standard;
use super::build;
use super::fault::{Faults, SefFault, SefFaults};
use super::file;
use super::kind::SefFaultKind;
use super::text::SourceText;

/// A SEF file that was taken.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its rules.
    pub standard: Standard,
    /// What someone should look at, in the order of the file.
    pub warnings: Vec<SefFault>,
}

impl Standard {
    /// Reads a SEF file, called `file_name` in faults: a whole dictionary, or a guide laid over
    /// `base`, which then gives what the guide leaves out: segments, composites, elements, codes
    /// and names.
    pub fn parse_sef(
        file_name: &str,
        text: &[u8],
        base: Option<&Self>,
    ) -> Result<Loaded, SefFaults> {
        read(file_name, text, base)
    }
}

/// The same as [`Standard::parse_sef`].
pub(super) fn read(
    file_name: &str,
    text: &[u8],
    base: Option<&Standard>,
) -> Result<Loaded, SefFaults> {
    read_over(file_name, text, |_| base)
}

/// The same, over the base that `base_of` has for the release that the file names.
pub(in crate::grammar) fn read_over<B: std::ops::Deref<Target = Standard>>(
    file_name: &str,
    text: &[u8],
    base_of: impl FnOnce(&str) -> Option<B>,
) -> Result<Loaded, SefFaults> {
    let source = SourceText::of(text).map_err(|kind| {
        SefFaults(vec![SefFault { file: file_name.to_owned(), line: 1, column: 1, kind }])
    })?;
    let mut faults = Faults::default();
    if let Some(at) = source.first_join() {
        faults.warn(at, SefFaultKind::Wrapped);
    }
    let model = file::model(source.text(), &mut faults);
    let base = model.header.as_ref().and_then(|header| base_of(&header.release));
    let standard = build::standard(&model, base.as_deref(), &mut faults);
    let refused = faults.refused();
    let (faults, warnings) = faults.place(file_name, &source);
    if refused { Err(SefFaults(faults)) } else { Ok(Loaded { standard, warnings }) }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{BASE, HEAD, base};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_end_in_rules_or_faults(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Err(faults) = read("any.sef", &bytes, None) {
                prop_assert!(!faults.0.is_empty());
            }
        }

        #[test]
        fn a_file_changed_anywhere_ends_in_rules_or_faults(
            changes in proptest::collection::vec((0..BASE.len(), any::<u8>()), 1..8),
            marks in proptest::collection::vec(
                (0..BASE.len(), proptest::sample::select(&b"[]{}^+-*,:;.#!&$%|/=@>()'\r\n019AZ"[..])),
                1..8,
            ),
        ) {
            let mut bytes = BASE.as_bytes().to_vec();
            for (at, byte) in changes.into_iter().take(1).chain(marks) {
                bytes[at] = byte;
            }
            let lines = bytes.split(|byte| *byte == b'\n').count();
            for base in [None, Some(&base())] {
                if let Err(faults) = read("any.sef", &bytes, base) {
                    for fault in &faults.0 {
                        prop_assert!(usize::try_from(fault.line).unwrap() <= lines && fault.column > 0);
                        prop_assert!(!fault.kind.hint().is_empty());
                    }
                }
            }
        }

        #[test]
        fn a_cut_file_ends_in_rules_or_faults(end in 0..BASE.len()) {
            let cut = BASE.get(..end).unwrap();
            if let Err(faults) = read("cut.sef", cut.as_bytes(), None) {
                prop_assert!(!faults.0.is_empty());
            }
        }
    }

    #[test]
    fn other_line_ends_blank_lines_and_marks_at_the_ends_change_nothing() {
        let words = |text: &[u8]| format!("{:?}", read("b", text, None).unwrap().standard.sets);
        let plain = words(BASE.as_bytes());
        assert_eq!(words(BASE.replace('\n', "\r\n").as_bytes()), plain);
        assert_eq!(
            words(format!("\u{feff}{}\x1a", BASE.replace(".S", "\n\n.S")).as_bytes()),
            plain
        );
    }

    #[test]
    fn records_broken_over_lines_are_joined_with_one_warning() {
        let broken = BASE
            .replace("{:200+260[N1]", "{:200+260[N\n1]")
            .replace("[352][C040]", "[352]\n[C040]");
        let loaded = read("b.sef", broken.as_bytes(), None).unwrap();
        let words: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "b.sef:6:1: records are broken over several lines, as in printed copies; they are joined"
            ]
        );
        let plain = format!("{:?}", base().sets);
        assert_eq!(format!("{:?}", loaded.standard.sets), plain);
    }

    #[test]
    fn sections_have_their_order_and_unknown_ones_are_named() {
        let words = |text: &str| -> Vec<String> {
            match read("x", text.as_bytes(), None) {
                Ok(loaded) => loaded.warnings.iter().map(ToString::to_string).collect(),
                Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
            }
        };
        assert_eq!(
            words(".SETS\n.VER 1.6\n"),
            [
                "x:1:1: the section `.SETS` stands at the wrong place",
                "x:1:1: there is no .INI section that names the standard's version and release"
            ]
        );
        assert_eq!(
            words(&format!("hello\n{HEAD}.SETS\n.STD ,RE\n.INI\nA,,004 010,X,,\n.STD 5,FX\n")),
            [
                "x:1:1: this line belongs to no section",
                "x:6:1: the section `.STD` stands at the wrong place",
                "x:7:1: the section `.INI` stands at the wrong place",
                "x:9:1: the section `.STD` stands at the wrong place",
                "x:9:6: the standard's form `5,FX` in .STD is not X12's: fixed-length standards are not read",
            ]
        );
        assert_eq!(
            words(
                &format!("{HEAD}.LANG x\nwhatever\n.SEGS\n* a note\n.TEXT,CODES\n.STD\n")
                    .replace("1.6", "1.9")
            ),
            [
                "x:1:6: SEF 1.9 is not known; the file is read as SEF 1.6",
                "x:4:1: the section `.LANG` is not known and is not read",
                "x:7:1: this line looks like a comment and is not read",
                "x:8:1: the section `.TEXT,CODES` is not known and is not read",
            ]
        );
    }

    #[test]
    fn only_x12_of_a_named_release_is_read() {
        let words = |ini: &str| {
            let text = format!(".INI\n{ini}\n");
            read("x", text.as_bytes(), None).map(|loaded| loaded.standard.release).map_err(
                |faults| {
                    let words: Vec<_> =
                        faults.0.iter().map(|f| format!("{}: {}", f.column, f.kind)).collect();
                    words.join("; ")
                },
            )
        };
        assert_eq!(words("A,,004 010 VICS,X,,A, B"), Ok("004010VICS".into()));
        assert_eq!(
            words("A,,D 96A,UN,,x").unwrap_err(),
            "4: the version and release in .INI should be digits such as `004 010`, not `D 96A`; 10: the file describes EDIFACT messages; only X12 is read"
        );
        assert!(words("A,,004010,GC,,x").unwrap_err().contains("GENCOD"));
        assert!(words("A,,004010,TD,,x").unwrap_err().contains("TRADACOMS"));
        assert!(words("A").is_err());
    }

    #[test]
    fn an_encrypted_file_is_refused_in_words() {
        let faults = read("eval.sef", b"EDIDE1001\xFF\x00", None).unwrap_err();
        assert_eq!(
            faults.to_string(),
            "eval.sef:1:1: this file is encrypted (it begins with EDIDE), and only its vendor's program can read it"
        );
    }
}
