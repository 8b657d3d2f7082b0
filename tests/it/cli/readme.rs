//! What README.md shows is what the commands print.

use super::terminal::masked;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("conformance"), folder.path().join("conformance"))
        .unwrap();
    let mut seen = 0;
    for block in blocks("console") {
        for (command, shown) in commands(&block) {
            if command.starts_with("wharf ") {
                seen += 1;
            } else if !command.starts_with("head ") {
                continue;
            }
            let printed = shell(folder.path(), &command);
            assert!(
                alike(&masked(&shown), &masked(&printed)),
                "$ {command}\n-- README.md shows --\n{shown}\n-- it prints --\n{printed}"
            );
        }
    }
    assert!(seen >= 6, "{seen} commands of wharf in README.md");
}

#[test]
fn the_map_of_the_readme_is_usable() {
    let folder = tempfile::tempdir().unwrap();
    let maps = blocks("toml");
    assert_eq!(maps.len(), 1);
    fs::write(folder.path().join("acme-850.toml"), &maps[0]).unwrap();
    assert_eq!(shell(folder.path(), "wharf map check acme-850.toml"), "usable: acme-850.toml\n");
}

/// The fenced blocks in a language, without the indentation of the fence.
pub(super) fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for line in text.lines() {
        let bare = line.trim_start();
        match &mut open {
            None if bare == format!("```{language}") => {
                open = Some((line.len() - bare.len(), String::new()));
            }
            None => {}
            Some((_, block)) if bare == "```" => blocks.push(std::mem::take(block)),
            Some((indent, block)) => {
                block.push_str(line.get(*indent..).unwrap_or_default());
                block.push('\n');
            }
        }
        if bare == "```" {
            open = None;
        }
    }
    blocks
}

/// Each command of a block, with what is shown below it.
pub(super) fn commands(block: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push((command.to_owned(), String::new()));
        } else if let Some((_, shown)) = commands.last_mut() {
            shown.push_str(line);
            shown.push('\n');
        }
    }
    commands
}

/// What a command line prints, `wharf` being ours.
fn shell(folder: &Path, line: &str) -> String {
    let ours = Path::new(env!("CARGO_BIN_EXE_wharf")).parent().unwrap();
    let line = format!("PATH=\"{}:$PATH\"; {line}", ours.display());
    let ran = Command::new("sh").args(["-c", &line]).current_dir(folder).output().unwrap();
    String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap()
}

/// Whether `shown` is `printed`, where a line `…` stands for any lines, and `…` at the end of a
/// line for the rest of it.
pub(super) fn alike(shown: &str, printed: &str) -> bool {
    let mut printed = printed.lines();
    let mut shown = shown.lines().peekable();
    while let Some(line) = shown.next() {
        let line = line.trim_end();
        if line.trim_start() == "…" {
            let Some(next) = shown.peek().map(|next| next.trim_end()) else { return true };
            let mut rest = printed.clone();
            while let Some(at) = rest.next() {
                if same(next, at) {
                    break;
                }
                printed = rest.clone();
            }
        } else if !printed.next().is_some_and(|at| same(line, at)) {
            return false;
        }
    }
    printed.all(str::is_empty)
}

fn same(shown: &str, printed: &str) -> bool {
    match shown.strip_suffix('…') {
        Some(beginning) => printed.starts_with(beginning),
        None => shown == printed.trim_end(),
    }
}

#[test]
fn what_is_left_out_is_marked() {
    assert!(alike("a\n…\nc…\n", "a\nb\nb\ncd\n"));
    assert!(!alike("a\nc\n", "a\nb\nc\n"));
    assert!(!alike("a\n", "a\nb\n"));
    assert!(!alike("…\nz\n", "a\nb\n"));
}
