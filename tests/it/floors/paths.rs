//! The paths in a Rust source: from `use` trees and from code, each with the line where it stands.
//!
//! Only as much of the language as a path needs: comments, strings and characters are passed over,
//! a `tests` module at the foot is not looked at, and inline modules are followed, so that `super`
//! means what it does to the compiler.

/// A path as written, whole: trees are expanded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The line, counted from 1.
    pub(super) line: usize,
    /// The module in which it stands.
    pub(super) scope: Vec<String>,
    /// Its names, `crate`, `self` and `super` included; a glob ends with `*`.
    pub(super) names: Vec<String>,
}

/// All paths of two names or more in `text`, and single names that are imported.
pub(super) fn paths(text: &str, module: &[String]) -> Vec<Path> {
    let tokens = tokens(text);
    let mut scanner = Scanner { tokens: &tokens, at: 0, found: vec![] };
    scanner.scan(module);
    scanner.found
}

struct Scanner<'t> {
    tokens: &'t [Token],
    at: usize,
    found: Vec<Path>,
}

impl Scanner<'_> {
    fn scan(&mut self, module: &[String]) {
        let mut scope = module.to_vec();
        // The depths at which the inline modules in `scope` were opened.
        let (mut depth, mut opened) = (0, vec![]);
        while self.at < self.tokens.len() {
            if self.tests_begin() {
                return;
            }
            match (self.text(0), self.text(1), self.text(2)) {
                ("mod", name, "{") => {
                    scope.push(name.to_owned());
                    opened.push(depth);
                    self.at += 2;
                }
                ("{", ..) => {
                    depth += 1;
                    self.at += 1;
                }
                ("}", ..) => {
                    depth -= 1;
                    if opened.last() == Some(&depth) {
                        opened.pop();
                        scope.pop();
                    }
                    self.at += 1;
                }
                // Who may see a thing is no import.
                ("pub", "(", "in") => {
                    while !matches!(self.text(0), ")" | "") {
                        self.at += 1;
                    }
                }
                ("use", ..) => {
                    self.at += 1;
                    self.tree(&scope, &[]);
                }
                (word, "::", _) if is_name(word) => self.tree(&scope, &[]),
                _ => self.at += 1,
            }
        }
    }

    /// One path or tree of paths, each behind `before`.
    fn tree(&mut self, scope: &[String], before: &[String]) {
        let line = self.line();
        let mut names = before.to_vec();
        loop {
            match self.text(0) {
                "{" if names.len() > before.len() || self.after("use") || self.after("::") => {
                    self.at += 1;
                    while !matches!(self.text(0), "}" | "") {
                        self.tree(scope, &names);
                        if self.text(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "::" => {}
                "*" => names.push("*".into()),
                "self" if !names.is_empty() => {}
                name if is_name(name) => names.push(name.to_owned()),
                // A turbofish, a macro's variable or a slip: the path ends before it.
                "" | "}" | "," | ";" => break,
                _ => {
                    self.at += 1;
                    break;
                }
            }
            self.at += 1;
            match self.text(0) {
                "::" => self.at += 1,
                "as" => {
                    self.at += 2;
                    break;
                }
                _ => break,
            }
        }
        self.found.push(Path { line, scope: scope.to_vec(), names });
    }

    /// Whether a `tests` module that only tests compile begins here.
    fn tests_begin(&self) -> bool {
        let marked = ["#", "[", "cfg", "(", "test", ")", "]"];
        let head = self.tokens[self.at..].iter().take_while(|token| token.text != "{");
        let head: Vec<&str> = head.take(64).map(|token| token.text.as_str()).collect();
        head.starts_with(&marked) && head.ends_with(&["mod", "tests"])
    }

    fn after(&self, word: &str) -> bool {
        self.at.checked_sub(1).is_some_and(|before| self.tokens[before].text == word)
    }

    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| &token.text)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }
}

struct Token {
    line: usize,
    text: String,
}

/// Names, `::`, and every other sign by itself; strings and comments are left out.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = vec![];
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, keep) = token(rest, first);
        let (word, after) = rest.split_at(length);
        if keep {
            tokens.push(Token { line, text: word.trim_start_matches("r#").to_owned() });
        }
        line += word.matches('\n').count();
        rest = after;
    }
    tokens
}

