//! The provisioning client of the demo: some people who sign in by single sign-on and one team are managed by it, and its latest calls
//! are in the log, one of them refused.

use super::{
    dataset::Dataset,
    insert::insert_all,
    model::{Membership, RoleChoice},
    rng::{Part, Rng},
    writer::Writer,
};
use crate::{
    db::{
        Json, Tx,
        schema::{provisioned_addresses, provisioned_groups, provisioned_users, provisioners, provisioning_calls},
    },
    kit::{Fault, MemberId, MemberStatus, ProvisionerId, ProvisioningCallId, Timestamp, email, fold},
    members::Grants,
    provisioning::{Product, ProvisionRefusal},
    roles::Predefined,
};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::{Value, json};

/// The most people who are managed.
const MOST: usize = 48;
/// The managed team, by number. The smallest demo has it too.
const TEAM: usize = 7;
/// How often Entra ID comes back.
const CYCLE: TimeDelta = TimeDelta::minutes(40);
const CYCLES: i32 = 30;
/// The cycle with the refused call, from the latest back.
const REFUSED: i32 = 9;

/// A call, before it has ids.
#[derive(Clone, Debug, PartialEq)]
struct Call {
    at: Timestamp,
    method: &'static str,
    path: String,
    status: i64,
    detail: Option<String>,
    sent: Option<Value>,
    ms: i64,
}

fn is_managed(membership: &Membership) -> bool {
    matches!(membership.provider, "saml" | "oidc") && membership.status == MemberStatus::Active && !membership.is_administrator()
}

/// The managed people, by number.
fn managed(dataset: &Dataset) -> Vec<usize> {
    let people = dataset.memberships.iter().enumerate();
    people
        .filter(|(_, membership)| is_managed(membership))
        .map(|(number, _)| number)
        .take(MOST)
        .collect()
}

/// What Entra ID calls a person.
fn external_id(number: usize) -> String {
    format!(
        "{:08x}-5e2d-4c1a-9b7f-{:012x}",
        0x9e37_79b9_usize.wrapping_mul(number + 1) & 0xffff_ffff,
        number + 1
    )
}

/// The names of these attributes.
fn sent(attributes: &Value) -> Vec<String> {
    attributes.as_object().into_iter().flat_map(|all| all.keys().cloned()).collect()
}

fn attributes(dataset: &Dataset, number: usize) -> Value {
    let person = &dataset.people[number];
    let mut sent = json!({
        "userName": person.email,
        "externalId": external_id(number),
        "displayName": person.details.name,
        "name": { "givenName": person.details.first_name, "familyName": person.details.last_name },
        "emails": [{ "type": "work", "primary": true, "value": person.email }],
        "active": true,
    });
    if !person.details.phone.is_empty() {
        sent["phoneNumbers"] = json!([{ "type": "work", "value": person.details.phone }]);
    }
    sent
}

/// The latest calls, the oldest first. The last one ends when the account was used last.
fn calls(seed: u64, dataset: &Dataset, last: Timestamp, ids: &[(usize, MemberId)]) -> Vec<Call> {
    let rng = &mut Rng::of(seed, Part::Provisioning);
    let mut all = Vec::new();
    for cycle in (0..CYCLES).rev() {
        let end = last - CYCLE * cycle;
        let Some((number, id)) = (!ids.is_empty()).then(|| rng.pick(ids)) else {
            break;
        };
        let person = &dataset.people[number];
        let name: String = url::form_urlencoded::byte_serialize(person.email.as_bytes()).collect();
        let mut ms = |most: i64| rng.between(2, most);
        let call = |before: i64, method, path: String, status, ms| Call {
            at: end - TimeDelta::milliseconds(before),
            method,
            path,
            status,
            detail: None,
            sent: None,
            ms,
        };
        all.push(call(900, "GET", format!("/Users?filter=userName eq \"{name}\""), 200, ms(9)));
        if cycle == REFUSED {
            let sent =
                json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": dataset.people[0].email, "active": true });
            all.push(Call {
                detail: Some(ProvisionRefusal::Exists.to_string()),
                sent: Some(sent),
                ..call(300, "POST", "/Users".into(), 409, ms(14))
            });
            continue;
        }
        let operation = json!({ "op": "Replace", "path": "displayName", "value": person.details.name });
        all.push(Call {
            sent: Some(json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })),
            ..call(0, "PATCH", format!("/Users/{id}"), 200, ms(21))
        });
    }
    all
}

