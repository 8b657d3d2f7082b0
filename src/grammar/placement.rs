//! Where each segment of a set has its place in the rules.

/// The node of the rules at which each segment of a set was placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    nodes: Vec<u16>,
}

const NOWHERE: u16 = u16::MAX;

impl Placement {
    /// No segment placed yet, with room for `segments`.
    pub fn with_capacity(segments: usize) -> Self {
        Self { nodes: Vec::with_capacity(segments) }
    }

    /// Places the next segment at `node`, an index of the rules' nodes, or nowhere.
    pub fn push(&mut self, node: Option<usize>) {
        self.nodes.push(node.and_then(|node| u16::try_from(node).ok()).unwrap_or(NOWHERE));
    }

    /// The node of segment `index` (ST being 0); `None` for a segment that has no place.
    pub fn node(&self, index: usize) -> Option<usize> {
        self.nodes.get(index).copied().filter(|node| *node != NOWHERE).map(usize::from)
    }

    /// How many segments were placed, or found to have no place.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no segment was looked at.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
