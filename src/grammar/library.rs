//! The releases that Wharf ships, and one's own tables in their place.

use super::rules::Standard;
use super::sef::{self, Loaded, SefFaults};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whole releases of the standard, each read when it is first asked for.
#[derive(Debug)]
pub struct Library {
    /// By version and release, such as `004010`.
    releases: BTreeMap<String, Shelf>,
}

#[derive(Debug)]
struct Shelf {
    file: Cow<'static, str>,
    text: Cow<'static, [u8]>,
    read: ReadOnce,
}

/// A release once it was asked for.
#[expect(clippy::disallowed_types, reason = "a field, not a global")]
type ReadOnce = std::sync::OnceLock<Result<Arc<Standard>, SefFaults>>;

impl Library {
    /// The releases compiled into the program.
    pub fn shipped() -> Self {
        let shelf = |(release, file, text): &(&str, &'static str, &'static [u8])| {
            let text = Cow::Borrowed(*text);
            let shelf = Shelf { file: Cow::Borrowed(file), text, read: ReadOnce::new() };
            ((*release).to_owned(), shelf)
        };
        Self { releases: SHIPPED.iter().map(shelf).collect() }
    }

    /// Takes a whole release from `text` in place of the shipped one, or beside them; the file
    /// says which release it is.
    pub fn replace(&mut self, file_name: &str, text: Vec<u8>) -> Result<(), SefFaults> {
        let loaded = Standard::parse_sef(file_name, &text, None)?;
        let release = first_six(&loaded.standard.release).to_owned();
        let read = ReadOnce::from(Ok(Arc::new(loaded.standard)));
        let file = Cow::Owned(file_name.to_owned());
        self.releases.insert(release, Shelf { file, text: Cow::Owned(text), read });
        Ok(())
    }

    /// The rules of a release by its GS08, such as `004010` or `004010VICS`: the first six
    /// characters count. `None` if there are none.
    pub fn standard(&self, release: &str) -> Result<Option<Arc<Standard>>, SefFaults> {
        let Some(found) = self.releases.get(first_six(release)) else { return Ok(None) };
        let read = || {
            let loaded = Standard::parse_sef(&found.file, &found.text, None)?;
            Ok(Arc::new(loaded.standard))
        };
        found.read.get_or_init(read).clone().map(Some)
    }

    /// Reads a guide, called `file_name` in faults, over the release that it names; a whole
    /// dictionary of a release that is not here is read as it stands.
    pub fn guide(&self, file_name: &str, text: &[u8]) -> Result<Loaded, SefFaults> {
        sef::read_over(file_name, text, |release| self.standard(release).ok().flatten())
    }

    /// The releases that there are, in ascending order.
    pub fn releases(&self) -> Vec<String> {
        self.releases.keys().cloned().collect()
    }
}

fn first_six(release: &str) -> &str {
    release.get(..6).unwrap_or(release)
}

/// Release, file and text.
const SHIPPED: [(&str, &str, &[u8]); 5] = [
    ("003040", "003040.sef", include_bytes!("../../grammars/003040.sef")),
    ("003060", "003060.sef", include_bytes!("../../grammars/003060.sef")),
    ("004010", "004010.sef", include_bytes!("../../grammars/004010.sef")),
    ("004030", "004030.sef", include_bytes!("../../grammars/004030.sef")),
    ("005010", "005010.sef", include_bytes!("../../grammars/005010.sef")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_release_is_read_without_fault_or_warning() {
        for (release, file, text) in SHIPPED {
            let loaded = Standard::parse_sef(file, text, None).unwrap_or_else(|f| panic!("{f}"));
            assert_eq!(loaded.warnings, [], "{file}");
            assert_eq!(loaded.standard.release, release);
            for set in ["810", "850", "855", "856", "997"] {
                let set = &loaded.standard.sets[set];
                assert_eq!(set.nodes.first().unwrap().id.as_str(), "ST");
                assert_eq!(set.nodes.last().unwrap().id.as_str(), "SE");
                assert!(!set.title.is_empty() && set.functional_id.len() == 2);
            }
            let mut segments = loaded.standard.segments.values();
            assert!(segments.all(|segment| !segment.name.is_empty()), "{file}");
        }
    }

    #[test]
    fn a_release_is_found_by_its_first_six_characters() {
        let library = Library::shipped();
        assert_eq!(library.releases(), ["003040", "003060", "004010", "004030", "005010"]);
        let plain = library.standard("004010").unwrap().unwrap();
        let industry = library.standard("004010VICS").unwrap().unwrap();
        assert!(Arc::ptr_eq(&plain, &industry));
        assert!(library.standard("006020").unwrap().is_none());
        assert!(library.standard("00é").unwrap().is_none());
    }

    #[test]
    fn ones_own_tables_take_the_place_of_the_shipped_ones() {
        let mut library = Library::shipped();
        let own = ".VER 1.6\n.INI\nOWN,,004 010,X,X12-4010,Our own\n.SETS\n850=[ST,M][SE,M]\n.SEGS\nST=[143,M]\nSE=[96,M]\n.ELMS\n143=ID,3,3\n96=N0,1,10\n";
        library.replace("own.sef", own.as_bytes().to_vec()).unwrap();
        let standard = library.standard("004010").unwrap().unwrap();
        assert_eq!((standard.title.as_str(), standard.sets.len()), ("Our own", 1));
        library.replace("own.sef", own.replace("004 010", "006 020").into_bytes()).unwrap();
        assert_eq!(library.releases().len(), 6);
        let faults = library.replace("own.sef", b"nothing".to_vec()).unwrap_err();
        assert_eq!(faults.0.len(), 2);
    }

    #[test]
    fn a_guide_is_laid_over_the_release_that_it_names() {
        let library = Library::shipped();
        let guide =
            ".VER 1.6\n.INI\nACME,,004 010,X,X12-4010,Acme\n.SETS\n850=^[ST,M][!BEG,M][SE,M]\n";
        let loaded = library.guide("acme.sef", guide.as_bytes()).unwrap();
        let set = &loaded.standard.sets["850"];
        assert_eq!(set.nodes[1].segment.elements.len(), 12);
        assert!(library.guide("acme.sef", guide.replace("004 010", "007 010").as_bytes()).is_err());
    }
}