impl Writer<'_> {
    /// Writes the client with what it manages and its calls. Its account is the first of the system accounts.
    pub fn provisioning(&self, tx: &mut Tx<'_>, machines: &[MemberId], seed: u64) -> Result<(), Fault> {
        let (Some(account), Some(machine)) = (machines.first(), self.dataset.system_accounts.first()) else {
            return Ok(());
        };
        let people: Vec<(usize, MemberId)> = managed(self.dataset).into_iter().map(|number| (number, self.members[number])).collect();
        let last = machine.membership.last_api_use_at.unwrap_or(self.now);
        let calls = calls(seed, self.dataset, last, &people);
        let id = self.provisioner(tx, *account, &machine.membership, &calls)?;
        self.provisioned(tx, id, &people)?;
        let row = |call: &Call| {
            (
                provisioning_calls::id.eq(ProvisioningCallId::new(call.at)),
                provisioning_calls::organization_id.eq(self.organization),
                provisioning_calls::provisioner_id.eq(id),
                provisioning_calls::at.eq(call.at),
                provisioning_calls::method.eq(call.method),
                provisioning_calls::path.eq(call.path.clone()),
                provisioning_calls::status.eq(call.status),
                provisioning_calls::detail.eq(call.detail.clone()),
                provisioning_calls::sent.eq(call.sent.as_ref().map(Value::to_string)),
                provisioning_calls::ms.eq(call.ms),
            )
        };
        let rows: Vec<_> = calls.iter().map(row).collect();
        insert_all!(tx, provisioning_calls, rows);
        Ok(())
    }

    fn provisioner(&self, tx: &mut Tx<'_>, account: MemberId, membership: &Membership, calls: &[Call]) -> Result<ProvisionerId, Fault> {
        let id = ProvisionerId::new(membership.created_at);
        let role = self.fixtures.role_id(RoleChoice::Predefined(Predefined::User))?;
        let refused = calls.iter().rev().find(|call| call.status >= 400);
        let rows = [(
            provisioners::id.eq(id),
            provisioners::organization_id.eq(self.organization),
            provisioners::member_id.eq(account),
            provisioners::product.eq(Product::Entra),
            provisioners::gives.eq(Json(Grants { roles: vec![role], ..Grants::default() })),
            provisioners::created_at.eq(membership.created_at),
            provisioners::created_by.eq(Some(self.members[membership.created_by])),
            provisioners::last_call_at.eq(calls.last().map(|call| call.at)),
            provisioners::last_failure_at.eq(refused.map(|call| call.at)),
            provisioners::last_failure.eq(refused.and_then(|call| call.detail.clone())),
        )];
        insert_all!(tx, provisioners, rows);
        Ok(id)
    }

    fn provisioned(&self, tx: &mut Tx<'_>, id: ProvisionerId, people: &[(usize, MemberId)]) -> Result<(), Fault> {
        let row = |(number, member): &(usize, MemberId)| {
            let (email, since) = (&self.dataset.people[*number].email, self.dataset.memberships[*number].created_at);
            (
                provisioned_users::organization_id.eq(self.organization),
                provisioned_users::member_id.eq(*member),
                provisioned_users::provisioner_id.eq(id),
                provisioned_users::external_id.eq(Some(external_id(*number))),
                provisioned_users::user_name.eq(email),
                provisioned_users::user_name_key.eq(fold::canonical(email)),
                provisioned_users::attributes.eq(Json(attributes(self.dataset, *number))),
                provisioned_users::sent.eq(Json(sent(&attributes(self.dataset, *number)))),
                provisioned_users::created_at.eq(since),
                provisioned_users::updated_at.eq(since),
            )
        };
        let rows: Vec<_> = people.iter().map(row).collect();
        insert_all!(tx, provisioned_users, rows);
        let address = |(number, member): &(usize, MemberId)| {
            (
                provisioned_addresses::organization_id.eq(self.organization),
                provisioned_addresses::address_key.eq(email::likeness(&self.dataset.people[*number].email)),
                provisioned_addresses::member_id.eq(*member),
            )
        };
        let rows: Vec<_> = people.iter().map(address).collect();
        insert_all!(tx, provisioned_addresses, rows);
        let since = self.dataset.system_accounts[0].membership.created_at;
        let rows = [(
            provisioned_groups::organization_id.eq(self.organization),
            provisioned_groups::team_id.eq(self.fixtures.team(TEAM)),
            provisioned_groups::provisioner_id.eq(id),
            provisioned_groups::external_id.eq(Some(external_id(1_000_000 + TEAM))),
            provisioned_groups::created_at.eq(since),
            provisioned_groups::updated_at.eq(since),
        )];
        insert_all!(tx, provisioned_groups, rows);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::model::Size;

    #[test]
    fn some_people_are_managed_and_one_call_was_refused() {
        let now = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        let dataset = Dataset::generate(Size { members: 500, seed: 1 }, now);
        let numbers = managed(&dataset);
        assert!((12..=MOST).contains(&numbers.len()), "{}", numbers.len());
        let ids: Vec<(usize, MemberId)> = numbers.into_iter().map(|number| (number, MemberId::nobody())).collect();
        let all = calls(1, &dataset, now, &ids);
        assert_eq!(all, calls(1, &dataset, now, &ids));
        assert_eq!(all.iter().filter(|call| call.status >= 400).count(), 1);
        assert!(all.is_sorted_by_key(|call| call.at) && all.iter().all(|call| call.at <= now));
        assert!(dataset.system_accounts[0].membership.last_api_use_at.is_some());
    }
}
