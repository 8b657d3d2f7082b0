//! PEM, as people paste it: text around the blocks, any line ends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// One block.
pub(super) struct Block {
    /// What it says it is, such as `CERTIFICATE`.
    pub(super) label: String,
    /// Its bytes; `None` if they are not base64, as in a key that is encrypted in the old way.
    pub(super) der: Option<Zeroizing<Vec<u8>>>,
}

/// All blocks, in order. Bytes that are no text hold none.
pub(super) fn blocks(bytes: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, Zeroizing<String>)> = None;
    for line in bytes.split(|byte| matches!(byte, b'\r' | b'\n')) {
        let Ok(line) = std::str::from_utf8(line) else {
            open = None;
            continue;
        };
        let line = line.trim();
        if let Some(label) = marker(line, "-----BEGIN ") {
            open = Some((label.to_owned(), Zeroizing::new(String::new())));
        } else if marker(line, "-----END ").is_some() {
            if let Some((label, text)) = open.take() {
                let der = STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new);
                blocks.push(Block { label, der });
            }
        } else if let Some((_, text)) = &mut open {
            text.push_str(line);
        }
    }
    blocks
}

/// Bytes as one block.
pub(super) fn write(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
    pem
}

fn marker<'l>(line: &'l str, begin: &str) -> Option<&'l str> {
    line.strip_prefix(begin)?.strip_suffix("-----")
}
