//! The server, until a signal stops it.

use super::open;
use crate::{
    access_requests::{self, AccessRequestWorker},
    access_reviews::{self, Letters},
    app::App,
    bulk,
    config::{Config, Flags},
    connections,
    db::{self, Db},
    domains::DomainWorker,
    drafts, idempotency,
    kit::{Clock, Fault},
    links,
    mail::{Outbox, Sealer, Worker},
    provisioning, sessions, setup, sso, throttle, tokens,
    webhooks::{self, WebhookWorker},
};
use actix_web::HttpServer;
use std::time::Duration;
use tokio::sync::watch;

/// How long running requests may take after a signal.
const GRACE_SECONDS: u64 = 30;
const SWEEP_EVERY: Duration = Duration::from_mins(15);

pub(super) fn serve(settings: &Flags) -> Result<(), String> {
    let (config, db) = open(settings)?;
    let clock = Clock::system();
    let app = App::new(&config, db.clone(), clock.clone())?;
    actix_web::rt::System::new().block_on(async move {
        let (runner, uses, outbox) = (app.runner.clone(), app.uses.clone(), app.outbox.clone());
        let calls = app.provisioning_calls.clone();
        let letters = Letters::new(app.jobs.clone());
        let jobs = app.job_worker.clone();
        let webhooks = WebhookWorker::new(app.webhooks.clone());
        let domains = DomainWorker::new(db.clone(), clock.clone(), app.domains.clone(), outbox.clone());
        let requests = AccessRequestWorker::new(db.clone(), clock.clone());
        let server = bind(&config, app)?;
        greet(&config, &db, &clock)?;
        let (stop, stopped) = watch::channel(false);
        let worker = Worker::new(db.clone(), Sealer::new(&config.key), config.transport.clone(), clock.clone());
        let worker = actix_web::rt::spawn(worker.run(stopped.clone()));
        let jobs = actix_web::rt::spawn(jobs.run(stopped.clone()));
        let webhooks = actix_web::rt::spawn(webhooks.run(stopped.clone()));
        let domains = actix_web::rt::spawn(domains.run(stopped.clone()));
        let requests = actix_web::rt::spawn(requests.run(stopped.clone()));
        let runner = actix_web::rt::spawn(runner.run(stopped.clone()));
        let uses = actix_web::rt::spawn(uses.run(db.clone(), stopped.clone()));
        let calls = actix_web::rt::spawn(calls.run(db.clone(), stopped.clone()));
        let sweeper = actix_web::rt::spawn(sweep(db, outbox, letters, clock, stopped));
        server.await.map_err(|why| why.to_string())?;
        // Requests have ended; their letters are safe in the outbox. The worker finishes the letter that it is sending.
        let _ = stop.send(true);
        let _ = worker.await;
        let _ = jobs.await;
        let _ = webhooks.await;
        let _ = domains.await;
        let _ = requests.await;
        let _ = runner.await;
        // The last use of credentials, and the last calls of SCIM clients, are written once more.
        let _ = uses.await;
        let _ = calls.await;
        sweeper.abort();
        tracing::info!("stopped");
        Ok(())
    })
}

fn bind(config: &Config, app: App) -> Result<actix_web::dev::Server, String> {
    let mut server = HttpServer::new(move || app.build())
        .shutdown_timeout(GRACE_SECONDS)
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        // A compressed page is written in several pieces. Without this, the last one waits for the acknowledgement of the
        // others, which clients delay by 40 ms.
        .tcp_nodelay(true);
    // `localhost` has two addresses on most machines, and one of them may not exist.
    let mut refused = None;
    for address in &config.listen {
        match std::net::TcpListener::bind(address) {
            Ok(listener) => server = server.listen(listener).map_err(|why| why.to_string())?,
            Err(why) => refused = Some(format!("ROSTER_LISTEN: {address} cannot be listened on: {why}")),
        }
    }
    match (server.addrs().is_empty(), refused) {
        (true, Some(why)) => Err(why),
        (false, Some(why)) => {
            tracing::warn!(why, "one address is left out");
            Ok(server.run())
        }
        (_, None) => Ok(server.run()),
    }
}

/// Prints where everything is, one line each.
fn greet(config: &Config, db: &Db, clock: &Clock) -> Result<(), String> {
    let now = clock.now();
    let setup = db.write_here(|tx| setup::issue_link(tx, now)).map_err(|fault: Fault| fault.to_string())?;
    for doubt in config.doubts() {
        tracing::warn!("{doubt}");
    }
    let wrong = db::wrong_build_options(db).map_err(|fault| fault.to_string())?;
    if !wrong.is_empty() {
        tracing::warn!(?wrong, "SQLite was built without .cargo/config.toml, and will be slow");
    }
    println!("Roster serves {}", config.public_url);
    println!("  data           {}", config.database);
    println!("  mail           {}", config.mail);
    println!(
        "  configuration  flags and environment (roster --help); key and files in {}",
        config.data_dir.display()
    );
    if let Some(path) = setup {
        println!("Nobody is here yet. Found your organization with this link; it works once, for 24 hours:");
        println!("  {}{path}", config.public_url.as_str().trim_end_matches('/'));
    }
    Ok(())
}

/// Runs what warns of things that end, off the async threads.
async fn warn(of: &'static str, work: impl FnOnce() -> Result<(), Fault> + Send + 'static) {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => tracing::warn!(error = %fault, of, "nobody is warned of what ends"),
        Err(panic) => tracing::error!(error = %panic, of, "warning of what ends failed"),
    }
}

/// Deletes expired rows of every module, warns of tokens and certificates that end, and closes access reviews whose last day is
/// over. Nothing depends on when it runs.
async fn sweep(db: Db, outbox: Outbox, letters: Letters, clock: Clock, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let now = clock.now();
        let swept = db
            .write(move |tx| {
                throttle::sweep(tx, now)?;
                idempotency::sweep(tx, now)?;
                links::sweep(tx, now)?;
                bulk::sweep(tx, now)?;
                tokens::sweep(tx, now)?;
                drafts::sweep(tx, now)?;
                webhooks::sweep(tx, now)?;
                provisioning::sweep(tx, now)?;
                sso::sweep(tx, now)?;
                access_requests::sweep(tx, now)?;
                sessions::sweep(tx, now)
            })
            .await;
        if let Err(fault) = swept {
            let fault: Fault = fault;
            tracing::warn!(error = %fault, "sweeping failed");
        }
        if let Err(fault) = db.write(db::renew_statistics).await {
            tracing::warn!(error = %fault, "the statistics of the database are not renewed");
        }
        let (of, by) = (db.clone(), outbox.clone());
        warn("tokens", move || tokens::warn(&of, &by, now)).await;
        let (of, by) = (db.clone(), outbox.clone());
        warn("certificates", move || connections::warn(&of, &by, now)).await;
        let (of, by) = (db.clone(), letters.clone());
        warn("access reviews", move || access_reviews::run_due(&of, &by, now)).await;
        let _ = tokio::time::timeout(SWEEP_EVERY, stopped.changed()).await;
    }
}
