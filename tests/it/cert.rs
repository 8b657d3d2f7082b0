//! `wharf cert` and `wharf as2`, against OpenSSL and Java's keytool in both directions.

mod check;
mod evidence;
mod expiry;
mod export;
mod folder;
mod import;
mod inspect;
mod make;
mod ping;

use folder::{Folder, openssl, pair_of};
