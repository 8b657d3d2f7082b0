//! What a command reads: files, folders, standard input, with a bar when it takes long.

use super::terms::CommandError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One source of bytes, opened when it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Standard input, written `-`.
    Standard,
    /// A file.
    File(PathBuf),
}

impl Source {
    /// The name that messages give it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Standard => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Opens it for reading.
    pub(super) fn open(&self) -> io::Result<Input> {
        let (bytes, length): (Box<dyn Read>, _) = match self {
            Self::Standard => (Box::new(io::stdin().lock()), None),
            Self::File(path) => {
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                (Box::new(file), Some(length))
            }
        };
        Ok(Input { bytes, read: 0, length, began: Instant::now(), bar: None })
    }

    /// All of it, if it is no longer than `limit` bytes.
    pub(super) fn read_whole(&self, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut input = self.open()?.take(limit + 1);
        io::copy(&mut input, &mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(io::Error::other(format!("larger than {} MB", limit >> 20)));
        }
        Ok(bytes)
    }
}

/// The sources that the arguments of a command name: `-`, files, and folders, each folder standing
/// for the files below it in the order of their names, hidden ones left out.
pub(super) fn sources(arguments: &[PathBuf]) -> Result<Vec<Source>, CommandError> {
    let mut sources = Vec::new();
    for path in arguments {
        if path.as_os_str() == "-" {
            sources.push(Source::Standard);
        } else if path.is_dir() {
            let before = sources.len();
            let name = path.display().to_string();
            walk(path, &mut sources).map_err(CommandError::io(&name))?;
            if sources.len() == before {
                let text = format!("{name}: there is no file in this folder");
                return Err(CommandError::Wrong(text));
            }
        } else {
            sources.push(Source::File(path.clone()));
        }
    }
    Ok(sources)
}

fn walk(folder: &Path, sources: &mut Vec<Source>) -> io::Result<()> {
    let mut waiting = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    sources.extend(files.into_iter().map(Source::File));
    Ok(())
}

/// An open source that shows how far it is once it has taken a second.
pub(super) struct Input {
    bytes: Box<dyn Read>,
    read: u64,
    length: Option<u64>,
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.read += u64::try_from(count).unwrap_or(0);
        if let Some(bar) = &self.bar {
            bar.set_position(self.read);
        } else if self.began.elapsed() > Duration::from_secs(1) && io::stderr().is_terminal() {
            self.bar = Some(bar(self.length));
        }
        Ok(count)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(length: Option<u64>) -> ProgressBar {
    let form = match length {
        Some(_) => "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        None => "{spinner} {bytes}, {bytes_per_sec}",
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(form) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stands_for_its_files_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.edi", "a.edi", ".hidden"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("sub/c.edi"), "x").unwrap();
        let found = sources(&[folder.path().to_owned(), PathBuf::from("-")]).unwrap();
        let file = |name: &str| Source::File(folder.path().join(name));
        assert_eq!(found, [file("a.edi"), file("b.edi"), file("sub/c.edi"), Source::Standard]);
    }

    #[test]
    fn an_empty_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(sources(&[folder.path().to_owned()]).unwrap_err().to_string().contains("no file"));
    }

    #[test]
    fn a_file_over_the_limit_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut file, &[b'x'; 100]).unwrap();
        let source = Source::File(file.path().to_owned());
        assert_eq!(source.read_whole(100).unwrap().len(), 100);
        assert!(source.read_whole(99).is_err());
    }
}
