//! The whole app: mounts every module and builds what the handlers share. The only file that knows all modules.

use crate::{
    access, access_requests,
    access_reviews::{self, Letters, Removals},
    api, api_access, audit,
    bulk::{self, MemberActions, Runner},
    config::Config,
    connections::{self, ClientSecrets, ConnectionSetup},
    db::Db,
    directory, domains,
    drafts::Drafts,
    erasure, health,
    idempotency::IdempotencyKeys,
    imports::{self, Imports},
    invitations,
    jobs::{self, JobWorker, Jobs},
    kit::{Clock, Fault, MemberKind},
    mail::{Outbox, Sealer},
    me, members, organization_deletion,
    outbound::Outbound,
    passwords::{self, Hasher, ProgramCredentials},
    personal_data, provisioning, scim,
    second_factors::{self, SecondFactors},
    sessions::{self, AppCookies, DatabaseSessionStore, DeviceCookies, SessionAuthenticator},
    settings, setup,
    sso::{self, SingleSignOn},
    system_accounts, teams,
    tokens::{self, Uses},
    user_creation,
    web::{self as pages, Authenticator, MemberContext, Routes, Site, assets, middleware, path_config, resource, slide},
    webhooks,
};
use actix_session::{SessionMiddleware, config::BrowserSession};
use actix_web::{
    App as ActixApp, HttpResponse,
    body::MessageBody,
    cookie::{Key, SameSite},
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Compress, from_fn},
    web::{self, Data, PayloadConfig, QueryConfig},
};
use std::sync::Arc;

/// The largest form: five hundred addresses with their names, and a message.
const LARGEST_BODY: usize = 256 * 1024;

/// What all workers share.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub site: Site,
    pub outbox: Outbox,
    pub hasher: Hasher,
    pub devices: DeviceCookies,
    /// The cookies by which applications know a session (forward-auth).
    pub app_cookies: AppCookies,
    pub runner: Runner,
    pub jobs: Jobs,
    pub job_worker: JobWorker,
    pub factors: SecondFactors,
    /// What a person typed into a form and must send again after they sign in.
    pub drafts: Drafts,
    /// API passwords that were verified before.
    pub verified_cache: api_access::VerifiedCache,
    /// The last use of each credential, before it is written to the database.
    pub uses: Uses,
    pub idempotency_keys: IdempotencyKeys,
    /// How many requests a credential may send to the API.
    pub quota: api::Quota,
    /// How many requests a SCIM client may send.
    pub scim_quota: scim::ScimQuota,
    /// The turns of SCIM filters that look at everybody.
    pub scim_scans: Data<scim::Scans>,
    /// What SCIM clients sent, before it is written to the database.
    pub provisioning_calls: provisioning::CallLog,
    /// Sets up connections to identity providers.
    pub connection_setup: ConnectionSetup,
    /// Sends webhooks, for pages and for the worker.
    pub webhooks: webhooks::Sender,
    /// Signs people in through identity providers.
    pub single_sign_on: SingleSignOn,
    /// Looks for the proof of domains, for pages and for the worker.
    pub domains: domains::Checker,
    pub cookie_key: Key,
    pub clock: Clock,
}

impl App {
    /// # Errors
    /// A sentence when the configured hash parameters cannot be used.
    pub fn new(config: &Config, db: Db, clock: Clock) -> Result<Self, String> {
        let site = Site::new(
            config.public_url.clone(),
            config.trusted_proxies.clone(),
            clock.clone(),
            config.mail.clone(),
            &config.key,
        );
        let outbox = Outbox::new(Sealer::new(&config.key), &config.public_url, config.mail.clone());
        let actions = |kind: MemberKind| -> (&'static str, Box<dyn bulk::BatchJob>) {
            (MemberActions::to(kind), Box::new(MemberActions::new(kind, outbox.clone())))
        };
        let [people, machines] = MemberKind::ALL.map(actions);
        let imports: Box<dyn bulk::BatchJob> = Box::new(Imports::new(outbox.clone()));
        let removals: Box<dyn bulk::BatchJob> = Box::new(Removals);
        let jobs = Jobs::new(&config.key);
        let secrets = webhooks::Secrets::new(&config.key);
        let outbound = Outbound::new(config.outbound.clone());
        Ok(Self {
            job_worker: JobWorker::new(db.clone(), jobs.clone(), clock.clone(), works(&outbox, &jobs)),
            jobs,
            runner: Runner::new(db.clone(), clock.clone(), [people, machines, (Imports::KIND, imports), (Removals::KIND, removals)]),
            drafts: Drafts::new(db.clone(), &config.key),
            idempotency_keys: IdempotencyKeys::new(db.clone(), &config.key),
            quota: api::Quota::new(config.api_requests),
            scim_quota: scim::ScimQuota::new(config.api_requests),
            scim_scans: Data::new(scim::Scans::default()),
            provisioning_calls: provisioning::CallLog::default(),
            connection_setup: ConnectionSetup::new(ClientSecrets::new(&config.key), outbound.clone(), outbox.clone()),
            domains: domains::Checker::new(config.resolvers.clone(), outbound.clone()),
            webhooks: webhooks::Sender::new(db.clone(), clock.clone(), secrets, outbound.clone(), outbox.clone()),
            single_sign_on: SingleSignOn::new(db.clone(), &config.key, outbound),
            db,
            outbox,
            hasher: Hasher::new(config.cost)?,
            devices: DeviceCookies::new(&config.key),
            app_cookies: AppCookies::new(config.applications.clone(), &config.key),
            factors: SecondFactors::new(&config.key, &config.public_url),
            verified_cache: api_access::VerifiedCache::default(),
            uses: Uses::new(api_access::touch),
            cookie_key: Key::derive_from(&config.key.derive("cookies")),
            site,
            clock,
        })
    }

