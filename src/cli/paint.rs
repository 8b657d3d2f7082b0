//! How findings look on a terminal: the sentence, the place, the line, a caret.

use crate::grammar::{Finding, Severity};
use crate::x12::text;
use anstyle::{AnsiColor, Style};

pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const BLUE: Style = AnsiColor::Blue.on_default().bold();
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

/// Most characters of a source line that are shown.
const WIDTH: usize = 96;

/// `text` in `style`, for a stream that drops styles where nobody sees them.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The word and colour of a severity.
pub(super) fn severity(severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::Reject => ("error", RED),
        Severity::Accept => ("error, accepted", YELLOW),
        Severity::Warn => ("warning", CYAN),
        Severity::Ignore => ("ignored", DIM),
    }
}

/// One finding, with the segment that it points into as `source`: its offset and its bytes.
pub(super) fn finding(file: &str, finding: &Finding, source: Option<(u64, &[u8])>) -> String {
    let (word, colour) = severity(finding.severity);
    let head = styled(colour, word);
    let message = styled(BOLD, &visible(&finding.message));
    let code = styled(DIM, &format!("[{}]", finding.kind.code()));
    let gutter = finding.line.to_string();
    let pad = " ".repeat(gutter.len());
    let arrow = styled(BLUE, "-->");
    let bar = styled(BLUE, "|");
    let mut lines = vec![
        format!("{head}: {message} {code}"),
        format!("{pad}{arrow} {}:{}{}", visible(file), finding.line, place(finding)),
    ];
    if let Some((line, caret)) = source.and_then(|(start, bytes)| snippet(finding, start, bytes)) {
        lines.push(format!("{pad} {bar}"));
        lines.push(format!("{} {bar} {line}", styled(BLUE, &gutter)));
        lines.push(format!("{pad} {bar} {}", styled(colour, &caret)));
    }
    if !finding.hint.is_empty() {
        lines.push(format!("{pad} {} {}", styled(BLUE, "="), visible(&finding.hint)));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Where a finding is, in words.
fn place(finding: &Finding) -> String {
    let place = &finding.place;
    let set = place.set.as_ref().map(|set| {
        let control = place.set_control.as_deref().unwrap_or("?");
        format!(", set {} {}", visible(set), visible(control))
    });
    let segment = place.segment.as_ref().zip(place.position);
    let segment = segment.map(|(id, position)| format!(", segment {position} {}", visible(id)));
    let inside = place.loop_id.as_ref().filter(|id| Some(*id) != place.segment.as_ref());
    let inside = inside.map(|id| format!(" in loop {id}"));
    [set, segment, inside].into_iter().flatten().collect()
}

/// The segment's text around the finding, and a line that underlines what is meant.
fn snippet(finding: &Finding, start: u64, bytes: &[u8]) -> Option<(String, String)> {
    let from = usize::try_from(finding.offset.checked_sub(start)?).ok()?;
    let length = usize::try_from(finding.length).unwrap_or(usize::MAX).max(1);
    let before = bytes.get(..from.min(bytes.len()))?;
    let cut = from.saturating_sub(WIDTH / 2);
    let lead = visible(&text(before.get(cut..)?));
    let rest = bytes.get(from..).unwrap_or_default();
    let marked = visible(&text(rest.get(..length.min(rest.len()))?));
    let after = visible(&text(rest.get(length.min(rest.len())..)?));
    let lead = if cut > 0 { format!("…{lead}") } else { lead };
    let shown = lead.chars().count();
    let line = format!("{lead}{marked}{after}");
    let line = match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", line.get(..end)?),
        None => line,
    };
    let width = marked.chars().count().clamp(1, WIDTH.saturating_sub(shown).max(1));
    Some((line, format!("{}{}", " ".repeat(shown), "^".repeat(width))))
}

/// Text from outside with its control characters, and those that turn the direction of writing,
/// made visible: a partner's file must not drive the terminal.
pub(super) fn visible(text: &str) -> String {
    let unsafe_character = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    if !text.chars().any(unsafe_character) {
        return text.to_owned();
    }
    text.chars().map(|c| if unsafe_character(c) { '\u{FFFD}' } else { c }).collect()
}

/// The same of text that may have several lines.
pub(super) fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::{FindingKind, Place};

    fn example(offset: u64, length: u32) -> Finding {
        Finding {
            kind: FindingKind::DateInvalid,
            severity: Severity::Reject,
            place: Place::default(),
            value: None,
            message: "BEG05 is not a date".to_owned(),
            hint: String::new(),
            offset,
            length,
            line: 3,
        }
    }

    #[test]
    fn the_caret_stands_under_the_value() {
        let (line, caret) = snippet(&example(110, 8), 100, b"BEG*00*NE*20241332").unwrap();
        assert_eq!(line, "BEG*00*NE*20241332");
        assert_eq!(caret, "          ^^^^^^^^");
    }

    #[test]
    fn a_long_segment_is_cut_around_the_value() {
        let bytes = "A".repeat(5000);
        let (line, caret) = snippet(&example(4000, 2000), 0, bytes.as_bytes()).unwrap();
        assert!(line.chars().count() <= WIDTH + 2);
        assert!(caret.chars().count() <= WIDTH + 2);
        assert!(line.starts_with('…'));
    }

    #[test]
    fn an_offset_outside_the_segment_shows_no_line() {
        assert!(snippet(&example(5, 1), 100, b"BEG").is_none());
        assert!(snippet(&example(103, 9), 100, b"BEG").is_some());
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\u{202E}"), "a\u{FFFD}[31mb\u{FFFD}");
    }
}
