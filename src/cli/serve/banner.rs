//! What a person sees when the gateway is ready.

use super::super::paint::{self, styled};
use super::super::terms::Common;
use super::begin::Begun;
use crate::http::Door;
use crate::partner::PublicKey;
use serde_json::json;
use std::io::{self, Write};

/// Prints what listens where, where the spool is, and a line to try.
pub(super) fn show(common: &Common, begun: &Begun) {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    // Nobody has to look.
    let _told = print(common, begun, &mut out).and_then(|()| out.flush());
    for gap in &begun.recovery.gaps {
        tracing::error!(
            from = gap.0,
            to = gap.1,
            "a stretch of the journal cannot be read; run `wharf spool verify`"
        );
    }
    if begun.recovery.cut > 0 {
        tracing::warn!(
            bytes = begun.recovery.cut,
            "an unfinished write was cut off; it was never acknowledged"
        );
    }
    if let Some(why) = &begun.recovery.rebuilt {
        tracing::warn!(why, "the index was built anew; the old one is beside it as index.aside");
    }
}

fn print(common: &Common, begun: &Begun, out: &mut impl Write) -> io::Result<()> {
    let [partners, erp, operator] =
        [&begun.partners_door, &begun.erp_door, &begun.operator_door].map(url);
    let spool = begun.spool.display().to_string();
    let names = begun.house.partners();
    let names: Vec<&str> = names.iter().map(|partner| partner.name.as_str()).collect();
    let sftp = begun.sftp_door.as_ref().map(|door| {
        let keys = door.keys().shown();
        let prints = keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>();
        (door.address(), prints)
    });
    if common.json {
        let (address, prints) = sftp.unzip();
        return writeln!(
            out,
            "{}",
            json!({
                "ready": true, "version": env!("CARGO_PKG_VERSION"), "partners": partners, "erp": erp,
                "operator": operator, "sftp": address, "sftp_keys": prints, "spool": spool, "known": names,
            })
        );
    }
    let ready = styled(paint::GREEN, "ready");
    writeln!(out, "wharf {} is {ready}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  partners  {partners}  for {}", names.join(", "))?;
    if let Some((address, prints)) = sftp {
        writeln!(out, "  SFTP      {address}  host key {}", prints.join(", "))?;
    }
    writeln!(out, "  ERP       {erp}")?;
    writeln!(out, "  operator  {operator}  /readyz /metrics")?;
    writeln!(out, "  spool     {spool}")?;
    let known = begun.house.partners();
    let token = if known.is_erp(SAMPLE) { SAMPLE } else { "TOKEN" };
    let trust = if begun.erp_door.is_tls() {
        format!("--cacert {} ", begun.certs.join("development.pem").display())
    } else {
        String::new()
    };
    writeln!(out, "Try: curl {trust}-H 'Authorization: Bearer {token}' {erp}/v1/events")
}

/// The token that the sample of us.toml is used with.
const SAMPLE: &str = "sample-token-of-the-erp";

fn url(door: &Door) -> String {
    format!("{}://{}", if door.is_tls() { "https" } else { "http" }, door.address())
}
