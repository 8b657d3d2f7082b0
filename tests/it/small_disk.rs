//! A small disk in memory, to be filled.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A small disk in memory.
pub(super) struct Disk {
    folder: TempDir,
}

impl Disk {
    pub(super) fn of_megabytes(size: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = Self { folder };
        disk.mount(&format!("size={size}m"));
        disk
    }

    pub(super) fn remount(&self, how: &str) {
        self.mount(&format!("remount,{how}"));
    }

    fn mount(&self, options: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.folder());
        let mounted = mount.status().unwrap();
        assert!(mounted.success(), "a small disk must be mounted: run the tests as root");
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a spool may be.
    pub(super) fn spool(&self) -> String {
        self.folder().join("spool").to_str().unwrap().to_owned()
    }

    /// How many bytes are free.
    pub(super) fn free(&self) -> usize {
        let disk = rustix::fs::statvfs(self.folder()).unwrap();
        usize::try_from(disk.f_bavail * disk.f_frsize).unwrap()
    }

    /// Takes so many bytes of it; the file that does.
    pub(super) fn ballast(&self, bytes: usize) -> PathBuf {
        let ballast = self.folder().join("ballast");
        std::fs::write(&ballast, vec![1; bytes]).unwrap();
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.folder()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}
