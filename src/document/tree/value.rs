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

    /// The number as it is written, if it is one.
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
    fn as_json(value: Value<'_>, number: fn(&str) -> Json) -> Json {
        match value.kind() {
            Kind::Null => Json::Null,
            Kind::Bool => Json::Bool(value.boolean().unwrap()),
            Kind::Number => number(value.number().unwrap()),
            Kind::Text => Json::String(value.text().unwrap().to_owned()),
            Kind::List => Json::Array(value.items().map(|item| as_json(item, number)).collect()),
            Kind::Object => Json::Object(
                value
                    .members()
                    .map(|(name, value)| (name.to_owned(), as_json(value, number)))
                    .collect(),
            ),
        }
    }

    fn exactly(number: &str) -> Json {
        let whole = number.parse::<u64>().map(|n| json!(n));
        let whole = whole.or(number.parse::<i64>().map(|n| json!(n)));
        whole.unwrap_or_else(|_| json!(number.parse::<f64>().unwrap()))
    }

    /// Which may differ from [`exactly`] in the last digit of a fraction.
    fn as_serde_json(number: &str) -> Json {
        serde_json::from_str(number).unwrap()
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
        fn the_tree_says_what_the_json_says(json in any_json()) {
            let tree = parsed(&json.to_string());
            prop_assert_eq!(as_json(tree.root(), exactly), json);
        }

        #[test]
        fn each_pointer_leads_back_to_its_value(json in any_json()) {
            let tree = parsed(&json.to_string());
            for at in 0..tree.nodes.nodes.len() {
                let value = Value { tree: &tree, at };
                prop_assert_eq!(json.pointer(&value.pointer()), Some(&as_json(value, exactly)));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_as_serde_json_does(text in "([\\[\\]{}\",:0-9a-c .\\\\-]|true|null|1e5|\\\\u00){0,16}") {
            let ours = Tree::parse(text.as_bytes());
            match serde_json::from_str::<Json>(&text) {
                Ok(json) => match ours {
                    Ok(tree) => prop_assert_eq!(as_json(tree.root(), as_serde_json), json),
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
        assert_eq!(root.get("a").unwrap().get("c").unwrap().number(), Some("1.50"));
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
    fn faults_say_what_and_where() {
        let fault = |json: &[u8]| {
            let error = Tree::parse(json).unwrap_err();
            (error.line, error.column, error.fault.code())
        };
        assert_eq!(fault(b"{\n  \"a\": nul\n}"), (2, 8, "json_syntax"));
        assert_eq!(fault(b"{} {}"), (1, 4, "json_syntax"));
        assert_eq!(fault(b"{\"a\" 1}"), (1, 6, "json_syntax"));
        assert_eq!(fault(b"[1,]"), (1, 4, "json_syntax"));
        assert_eq!(fault(b""), (1, 1, "json_cut_off"));
        assert_eq!(fault(b"{\"a\":\"b"), (1, 8, "json_cut_off"));
        assert_eq!(fault(b"[\n\"\xff\"]"), (2, 2, "json_not_utf8"));
        assert_eq!(fault(b"{\"a\":1,\n\"a\":2}"), (2, 1, "json_repeated_name"));
    }

    #[test]
    fn numbers_keep_the_digits_that_were_written() {
        let tree = parsed("[1e300,12.50,-0.0010,0,12345678901234567890123.45]");
        let numbers = tree.root().items().map(|item| item.number().unwrap()).collect::<Vec<_>>();
        assert_eq!(numbers, ["1e300", "12.50", "-0.0010", "0", "12345678901234567890123.45"]);
    }

    #[test]
    fn escapes_are_read_as_serde_json_reads_them() {
        for json in [
            r#""a\"b\\c\/d\b\f\n\r\t""#,
            r#""\u0041\u00e9\u20AC""#,
            r#""é\ud83d\ude00 €""#,
            r#"{"n\u0061me":"x"}"#,
            r#""\ud83d""#,
            r#""\ude00\ud83d""#,
            r#""\ud83d\u0041""#,
            r#""\ud83dx""#,
            r#""\x""#,
            r#""\é""#,
            r#""\u00g0""#,
            r#""\u+041""#,
            "\"a\nb\"",
        ] {
            let theirs = serde_json::from_str::<Json>(json).ok();
            let ours = Tree::parse(json.as_bytes()).ok();
            assert_eq!(ours.map(|tree| as_json(tree.root(), as_serde_json)), theirs, "{json}");
        }
    }
}
