//! The caller of every address: a system account, and the SCIM client that it is, if it is one.

use crate::{
    api::{self, Credential},
    db::{Conn, Db, Tx},
    kit::{Fault, MemberKind, OrganizationId, Scope, fault::Retry, rights::Right},
    mail::Outbox,
    provisioning::{self, Client, ProvisionRefusal, Provisioned, Provisioner},
    web::{self, Problem, SCIM, Site},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::StatusCode, web::Data};
use std::{
    collections::HashMap,
    future::{Ready, ready},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;

/// The authenticated caller, and what handlers need.
#[derive(Clone)]
pub(super) struct ScimCaller {
    pub scope: Scope,
    /// The SCIM client that the system account is. Others may only read.
    pub provisioner: Option<Provisioner>,
    /// The base of all addresses.
    pub base: String,
    db: Data<Db>,
    outbox: Data<Outbox>,
    scans: Data<Scans>,
}

/// The turns of filters that look at everybody: one at a time, so that readers of pages do not wait for programs, and of
/// each organization one, so that organizations do not wait for each other's queues.
pub struct Scans {
    everywhere: Semaphore,
    organizations: Mutex<HashMap<OrganizationId, Arc<Semaphore>>>,
}

impl Default for Scans {
    fn default() -> Self {
        Self { everywhere: Semaphore::new(1), organizations: Mutex::default() }
    }
}

impl Scans {
    fn of(&self, organization: OrganizationId) -> Arc<Semaphore> {
        let mut known = self.organizations.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, turn| Arc::strong_count(turn) > 1);
        known.entry(organization).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
    }
}

/// How long a filter waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

impl ScimCaller {
    /// The caller whom the API authenticated.
    ///
    /// # Errors
    /// A problem unless it is a token of a system account.
    pub async fn of(req: &HttpRequest, caller: &api::Caller) -> web::Result<Self> {
        let is_machine = matches!(&caller.credential, Credential::Token(bearer) if bearer.kind == MemberKind::SystemAccount);
        if !is_machine {
            let detail = "SCIM takes tokens of system accounts only. Make one in Settings, Provisioning.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "system-account-only", "Only for system accounts", detail).into());
        }
        let lacking = || web::Error::from(Fault::broken("the app lacks what SCIM needs"));
        let db = req.app_data::<Data<Db>>().cloned().ok_or_else(lacking)?;
        let outbox = req.app_data::<Data<Outbox>>().cloned().ok_or_else(lacking)?;
        let scans = req.app_data::<Data<Scans>>().cloned().ok_or_else(lacking)?;
        let site = req.app_data::<Data<Site>>().ok_or_else(lacking)?;
        let scope = caller.scope.clone();
        let (organization, account) = (scope.organization, scope.actor.member_id());
        let provisioner = db
            .check(move |conn| account.map_or(Ok(None), |account| provisioning::find_by_account(conn, organization, account)))
            .await?;
        Ok(Self { scope, provisioner, base: site.link(SCIM), db, outbox, scans })
    }

    /// Runs a reading that looks at everybody, when its turn has come.
    ///
    /// # Errors
    /// [`web::Error::TooMany`] when others take long; those of the reading.
    pub async fn scan<T, E>(&self, work: impl Fn(&mut Conn, &Scope) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + From<web::Error> + Retry + Send + 'static,
    {
        let own = self.scans.of(self.scope.organization);
        let turn = async { (own.acquire().await, self.scans.everywhere.acquire().await) };
        let turns = tokio::time::timeout(PATIENCE, turn).await;
        let _turns = turns.map_err(|_| web::Error::TooMany(PATIENCE.as_secs()))?;
        self.read(work).await
    }

    /// [`Db::read`] with the caller's scope.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read<T, E>(&self, work: impl Fn(&mut Conn, &Scope) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Retry + Send + 'static,
    {
        let scope = self.scope.clone();
        self.db.read(move |conn| work(conn, &scope)).await
    }

    /// Runs an operation of the SCIM client in a transaction, if its token allows this.
    ///
    /// # Errors
    /// Those of the work; [`ProvisionRefusal::NotProvisioner`] and [`Fault::Denied`] before it.
    pub async fn act<T, E>(
        &self,
        right: Right,
        mut work: impl FnMut(&mut Tx<'_>, &Client, &Outbox) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + From<diesel::result::Error> + From<crate::kit::OperationError<ProvisionRefusal>> + Retry + Send + 'static,
    {
        let (scope, outbox) = (self.scope.clone(), self.outbox.clone());
        self.db
            .write(move |tx| {
                let client: Provisioned<Client> = provisioning::act(tx, &scope, right);
                work(tx, &client?, &outbox)
            })
            .await
    }
}

impl FromRequest for ScimCaller {
    type Error = web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    /// The caller whom `conventions` put into the request.
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = req.extensions().get::<Self>().cloned();
        ready(caller.ok_or_else(|| Fault::broken("an address of SCIM without its conventions").into()))
    }
}
