//! The life of a running gateway: its doors open, until it is told to end or cannot go on.

use super::super::terms::{CommandError, Outcome};
use super::begin::Begun;
use super::certificates;
use super::keep::{horizon, keep};
use super::settings::{Settings, clock};
use super::watch::{Watch, reload, told};
use crate::console::{self, Check, Checks};
use crate::erp;
use crate::gateway::operator::{Names, Operator};
use crate::gateway::polling::{self, Board, Polled};
use crate::gateway::{Gateway, Workers};
use crate::http::{Door, Limits};
use crate::message::PartnerId;
use crate::partner::{NamedCertificate, Wire};
use crate::transport::{Owner, as2, https, sftp};
use axum::Router;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long what is under way may take when we end.
const GRACE: Duration = Duration::from_secs(30);

/// Lives until a signal, or until the spool accepts nothing more; the work behind the doors is done
/// in the `background`.
pub(super) async fn live(
    settings: &Settings,
    begun: Begun,
    mut watch: Watch,
    mut signals: Signals,
    background: &Handle,
) -> Result<Outcome, CommandError> {
    let stop = CancellationToken::new();
    let (house, webhooks) = (Arc::clone(&begun.house), begun.webhooks.clone());
    let looks = Looks { owner: begun.owner.clone(), board: begun.board.clone() };
    let wanted = house.partners().us().erp.webhooks.clone();
    if let Err(error) = erp::Webhooks::begin(house.spool(), &wanted, clock()).await {
        // They begin as soon as the spool lets them.
        tracing::error!(code = error.code(), %error, "new webhooks cannot be noted");
    }
    let read_again = Arc::new(Notify::new());
    let shown = certificates::shown(&house, &begun.certs);
    let look_again = Arc::new(Notify::new());
    let looking = (Arc::clone(&house), shown.clone(), Arc::clone(&look_again), stop.clone());
    let mut doors = open(settings, begun, shown, &read_again, &stop);
    doors.spawn(certificates::watch(looking.0, looking.1, looking.2, looking.3));
    let folder = settings.spool(house.partners().us());
    doors.spawn(horizon(folder, Arc::clone(&house), stop.clone()));
    doors.spawn(keep(settings.clone(), Arc::clone(&house), stop.clone()));
    let workers = {
        let _entered = background.enter();
        Workers::start(Arc::clone(&house), settings.workers)
    };
    let mut calls = Calls::start(&house, &webhooks, &looks, background);
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
            calls = Calls::start(&house, &webhooks, &looks, background);
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
    let Begun {
        house, webhooks, partners_door, erp_door, operator_door, sftp_door, figures, ..
    } = begun;
    let mut doors = JoinSet::new();
    let root = begun.spool.clone();
    let (reloading, again) = (Arc::clone(&house), settings.clone());
    let read_again = Arc::clone(read_again);
    let operator = console::Desk {
        operator: Operator::new(Arc::clone(house.spool()), titles(&house)).comparing(house.clone()),
        clock,
        spool: begun.spool,
        reserve: begun.reserve,
        checks: checks(&house, &begun.board, shown),
        figures,
        reload: Arc::new(move || {
            let said = told(&again, &reloading);
            read_again.notify_one();
            said
        }),
    };
    let erp = erp::Desk { gateway: Arc::clone(&house), webhooks, stop: stop.clone() };
    if let Some(door) = sftp_door {
        let (house, limits) = (Arc::clone(&house), sftp::Limits::default());
        doors.spawn(door.serve(house, root, limits, stop.clone()));
    }
    let mut serve = |door: Door, router: Router| {
        doors.spawn(door.serve(router, Limits::default(), stop.clone()));
    };
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
fn checks(house: &Arc<Gateway>, board: &Board, shown: Vec<NamedCertificate>) -> Checks {
    let (house, same, board) = (Arc::clone(house), Arc::clone(house), board.clone());
    vec![
        Arc::new(move || {
            let partners = house.partners().iter().count();
            let detail = format!("{partners} partners are known");
            Check { name: "partners".to_owned(), holds: partners > 0, detail }
        }),
        Arc::new(move || looks(&board)),
        Arc::new(move || certificates::note(&same, &shown)),
    ]
}

/// What came of the last looks; that a partner's server fails makes us no less ready.
fn looks(board: &Board) -> Check {
    let all = board.all();
    let line = |(name, wire, polled): &(PartnerId, Wire, Polled)| {
        let place = format!("{name} ({wire}, {})", polled.place);
        let at = |at: Option<jiff::Timestamp>| {
            at.map_or_else(
                || "never".to_owned(),
                |at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
            )
        };
        let good = at(polled.last_good);
        let left = match polled.left.as_slice() {
            [] => String::new(),
            left => format!("; left there: {}", left.join(", ")),
        };
        match &polled.trouble {
            None => format!("{place}: last look {good}{left}"),
            Some(why) if polled.parked => format!("{place}: PARKED: {why}; last good look {good}"),
            Some(why) => format!(
                "{place}: {} looks failed, the last {}: {why}; last good look {good}{left}",
                polled.failed,
                at(polled.last)
            ),
        }
    };
    let detail = match all.as_slice() {
        [] => "no partner leaves files anywhere".to_owned(),
        all => all.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    Check { name: "looks".to_owned(), holds: true, detail }
}

/// Who we are where we look for files, and where it is noted what came of it.
struct Looks {
    owner: Owner,
    board: Board,
}

/// What calls others: the webhooks, and the looks where partners leave files.
struct Calls {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Calls {
    fn start(
        house: &Arc<Gateway>,
        webhooks: &erp::Webhooks,
        looks: &Looks,
        background: &Handle,
    ) -> Self {
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let wanted = house.partners().us().erp.webhooks.clone();
        match webhooks.run(house.spool(), wanted, clock, &stop) {
            Ok(run) => {
                tasks.spawn_on(run, background);
            }
            Err(error) => tracing::error!(%error, "events cannot be posted"),
        }
        let Looks { owner, board } = looks;
        tasks.spawn(polling::run(Arc::clone(house), owner.clone(), board.clone(), stop.clone()));
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
