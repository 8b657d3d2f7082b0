//! The life of a running gateway: its doors open, until it is told to end or cannot go on.

use super::super::terms::{CommandError, Outcome};
use super::begin::Begun;
use super::certificates;
use super::settings::{Settings, clock};
use super::watch::{Watch, reload, told};
use crate::console::{self, Check, Checks};
use crate::erp;
use crate::gateway::operator::{Names, Operator};
use crate::gateway::{Gateway, Workers};
use crate::http::{Door, Limits};
use crate::message::PartnerId;
use crate::partner::NamedCertificate;
use crate::transport::{as2, https};
use axum::Router;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long what is under way may take when we end.
const GRACE: Duration = Duration::from_secs(30);

/// Lives until a signal, or until the spool accepts nothing more.
pub(super) async fn live(
    settings: &Settings,
    begun: Begun,
    mut watch: Watch,
    mut signals: Signals,
) -> Result<Outcome, CommandError> {
    let stop = CancellationToken::new();
    let (house, webhooks) = (Arc::clone(&begun.house), begun.webhooks.clone());
    let wanted = house.partners().us().erp.webhooks.clone();
    if let Err(error) = erp::Webhooks::begin(house.spool(), &wanted, clock()).await {
        // They begin as soon as the spool lets them.
        tracing::error!(code = error.code(), %error, "new webhooks cannot be noted");
    }
    let read_again = Arc::new(Notify::new());
    let shown = certificates::shown(&house, &begun.certs);
    let look_again = Arc::new(Notify::new());
    let mut looking = JoinSet::new();
    let looks = (Arc::clone(&house), shown.clone(), Arc::clone(&look_again), stop.clone());
    looking.spawn(certificates::watch(looks.0, looks.1, looks.2, looks.3));
    let mut doors = open(settings, begun, shown, &read_again, &stop);
    let workers = Workers::start(Arc::clone(&house), settings.workers);
    let mut calls = Calls::start(&house, &webhooks);
    let mut tide = house.spool().watch();
    let outcome = loop {
        let changed = tokio::select! {
            end = signals.next() => {
                if end {
                    break Outcome::Accepted;
                }
                reload(settings, &house)
            }
            changed = watch.changed() => changed && reload(settings, &house),
            () = read_again.notified() => true,
            _ = tide.wait_for(|tide| tide.stopped.is_some()) => break Outcome::Rejected,
            Some(_) = doors.join_next() => {
                tracing::error!("a listener ended by itself");
                break Outcome::Rejected;
            }
        };
        if changed {
            calls.end().await;
            calls = Calls::start(&house, &webhooks);
            look_again.notify_one();
        }
    };
    let stopped = house.spool().watch().borrow().stopped.clone();
    if let Some(stopped) = &stopped {
        tracing::error!(reason = stopped.reason, "the spool accepts nothing more; wharf ends");
    }
    tracing::info!("ending: what is under way is finished first");
    stop.cancel();
    let ended = async {
        while doors.join_next().await.is_some() {}
        calls.end().await;
        while looking.join_next().await.is_some() {}
        workers.finish(GRACE).await;
    };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        tracing::warn!("something is still under way; it is done after the next start");
    }
    tracing::info!("ended");
    Ok(outcome)
}

/// Opens the doors.
fn open(
    settings: &Settings,
    begun: Begun,
    shown: Vec<NamedCertificate>,
    read_again: &Arc<Notify>,
    stop: &CancellationToken,
) -> JoinSet<()> {
    let Begun { house, webhooks, partners_door, erp_door, operator_door, figures, .. } = begun;
    let mut doors = JoinSet::new();
    let mut serve = |door: Door, router: Router| {
        doors.spawn(door.serve(router, Limits::default(), stop.clone()));
    };
    let (reloading, again) = (Arc::clone(&house), settings.clone());
    let read_again = Arc::clone(read_again);
    let operator = console::Desk {
        operator: Operator::new(Arc::clone(house.spool()), titles(&house)),
        clock,
        spool: begun.spool,
        reserve: begun.reserve,
        checks: checks(&house, shown),
        figures,
        reload: Arc::new(move || {
            let said = told(&again, &reloading);
            read_again.notify_one();
            said
        }),
    };
    let erp = erp::Desk { gateway: Arc::clone(&house), webhooks, stop: stop.clone() };
    let partners = https::receive::routes(Arc::clone(&house)).merge(as2::receive::routes(house));
    serve(partners_door, partners);
    serve(erp_door, erp::routes(erp));
    serve(operator_door, console::routes(operator));
    doors
}

/// What partners are called.
fn titles(house: &Arc<Gateway>) -> Names {
    let house = Arc::clone(house);
    Arc::new(move |name: &PartnerId| {
        house.partners().partner(name.as_str()).map(|partner| partner.title.clone())
    })
}

/// What must hold for us to be ready, beside the spool and its disk.
fn checks(house: &Arc<Gateway>, shown: Vec<NamedCertificate>) -> Checks {
    let (house, same) = (Arc::clone(house), Arc::clone(house));
    vec![
        Arc::new(move || {
            let partners = house.partners().iter().count();
            let detail = format!("{partners} partners are known");
            Check { name: "partners".to_owned(), holds: partners > 0, detail }
        }),
        Arc::new(move || certificates::note(&same, &shown)),
    ]
}

/// The webhooks at work.
struct Calls {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Calls {
    fn start(house: &Gateway, webhooks: &erp::Webhooks) -> Self {
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let wanted = house.partners().us().erp.webhooks.clone();
        match webhooks.run(house.spool(), wanted, clock, &stop) {
            Ok(run) => {
                tasks.spawn(run);
            }
            Err(error) => tracing::error!(%error, "events cannot be posted"),
        }
        Self { stop, tasks }
    }

    async fn end(&mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What the system tells us.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// From now on signals are heard, and do not end us by themselves.
    pub(super) fn listen() -> Result<Self, CommandError> {
        let on = |kind| signal(kind).map_err(CommandError::io("signals"));
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            hang_up: on(SignalKind::hangup())?,
        })
    }

    /// The next one: whether it says to end; otherwise it says to read the files again.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.terminate.recv() => true,
            _ = self.interrupt.recv() => true,
            _ = self.hang_up.recv() => false,
        }
    }
}
