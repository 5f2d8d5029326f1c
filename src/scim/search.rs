//! Searches that are posted, so that what is looked for stands in no log of addresses (RFC 7644, section 3.4.3).

use super::{
    caller::ScimCaller,
    found::{Found, answer, demand_known},
    group, groups,
    protocol::{listing::ListQuery, schema::ResourceKind},
    reading,
    refusals::Refusal,
    user_lists::{self, for_everybody},
};
use crate::{
    kit::{TeamId, rights},
    provisioning,
    web::{self, Routes},
};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, post},
};

pub(super) fn mount(app: &mut Routes) {
    app.service(web::resource("/scim/v2/.search").route(post().to(search_all)));
    app.service(web::resource("/scim/v2/Users/.search").route(post().to(search_users)));
    app.service(web::resource("/scim/v2/Groups/.search").route(post().to(search_groups)));
}

async fn search_users(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    user_lists::users(&caller, ListQuery::from_body(&reading::body(&req, &bytes)?)?).await
}

async fn search_groups(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    groups::list(&caller, ListQuery::from_body(&reading::body(&req, &bytes)?)?).await
}

/// Users, then groups, as one list (RFC 7644, section 3.4.3). Attributes of one kind are absent from the other.
async fn search_all(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let query = ListQuery::from_body(&reading::body(&req, &bytes)?)?;
    let base = caller.base.clone();
    let found = caller.scan(move |conn, scope| {
        scope.demand(rights::USER_READ)?;
        scope.demand(rights::TEAM_READ)?;
        demand_known(&query, &[ResourceKind::User, ResourceKind::Group])?;
        let mut all = Found::of(&query);
        for_everybody(conn, scope, &base, |resource| all.consider(resource))?;
        let groups = provisioning::all_groups(conn, scope)?;
        let ids: Vec<TeamId> = groups.iter().map(|record| record.team.id).collect();
        let people = provisioning::people_of_groups(conn, scope, &ids)?;
        for record in &groups {
            let members = people.get(&record.team.id).map(Vec::as_slice).unwrap_or_default();
            all.consider(group::represent(record, Some(members), &base));
        }
        Ok::<_, Refusal>(all.page())
    });
    Ok(answer(&found.await?))
}
