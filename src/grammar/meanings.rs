//! What codes mean, in our own words.
//!
//! X12's code definitions are the standard's text; these are ours, for the codes that procurement
//! meets. A code without words here is shown bare.

use std::collections::HashMap;

/// Our words for codes, by data element and code.
#[derive(Clone, Debug, Default)]
pub struct Meanings {
    words: HashMap<String, HashMap<String, String>>,
}

impl Meanings {
    /// The shipped words: `grammars/words.toml`.
    ///
    /// # Errors
    /// None for the shipped file, which a test reads.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        Ok(Self { words: toml::from_str(include_str!("../../grammars/words.toml"))? })
    }

    /// What `code` means in data element `element`, such as `353`.
    pub fn of(&self, element: &str, code: &str) -> Option<&str> {
        self.words.get(element)?.get(code).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_words_are_read() {
        let meanings = Meanings::shipped().unwrap();
        assert_eq!(meanings.of("353", "00"), Some("original"));
        assert_eq!(meanings.of("353", "no such code"), None);
    }
}
