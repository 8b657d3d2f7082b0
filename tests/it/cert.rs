//! `wharf cert`, against OpenSSL and Java's keytool in both directions.

mod export;
mod folder;
mod import;
mod make;

use folder::{Folder, openssl, pair_of};
