//! Beginning: everything that can be wrong with this machine is found out before anything listens.

use super::super::engine;
use super::super::terms::CommandError;
use super::settings::{Settings, clock};
use crate::erp::{Pace, Webhooks};
use crate::gateway::Gateway;
use crate::gateway::polling::Board;
use crate::grammar::Library;
use crate::http::Door;
use crate::partner::{Partners, Us};
use crate::spool::{Horizon, Recovery, Settings as SpoolSettings, Spool};
use crate::transport::https::send::Sender;
use crate::transport::sftp;
use crate::transport::{Carriers, Owner};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The gateway, ready to open its doors.
pub(super) struct Begun {
    pub(super) house: Arc<Gateway>,
    pub(super) webhooks: Webhooks,
    /// Who we are where we look for files.
    pub(super) owner: Owner,
    pub(super) board: Board,
    pub(super) partners_door: Door,
    pub(super) erp_door: Door,
    pub(super) operator_door: Door,
    pub(super) sftp_door: Option<sftp::Door>,
    pub(super) figures: PrometheusHandle,
    pub(super) spool: PathBuf,
    pub(super) certs: PathBuf,
    pub(super) reserve: u64,
    pub(super) recovery: Recovery,
}

/// Checks the clock, opens the spool, and binds the doors, in this order.
pub(super) fn begin(
    settings: &Settings,
    library: Arc<Library>,
    partners: Partners,
) -> Result<Begun, CommandError> {
    sane_clock()?;
    // Whoever installed one before us installed the same.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let figures = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| CommandError::Wrong(format!("figures cannot be recorded: {error}")))?;
    // Before the doors: whoever holds the spool has the ports too, and is to be named.
    let folder = settings.spool(partners.us());
    let spool_settings = SpoolSettings::default();
    let (spool, recovery) = Spool::open(&folder, spool_settings, clock()).map_err(|error| {
        let why =
            std::error::Error::source(&error).map(|why| format!(": {why}")).unwrap_or_default();
        CommandError::Wrong(format!("{error}{why}; {}", error.hint()))
    })?;
    not_older(&spool, &folder)?;
    let Us { listeners, .. } = partners.us();
    let certs = settings.certs.as_path();
    let partners_door =
        Door::bind("partners", &listeners.partners, certs).map_err(engine::wrong)?;
    let erp_door = Door::bind("erp", &listeners.erp, certs).map_err(engine::wrong)?;
    let operator_door =
        Door::bind("operator", &listeners.operator, certs).map_err(engine::wrong)?;
    let sftp_door = match listeners.sftp {
        Some(address) => {
            let keys = sftp::HostKeys::open(certs).map_err(engine::wrong)?;
            Some(sftp::Door::bind(address, keys).map_err(engine::wrong)?)
        }
        None => None,
    };
    let carriers = Carriers::new(Sender::new().map_err(engine::wrong)?);
    let house = Gateway::new(Arc::new(spool), Arc::new(partners), library, carriers, clock);
    Ok(Begun {
        house: Arc::new(house),
        webhooks: Webhooks::new(Pace::default()),
        owner: owner(&folder),
        board: Board::default(),
        partners_door,
        erp_door,
        operator_door,
        sftp_door,
        figures,
        spool: folder,
        certs: settings.certs.clone(),
        reserve: spool_settings.reserve_bytes,
        recovery,
    })
}

/// A spool that ends before what this machine knew of it was restored from an older copy: served as
/// it is, it would give out control numbers that partners have seen on other interchanges.
fn not_older(spool: &Spool, folder: &Path) -> Result<(), CommandError> {
    // What cannot be read says nothing.
    let Ok(Some(noted)) = Horizon::of(folder) else { return Ok(()) };
    if !spool.is_behind(&noted) {
        return Ok(());
    }
    Err(CommandError::Wrong(format!(
        "the spool in {} ends at {}, and on {} it was at {}: it was restored from an older copy; run \
         `wharf spool restored`, which makes it safe to serve and says what is to be sent again",
        folder.display(),
        spool.end(),
        noted.at.strftime("%F %H:%M UTC"),
        noted.end
    )))
}

/// The same after every start, and another for every other spool.
fn owner(spool: &Path) -> Owner {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let spool = std::fs::canonicalize(spool).unwrap_or_else(|_| spool.to_owned());
    Owner::of(&format!("{}:{}", host.trim(), spool.display()))
}

/// A machine that woke up in 1970 writes dates into interchanges that nobody accepts.
fn sane_clock() -> Result<(), CommandError> {
    let now = clock().at;
    if now.as_second() >= EARLIEST {
        return Ok(());
    }
    Err(CommandError::Wrong(format!(
        "the clock of this machine says {}, which cannot be; set it, then start again",
        now.strftime("%Y-%m-%d %H:%M")
    )))
}

/// 2026-01-01, before which there was no Wharf.
const EARLIEST: i64 = 1_767_225_600;

/// The bounds of the histograms of durations.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
