//! Closed sets of words, such as `supplier`, `customer` and `both`.

use super::fault::{FaultKind, nearest, shown};
use super::written::{Item, Value};

/// A closed set of words.
pub(super) trait Word: Copy + 'static {
    const ALL: &'static [(Self, &'static str)];
}

impl<W: Word> Value for W {
    fn of(item: &Item<'_>) -> Result<Self, FaultKind> {
        let text = item.text()?;
        let found = W::ALL.iter().find(|(_, word)| *word == text);
        found.map(|(value, _)| *value).ok_or_else(|| {
            let words = || W::ALL.iter().map(|(_, word)| *word);
            FaultKind::NotOneOf {
                value: shown(text),
                nearest: nearest(text, words()),
                known: words().map(str::to_owned).collect(),
            }
        })
    }
}

/// Declares a closed set of words, as files and people write them.
macro_rules! words {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$variant:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$variant])* $value,)* }

        impl $name {
            /// The word for it in files.
            $vis fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }
        }

        impl $crate::partner::word::Word for $name {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$value, $word),)*];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}
pub(super) use words;
