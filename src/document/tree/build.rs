//! JSON text to nodes, by a visitor that allocates nothing for a value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::error::{TreeError, TreeFault};
use super::nodes::{Kind, MAX_DEPTH, Node, Nodes, Span};

/// Parses one JSON value and nothing after it.
pub(super) fn nodes(json: &[u8]) -> Result<Nodes, TreeError> {
    if u32::try_from(json.len()).is_err() {
        return Err(TreeError { line: 0, column: 0, fault: TreeFault::TooLarge });
    }
    let mut builder = Builder { nodes: Nodes::default(), depth: 0, fault: None };
    builder.nodes.text.reserve(json.len() / 2);
    builder.nodes.nodes.reserve(json.len() / 24);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let parsed = Place { builder: &mut builder, key: Span::default() }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match parsed {
        Ok(()) => Ok(builder.nodes),
        Err(error) => Err(TreeError {
            line: error.line(),
            column: error.column(),
            fault: builder.fault.unwrap_or_else(|| TreeFault::syntax(&error)),
        }),
    }
}

/// A tree in the making.
struct Builder {
    nodes: Nodes,
    depth: usize,
    fault: Option<TreeFault>,
}

impl Builder {
    fn write<E: serde::de::Error>(&mut self, text: fmt::Arguments<'_>) -> Result<Span, E> {
        let start = self.nodes.text.len();
        fmt::Write::write_fmt(&mut self.nodes.text, text).map_err(E::custom)?;
        self.span(start)
    }

    fn copy<E: serde::de::Error>(&mut self, text: &str) -> Result<Span, E> {
        let start = self.nodes.text.len();
        self.nodes.text.push_str(text);
        self.span(start)
    }

    fn span<E: serde::de::Error>(&mut self, start: usize) -> Result<Span, E> {
        let end = self.small(self.nodes.text.len())?;
        Ok(Span { start: self.small(start)?, end })
    }

    fn small<E: serde::de::Error>(&mut self, number: usize) -> Result<u32, E> {
        u32::try_from(number).map_err(|_| self.fail(TreeFault::TooLarge))
    }

    fn leaf<E: serde::de::Error>(&mut self, kind: Kind, key: Span, text: Span) -> Result<(), E> {
        let end = self.small(self.nodes.nodes.len() + 1)?;
        self.nodes.nodes.push(Node { kind, key, text, end });
        Ok(())
    }

    /// Begins a list or an object, and says at which node.
    fn open<E: serde::de::Error>(&mut self, kind: Kind, key: Span) -> Result<usize, E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(TreeFault::TooDeep));
        }
        self.depth += 1;
        self.leaf(kind, key, Span::default())?;
        Ok(self.nodes.nodes.len() - 1)
    }

    fn close<E: serde::de::Error>(&mut self, at: usize) -> Result<(), E> {
        self.depth -= 1;
        let end = self.small(self.nodes.nodes.len())?;
        if let Some(node) = self.nodes.nodes.get_mut(at) {
            node.end = end;
        }
        if self.nodes.node(at).kind != Kind::Object {
            return Ok(());
        }
        match self.repeated(at) {
            Some(name) => Err(self.fail(TreeFault::RepeatedKey(name))),
            None => Ok(()),
        }
    }

    /// A name that two members of the object at this node have.
    fn repeated(&self, at: usize) -> Option<String> {
        let members = self.nodes.children(at);
        if members.clone().count() <= FEW {
            let twice = members.clone().enumerate().find(|(place, member)| {
                let key = self.nodes.key(*member);
                members.clone().take(*place).any(|before| self.nodes.key(before) == key)
            });
            return twice.map(|(_, member)| self.nodes.key(member).to_owned());
        }
        let mut names = members.map(|member| self.nodes.key(member)).collect::<Vec<_>>();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair.first() == pair.last())?;
        twice.first().map(|name| (*name).to_owned())
    }

    fn fail<E: serde::de::Error>(&mut self, fault: TreeFault) -> E {
        let error = E::custom(&fault);
        self.fault = Some(fault);
        error
    }
}

/// Up to this many members, comparing each with each is faster than sorting.
const FEW: usize = 24;

/// Where the next value goes.
struct Place<'b> {
    builder: &'b mut Builder,
    key: Span,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.builder.leaf(Kind::Null, self.key, Span::default())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        let text = self.builder.copy(if value { "true" } else { "false" })?;
        self.builder.leaf(Kind::Bool, self.key, text)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        let text = self.builder.write(format_args!("{value}"))?;
        self.builder.leaf(Kind::Number, self.key, text)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        let text = self.builder.write(format_args!("{value}"))?;
        self.builder.leaf(Kind::Number, self.key, text)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        let text = self.builder.write(format_args!("{value:?}"))?;
        self.builder.leaf(Kind::Number, self.key, text)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        let text = self.builder.copy(value)?;
        self.builder.leaf(Kind::Text, self.key, text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let at = self.builder.open(Kind::List, self.key)?;
        while list
            .next_element_seed(Place { builder: &mut *self.builder, key: Span::default() })?
            .is_some()
        {}
        self.builder.close(at)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let at = self.builder.open(Kind::Object, self.key)?;
        while let Some(key) = object.next_key_seed(Name { builder: &mut *self.builder })? {
            object.next_value_seed(Place { builder: &mut *self.builder, key })?;
        }
        self.builder.close(at)
    }
}

/// The name of a member, on its way into the tree's text.
struct Name<'b> {
    builder: &'b mut Builder,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Span;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Span, E> {
        self.builder.copy(value)
    }
}