    /// The app of one worker.
    pub fn build(
        &self,
    ) -> ActixApp<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        let authenticator: Arc<dyn Authenticator> = Arc::new(SessionAuthenticator::new(self.db.clone(), self.drafts.clone()));
        let drafts: Arc<dyn pages::Drafts> = Arc::new(self.drafts.clone());
        let sessions = SessionMiddleware::builder(DatabaseSessionStore::new(self.db.clone(), self.clock.clone()), self.cookie_key.clone())
            .cookie_name(self.site.cookie_name("session"))
            .cookie_secure(self.site.is_secure())
            .cookie_http_only(true)
            .cookie_same_site(SameSite::Lax)
            .session_lifecycle(BrowserSession::default())
            .build();
        let credentials: Arc<dyn ProgramCredentials> = Arc::new(api_access::ApiCredentials);
        ActixApp::new()
            .app_data(Data::new(self.db.clone()))
            .app_data(Data::new(self.site.clone()))
            .app_data(Data::new(self.outbox.clone()))
            .app_data(Data::new(self.hasher.clone()))
            .app_data(Data::new(self.devices.clone()))
            .app_data(Data::new(self.app_cookies.clone()))
            .app_data(Data::new(self.runner.clone()))
            .app_data(Data::new(self.jobs.clone()))
            .app_data(Data::new(self.factors.clone()))
            .app_data(Data::new(self.verified_cache.clone()))
            .app_data(Data::new(self.uses.clone()))
            .app_data(Data::new(self.idempotency_keys.clone()))
            .app_data(Data::new(self.quota.clone()))
            .app_data(Data::new(self.scim_quota.clone()))
            .app_data(self.scim_scans.clone())
            .app_data(Data::new(self.provisioning_calls.clone()))
            .app_data(Data::new(self.connection_setup.clone()))
            .app_data(Data::new(self.webhooks.clone()))
            .app_data(Data::new(self.single_sign_on.clone()))
            .app_data(Data::new(self.domains.clone()))
            .app_data(Data::new(authenticator))
            .app_data(Data::new(drafts))
            .app_data(Data::from(credentials))
            .app_data(PayloadConfig::new(LARGEST_BODY))
            .app_data(path_config())
            .app_data(QueryConfig::default().error_handler(|_, _| crate::web::Error::unreadable_query().into()))
            .wrap(from_fn(middleware))
            .wrap(Compress::default())
            .service(Routes::of(without_session))
            .service(api::service())
            .service(scim::service())
            .service(web::scope("").wrap(from_fn(slide)).wrap(sessions).service(Routes::of(modules)))
    }
}

/// The work of background jobs, by kind.
fn works(outbox: &Outbox, jobs: &Jobs) -> Vec<(&'static str, jobs::Work)> {
    let (letters, by) = (Letters::new(jobs.clone()), outbox.clone());
    let asked: jobs::Work = Box::new(move |tx, job, now| letters.write(tx, &by, job, now));
    let outbox = outbox.clone();
    let forgotten: jobs::Work = Box::new(move |tx, job, now| passwords::answer(tx, &outbox, job, now));
    let failed: jobs::Work = Box::new(|tx, job, _| sessions::record_failed(tx, job));
    vec![
        (passwords::FORGOTTEN, forgotten),
        (sessions::FAILED, failed),
        (access_reviews::LETTERS, asked),
    ]
}

async fn nothing(_: MemberContext) -> crate::web::Result<HttpResponse> {
    Err(Fault::Missing.into())
}

/// What reads no cookie.
fn without_session(app: &mut Routes) {
    health::mount(app);
    assets::mount(app);
    api::mount(app);
    sso::mount_acs(app);
}

/// Mounts every module with pages.
pub fn modules(app: &mut Routes) {
    setup::mount(app);
    sso::mount(app);
    passwords::mount(app);
    second_factors::mount(app);
    me::mount(app);
    personal_data::mount(app);
    settings::mount(app);
    organization_deletion::mount(app);
    connections::mount(app);
    provisioning::mount(app);
    webhooks::mount(app);
    domains::mount(app);
    access::mount(app);
    access_reviews::mount(app);
    invitations::mount(app);
    bulk::mount(app);
    imports::mount(app);
    user_creation::mount(app);
    system_accounts::mount(app);
    directory::mount(app);
    members::mount(app);
    teams::mount(app);
    access_requests::mount(app);
    audit::mount(app);
    erasure::mount(app);
    tokens::mount(app);
    api_access::mount(app);
    sessions::mount(app);
    // An unknown path inside an organization gets a 404 page in the organization's frame, for members who may enter it.
    app.service(resource("/o/{organization}/{rest:.*}").route(web::route().to(nothing)));
}
