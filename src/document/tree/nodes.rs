//! The two buffers that a tree is made of.

/// How deep lists and objects may nest.
pub(super) const MAX_DEPTH: usize = 100;

/// Values in the order written, and all their names and text.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    pub(super) nodes: Vec<Node>,
    pub(super) text: String,
}

/// A value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Its name in the object around it.
    pub(super) key: Span,
    /// What it says, unless it is a list or an object.
    pub(super) text: Span,
    /// One past its last descendant.
    pub(super) end: u32,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What sort of value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// `[ … ]`.
    List,
    /// `{ … }`.
    Object,
}

impl Nodes {
    pub(super) fn node(&self, at: usize) -> Node {
        self.nodes.get(at).copied().unwrap_or_default()
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let end = usize::try_from(span.end).unwrap_or(usize::MAX);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The same as bytes, where it need not be looked up where signs begin.
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        let start = usize::try_from(span.start).unwrap_or(usize::MAX);
        let end = usize::try_from(span.end).unwrap_or(usize::MAX);
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    /// The name of a member.
    pub(super) fn key(&self, at: usize) -> &str {
        self.slice(self.node(at).key)
    }

    /// One past the last descendant.
    pub(super) fn end(&self, at: usize) -> usize {
        usize::try_from(self.node(at).end).unwrap_or(usize::MAX)
    }

    /// The places of what a list or an object holds.
    pub(super) fn children(&self, at: usize) -> Children<'_> {
        Children { nodes: self, at: at + 1, end: self.end(at) }
    }
}

/// Goes from sibling to sibling.
#[derive(Clone)]
pub(super) struct Children<'t> {
    nodes: &'t Nodes,
    at: usize,
    end: usize,
}

impl Iterator for Children<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let at = self.at;
        (at < self.end).then(|| {
            self.at = self.nodes.end(at).max(at + 1);
            at
        })
    }
}
