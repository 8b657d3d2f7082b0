//! The first head of a connection with its folded lines made one, as RFC 9112 §5.2 has it.
//!
//! Old senders of AS2 fold a long `Content-Type` as mail does, and hyper refuses that. Only the first
//! head is mended: where a later one begins depends on lengths that hyper reads and we do not. Whoever
//! folds is therefore asked to open a connection for each request.

use tokio::io::ReadBuf;

/// A beginning of a connection.
#[derive(Debug)]
pub(super) struct Unfold {
    /// What may be given on, from `given` on.
    ready: Vec<u8>,
    given: usize,
    /// An end of a line, of which the next byte tells whether it is one.
    end: &'static [u8],
    blank: bool,
    over: bool,
    folded: bool,
}

impl Unfold {
    pub(super) fn new() -> Self {
        Self { ready: Vec::new(), given: 0, end: b"", blank: true, over: false, folded: false }
    }

    /// Whether all that comes may go on as it is.
    pub(super) fn is_over(&self) -> bool {
        self.over && self.ready.is_empty()
    }

    /// Whether a line was folded.
    pub(super) fn has_folded(&self) -> bool {
        self.folded
    }

    /// Takes in what came; nothing is the end.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        let mut rest = bytes.iter();
        while !self.over {
            let Some(&byte) = rest.next() else { break };
            self.step(byte);
        }
        if bytes.is_empty() {
            self.end_line();
            self.over = true;
        }
        self.ready.extend_from_slice(rest.as_slice());
    }

    fn step(&mut self, byte: u8) {
        match byte {
            b' ' | b'\t' if self.end.ends_with(b"\n") => {
                self.end = b"";
                self.folded = true;
                self.ready.push(b' ');
            }
            b'\r' => {
                self.end_line();
                self.end = b"\r";
            }
            b'\n' => {
                let after_return = self.end == b"\r";
                if !after_return {
                    self.end_line();
                }
                self.end = if after_return { b"\r\n" } else { b"\n" };
                if self.blank {
                    self.end_line();
                    self.over = true;
                }
            }
            other => {
                self.end_line();
                self.blank = false;
                self.ready.push(other);
            }
        }
    }

    /// What was held back is an end of a line, or a lone CR.
    fn end_line(&mut self) {
        self.ready.extend_from_slice(self.end);
        self.blank |= self.end.ends_with(b"\n");
        self.end = b"";
    }

    /// Puts into `buffer` as much of what is ready as fits; whether that was anything.
    pub(super) fn give(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let piece = rest.get(..buffer.remaining()).unwrap_or(rest);
        buffer.put_slice(piece);
        self.given += piece.len();
        let any = !piece.is_empty();
        if self.given == self.ready.len() {
            (self.ready, self.given) = (Vec::new(), 0);
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(unfold: &mut Unfold, out: &mut Vec<u8>) {
        let mut space = [0; 3];
        let mut buffer = ReadBuf::new(&mut space);
        while unfold.give(&mut buffer) {
            out.extend_from_slice(buffer.filled());
            buffer.clear();
        }
    }

    /// What becomes of it, given in two pieces.
    fn unfolded(text: &str, at: usize) -> (String, bool) {
        let mut unfold = Unfold::new();
        let (first, second) = text.split_at(at);
        let mut out = Vec::new();
        for piece in [first, second] {
            if !piece.is_empty() {
                unfold.pass(piece.as_bytes());
            }
            take(&mut unfold, &mut out);
        }
        unfold.pass(b"");
        take(&mut unfold, &mut out);
        assert!(unfold.is_over());
        (String::from_utf8(out).unwrap(), unfold.has_folded())
    }

    #[test]
    fn folded_lines_of_a_head_become_one_and_a_body_stays_as_it_is() {
        for (text, wanted) in [
            ("P / H\r\nA: b;\r\n\tc\r\n d\r\n\r\n x\r\n y", "P / H\r\nA: b; c d\r\n\r\n x\r\n y"),
            ("P / H\nA: b;\n c\n\n x\n y", "P / H\nA: b; c\n\n x\n y"),
            ("P / H\r\nA: b\r\n \r\n\r\nx", "P / H\r\nA: b \r\n\r\nx"),
        ] {
            for at in 0..=text.len() {
                assert_eq!(unfolded(text, at), (wanted.to_owned(), true), "{at}");
            }
        }
    }

    #[test]
    fn what_is_not_folded_goes_on_as_it_came() {
        for text in [
            "P / H\r\nA: b\r\n\r\n x\r\n y",
            "P / H\r\nA: b\rc\r\n\r\n",
            "\r\nP / H\r\n\r\n\r\n x",
            "P / H\r\nA: b\r",
            "P / H\r\nA: b\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\r\n \0",
            "",
        ] {
            for at in 0..=text.len() {
                assert_eq!(unfolded(text, at), (text.to_owned(), false), "{at}");
            }
        }
    }

    proptest::proptest! {
        /// Nothing but an end of a line before a blank is ever changed, and nothing after the head.
        #[test]
        fn without_a_fold_nothing_changes(text in "[a \t\r\n]{0,40}", at in 0_usize..40) {
            let at = at.min(text.len());
            let (out, folded) = unfolded(&text, at);
            proptest::prop_assert_eq!(folded, out != text);
            let shown = |text: &str| text.replace(['\r', '\n', ' ', '\t'], "");
            proptest::prop_assert_eq!(shown(&out), shown(&text));
        }
    }
}