/// How long the token at the head of `rest` is, and whether it means anything here.
fn token(rest: &str, first: char) -> (usize, bool) {
    let upto = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    if rest.starts_with("//") {
        (upto("\n"), false)
    } else if rest.starts_with("/*") {
        (block_comment(rest), false)
    } else if let Some(hashes) = raw_string(rest) {
        let opened = rest.find('"').map_or(rest.len(), |at| at + 1);
        let end = format!("\"{}", "#".repeat(hashes));
        (rest[opened..].find(&end).map_or(rest.len(), |at| opened + at + end.len()), false)
    } else if first == '"' {
        (quoted(rest, '"'), false)
    } else if first == '\'' {
        character(rest)
    } else if rest.starts_with("::") {
        (2, true)
    } else if first == '_' || first.is_alphanumeric() {
        let start = if rest.starts_with("r#") { 2 } else { 0 };
        let name = rest[start..].find(|c: char| c != '_' && !c.is_alphanumeric());
        (name.map_or(rest.len(), |at| start + at), true)
    } else {
        (first.len_utf8(), !first.is_whitespace())
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 && at < rest.len() {
        let here = &rest.as_bytes()[at..];
        let step = match here {
            [b'/', b'*', ..] => 1,
            [b'*', b'/', ..] => -1,
            _ => 0,
        };
        depth += step;
        at += if step == 0 { 1 } else { 2 };
    }
    at.min(rest.len())
}

/// How many hashes open the raw string at the head of `rest`, if there is one.
fn raw_string(rest: &str) -> Option<usize> {
    let marks = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    marks[hashes..].starts_with('"').then_some(hashes)
}

/// The length of what is quoted at the head of `rest`.
fn quoted(rest: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if !escaped && c == mark {
            return at + 1;
        }
        escaped = !escaped && c == '\\';
    }
    rest.len()
}

/// A character is passed over; of a lifetime only the mark is, its name does no harm.
fn character(rest: &str) -> (usize, bool) {
    let mut chars = rest.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => (quoted(rest, '\''), false),
        (Some(c), Some('\'')) => (c.len_utf8() + 2, false),
        _ => (1, false),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        paths(text, &["here".into()]).iter().map(|path| path.names.join("::")).collect()
    }

    #[test]
    fn trees_are_expanded() {
        assert_eq!(
            names("pub use crate::{a::{self, B as C, d::*}, e::F,};\nuse g;"),
            ["crate::a", "crate::a::B", "crate::a::d::*", "crate::e::F", "g"]
        );
        assert_eq!(names("use {super::a, b::{C}};"), ["super::a", "b::C"]);
    }

    #[test]
    fn paths_in_code_are_found() {
        assert_eq!(
            names("fn f(a: &crate::x::Y<'a>) -> b::C { super::d::e::<u8>(); $crate::f!() }"),
            ["crate::x::Y", "b::C", "super::d::e", "crate::f"]
        );
    }

    #[test]
    fn strings_comments_and_characters_hold_no_paths() {
        let text = r###"
            // a::b
            /* c::d /* e::f */ g::h */
            let s = "i::j \" k::l"; let r = br##"m::n"# o::p"##;
            let c = ('"', '\'', '\\', 'q', b'"'); let life: &'static str = r::S;
        "###;
        assert_eq!(names(text), ["r::S"]);
    }

    #[test]
    fn inline_modules_are_a_scope_and_tests_at_the_foot_are_not_read() {
        let text = "use a::B;\nmod inner {\n  fn f() { c::d(); }\n}\nuse e::F;\n\
                    #[cfg(test)]\n#[expect(a, reason = \"b\")]\nmod tests { use g::H; }";
        let found = paths(text, &["here".into()]);
        let seen: Vec<_> =
            found.iter().map(|path| (path.line, path.scope.len(), path.names.len())).collect();
        assert_eq!(seen, [(1, 1, 2), (3, 2, 2), (5, 1, 2)]);
    }
}
