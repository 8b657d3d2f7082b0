//! Closed lists of codes, asked for at every other element of a set.

/// A closed list of codes.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    /// Codes of up to eight bytes, packed with [`Codes::pack`], sorted.
    short: Vec<u64>,
    /// The same, each at the slot of its hash or behind it; a power of two long, half of it zero.
    slots: Vec<u64>,
    /// Longer ones, sorted.
    long: Vec<String>,
    /// For codes made of parts (elements 103 and 480): what may follow a first part in the lists
    /// above, any of these codes or, if empty, any text.
    tail: Option<Vec<String>>,
}

impl Codes {
    /// A list of these codes.
    pub fn new(codes: impl IntoIterator<Item = String>) -> Self {
        let mut list = Self::default();
        for code in codes {
            list.push(&code);
        }
        list.sorted()
    }

    /// Adds a code to a list that is still to be [`Codes::sorted`].
    pub(super) fn push(&mut self, code: &str) {
        match Self::pack(code.as_bytes()) {
            Some(packed) => self.short.push(packed),
            None => self.long.push(code.to_owned()),
        }
    }

    /// Puts codes that were pushed in order, each once, as all other methods need them.
    #[must_use]
    pub(super) fn sorted(mut self) -> Self {
        self.short.sort_unstable();
        self.short.dedup();
        self.long.sort_unstable();
        self.long.dedup();
        self.hashed();
        self
    }

    /// Checking asks for a code at every other element, and a search by halves misses the branch
    /// predictor ten times; a hash finds most codes at first sight.
    fn hashed(&mut self) {
        self.slots = vec![0; (self.short.len() * 2).next_power_of_two().max(2)];
        let mask = self.slots.len() - 1;
        for packed in &self.short {
            let mut at = Self::slot(*packed);
            while let Some(slot) = self.slots.get_mut(at & mask) {
                if *slot == 0 {
                    *slot = *packed;
                    break;
                }
                at += 1;
            }
        }
    }

    /// Where to look for a packed code first. The letters of short codes all stand at the upper end.
    #[inline]
    fn slot(packed: u64) -> usize {
        let spread = (packed ^ packed >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from(spread >> 44).unwrap_or(0)
    }

    /// The codes of this list and of `other`; what may follow first parts is joined as well.
    #[must_use]
    pub(super) fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.short.extend_from_slice(&other.short);
        both.long.extend_from_slice(&other.long);
        if let Some(tail) = other.tail.as_ref().filter(|tail| !tail.is_empty()) {
            both.tail.get_or_insert_default().extend_from_slice(tail);
        }
        both.sorted()
    }

    /// The same list for codes whose first part is in it and which may go on with one of `tail`;
    /// an empty `tail` allows any.
    #[must_use]
    pub fn with_tail(mut self, tail: Vec<String>) -> Self {
        self.tail = Some(tail);
        self
    }

    /// Whether `value` is in the list.
    #[inline]
    pub fn contains(&self, value: &[u8]) -> bool {
        self.whole(value) || self.tail.as_ref().is_some_and(|tail| self.in_parts(value, tail))
    }

    /// The codes in ascending order, first parts only for codes in parts.
    pub fn iter(&self) -> impl Iterator<Item = String> + '_ {
        let unpack = |packed: &u64| {
            let bytes = packed.to_be_bytes();
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
        };
        self.short.iter().map(unpack).chain(self.long.iter().cloned())
    }

    /// How many codes.
    pub fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn whole(&self, value: &[u8]) -> bool {
        match Self::pack(value) {
            Some(0) => self.short.first() == Some(&0),
            Some(packed) => {
                let mask = self.slots.len().wrapping_sub(1);
                let mut at = Self::slot(packed);
                loop {
                    match self.slots.get(at & mask) {
                        Some(slot) if *slot == packed => return true,
                        None | Some(0) => return false,
                        Some(_) => at += 1,
                    }
                }
            }
            None => self.long.binary_search_by(|code| code.as_bytes().cmp(value)).is_ok(),
        }
    }

    fn in_parts(&self, value: &[u8], tail: &[String]) -> bool {
        (1..value.len()).rev().filter_map(|at| value.split_at_checked(at)).any(|(head, rest)| {
            self.whole(head) && (tail.is_empty() || tail.iter().any(|code| code.as_bytes() == rest))
        })
    }

    /// Up to eight bytes in one word that sorts as they do.
    fn pack(code: &[u8]) -> Option<u64> {
        if code.len() > 8 {
            return None;
        }
        let word = code.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        let bits = 64 - 8 * u32::try_from(code.len()).ok()?;
        Some(word.checked_shl(bits).unwrap_or(0))
    }
}
