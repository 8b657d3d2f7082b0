//! The tree and its values.

use std::fmt;

use super::build;
use super::error::TreeError;
use super::nodes::{Kind, MAX_DEPTH, Nodes};

/// A JSON value parsed once into two buffers: the nodes in the order written, and all their text.
///
/// A document of a thousand lines costs a handful of allocations, not one for each name and value.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Nodes,
}

impl Tree {
    /// How deep lists and objects may nest.
    pub const MAX_DEPTH: usize = MAX_DEPTH;

    /// Parses one JSON value and nothing after it.
    pub fn parse(json: &[u8]) -> Result<Self, TreeError> {
        build::nodes(json).map(|nodes| Self { nodes })
    }

    /// The whole value.
    pub fn root(&self) -> Value<'_> {
        Value { tree: self, at: 0 }
    }
}

/// A value of a [`Tree`].
#[derive(Clone, Copy)]
pub struct Value<'t> {
    tree: &'t Tree,
    at: usize,
}

impl<'t> Value<'t> {
    /// What sort of value it is.
    pub fn kind(self) -> Kind {
        self.tree.nodes.node(self.at).kind
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The string, if it is one.
    pub fn text(self) -> Option<&'t str> {
        self.written(Kind::Text)
    }

    /// The number as text, if it is one: its shortest form, which need not be the form written.
    pub fn number(self) -> Option<&'t str> {
        self.written(Kind::Number)
    }

    /// Whether it is `true`, if it is a truth value.
    pub fn boolean(self) -> Option<bool> {
        self.written(Kind::Bool).map(|text| text == "true")
    }

    /// Its place among the nodes, in the order written: stable and unique within the tree.
    pub fn index(self) -> usize {
        self.at
    }

    /// The member of an object with this name.
    pub fn get(self, key: &str) -> Option<Self> {
        self.members().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The members of an object, in order; none if it is something else.
    pub fn members(self) -> impl Iterator<Item = (&'t str, Self)> {
        let nodes = &self.tree.nodes;
        self.children(Kind::Object).map(move |value| (nodes.key(value.at), value))
    }

    /// The members of a list, in order; none if it is something else.
    pub fn items(self) -> impl Iterator<Item = Self> {
        self.children(Kind::List)
    }

    /// Where it stands, as a JSON pointer such as `/lines/3/quantity`; empty for the whole.
    pub fn pointer(self) -> String {
        let nodes = &self.tree.nodes;
        let mut pointer = String::new();
        let mut around = 0;
        while around < self.at {
            let mut children = nodes.children(around).enumerate();
            let Some((place, child)) = children.find(|(_, child)| self.at < nodes.end(*child))
            else {
                break;
            };
            pointer.push('/');
            if nodes.node(around).kind == Kind::List {
                pointer.push_str(&place.to_string());
            } else {
                pointer.push_str(&nodes.key(child).replace('~', "~0").replace('/', "~1"));
            }
            around = child;
        }
        pointer
    }

    fn written(self, kind: Kind) -> Option<&'t str> {
        let node = self.tree.nodes.node(self.at);
        (node.kind == kind).then(|| self.tree.nodes.slice(node.text))
    }

    fn children(self, of: Kind) -> impl Iterator<Item = Self> + use<'t> {
        let tree = self.tree;
        let children = (self.kind() == of).then(|| tree.nodes.children(self.at));
        children.into_iter().flatten().map(move |at| Self { tree, at })
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Null => f.write_str("null"),
            Kind::Text => write!(f, "{:?}", self.text().unwrap_or_default()),
            Kind::Bool | Kind::Number => {
                f.write_str(self.tree.nodes.slice(self.tree.nodes.node(self.at).text))
            }
            Kind::List => f.debug_list().entries(self.items()).finish(),
            Kind::Object => f.debug_map().entries(self.members()).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value as Json, json};

    use super::super::error::TreeFault;
    use super::*;

    fn parsed(json: &str) -> Tree {
        Tree::parse(json.as_bytes()).unwrap()
    }

    fn fault(json: &str) -> TreeFault {
        Tree::parse(json.as_bytes()).unwrap_err().fault
    }

    /// The same value as `serde_json` would have it.
    fn as_json(value: Value<'_>) -> Json {
        match value.kind() {
            Kind::Null => Json::Null,
            Kind::Bool => Json::Bool(value.boolean().unwrap()),
            Kind::Number => as_number(value.number().unwrap()),
            Kind::Text => Json::String(value.text().unwrap().to_owned()),
            Kind::List => Json::Array(value.items().map(as_json).collect()),
            Kind::Object => Json::Object(
                value.members().map(|(name, value)| (name.to_owned(), as_json(value))).collect(),
            ),
        }
    }

    /// By the standard library, which rounds exactly where `serde_json` does not.
    fn as_number(text: &str) -> Json {
        let whole = text.parse::<u64>().map(|n| json!(n)).or(text.parse::<i64>().map(|n| json!(n)));
        whole.unwrap_or_else(|_| json!(text.parse::<f64>().unwrap()))
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            any::<i64>().prop_map(|number| json!(number)),
            any::<u64>().prop_map(|number| json!(number)),
            any::<f64>().prop_map(|number| json!(number)),
            ".*".prop_map(Json::String),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Json::Array),
                prop::collection::btree_map(".{0,6}", inner, 0..40)
                    .prop_map(|members| Json::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_tree_is_what_serde_json_reads(json in any_json()) {
            let text = json.to_string();
            let theirs = serde_json::from_str::<Json>(&text).unwrap();
            prop_assert_eq!(as_json(parsed(&text).root()), theirs);
        }

        #[test]
        fn each_pointer_leads_back_to_its_value(json in any_json()) {
            let text = json.to_string();
            let (tree, json) = (parsed(&text), serde_json::from_str::<Json>(&text).unwrap());
            for at in 0..tree.nodes.nodes.len() {
                let value = Value { tree: &tree, at };
                prop_assert_eq!(json.pointer(&value.pointer()), Some(&as_json(value)));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_as_serde_json_does(text in "[\\[\\]{}\",:0-9a-c \\\\-]{0,24}") {
            let ours = Tree::parse(text.as_bytes());
            match serde_json::from_str::<Json>(&text) {
                Ok(json) => match ours {
                    Ok(tree) => prop_assert_eq!(as_json(tree.root()), json),
                    Err(error) => prop_assert!(matches!(error.fault, TreeFault::RepeatedKey(_))),
                },
                Err(_) => prop_assert!(ours.is_err()),
            }
        }
    }

    #[test]
    fn members_are_found_by_name_and_not_in_inner_objects() {
        let tree = parsed(r#"{"a":{"b":"inner","c":1.50},"b":"outer","list":["x",true,null]}"#);
        let root = tree.root();
        assert_eq!(root.get("b").unwrap().text(), Some("outer"));
        assert_eq!(root.get("a").unwrap().get("b").unwrap().text(), Some("inner"));
        assert_eq!(root.get("a").unwrap().get("c").unwrap().number(), Some("1.5"));
        assert!(root.get("c").is_none());
        assert_eq!(root.get("list").unwrap().items().count(), 3);
        assert_eq!(root.get("list").unwrap().items().nth(1).unwrap().boolean(), Some(true));
        assert!(root.get("b").unwrap().members().next().is_none());
    }

    #[test]
    fn nesting_is_bounded_with_a_clear_error() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Tree::parse(deep(Tree::MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(fault(&deep(Tree::MAX_DEPTH + 1)), TreeFault::TooDeep);
        assert_eq!(fault(&"[".repeat(1_000_000)), TreeFault::TooDeep);
        assert_eq!(fault(&"{\"a\":".repeat(1_000_000)), TreeFault::TooDeep);
    }

    #[test]
    fn a_name_that_occurs_twice_is_an_error_in_small_and_large_objects() {
        let repeated = TreeFault::RepeatedKey("a".to_owned());
        assert_eq!(fault(r#"{"x":{"a":1,"b":2,"a":3}}"#), repeated);
        assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), repeated);
        let names = (0..1000).map(|n| format!("\"k{n}\":0")).collect::<Vec<_>>();
        assert_eq!(fault(&format!("{{{},\"a\":1,\"a\":2}}", names.join(","))), repeated);
    }

    #[test]
    fn faults_say_where() {
        let error = Tree::parse(b"{\n  \"a\": nul }\n").unwrap_err();
        assert_eq!((error.line, error.fault.code()), (2, "json_syntax"));
        assert!(!error.fault.to_string().contains("line"));
        assert_eq!(Tree::parse(b"{} {}").unwrap_err().fault.code(), "json_syntax");
        assert_eq!(Tree::parse(b"").unwrap_err().fault.code(), "json_syntax");
        assert_eq!(Tree::parse(b"\"\xff\"").unwrap_err().fault.code(), "json_syntax");
    }

    #[test]
    fn numbers_written_with_huge_exponents_stay_short() {
        let tree = parsed("[1e300,1e-300,12.50,-0.001]");
        let numbers = tree.root().items().map(|item| item.number().unwrap()).collect::<Vec<_>>();
        assert_eq!(numbers, ["1e300", "1e-300", "12.5", "-0.001"]);
    }
}
