//! Writes the people and system accounts into the new organization, with what they may do.

use super::{
    dataset::Crowd,
    factors::{App, Code},
    fixtures::Furniture,
    grants::team_count,
    model::{Belonging, Holding, Place},
    people::Person,
    rows::{AppRow, CodeRow, MemberPolicyRow, MemberRoleRow, MemberRow, PasswordRow, TeamMemberRow, UserNameRow, UserRow, insert_all},
};
use crate::{
    db::{Tx, schema::members},
    kit::{
        Fault, MemberId, MemberKind, OrganizationId, RecoveryCodeId, Timestamp, UserId, email, fold, search::Searched, secret::fingerprint,
    },
    members::find_by_user,
    second_factors::{self, SecondFactors},
};
use diesel::prelude::*;

/// People written at a time, so that the rows of all people are never in memory at once.
pub(super) const AT_ONCE: usize = 2_000;

/// The organization while it is filled, with the id that each number received.
pub(super) struct Writer<'a> {
    pub organization: OrganizationId,
    pub(super) crowd: &'a Crowd,
    pub(super) furniture: Furniture,
    pub(super) members: Vec<MemberId>,
    pub(super) users: Vec<UserId>,
    pub(super) now: Timestamp,
}

/// The rows that store the roles, teams and policies of some members.
#[derive(Default)]
struct Access {
    roles: Vec<MemberRoleRow>,
    teams: Vec<TeamMemberRow>,
    policies: Vec<MemberPolicyRow>,
}

impl Access {
    fn write(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        insert_all!(tx, member_roles, self.roles);
        insert_all!(tx, team_members, self.teams);
        insert_all!(tx, member_policies, self.policies);
        Ok(())
    }
}

/// The sign-in names of a person, as the unique index compares them.
fn name_keys(person: &Person) -> Vec<String> {
    let mut keys = vec![email::likeness(&person.username), email::likeness(&person.email)];
    keys.dedup();
    keys
}

impl<'a> Writer<'a> {
    pub fn begin(tx: &mut Tx<'_>, crowd: &'a Crowd, organization: OrganizationId, founder: UserId, now: Timestamp) -> Result<Self, Fault> {
        let ada = find_by_user(tx, organization, founder)?.ok_or(Fault::Missing)?.id;
        let furniture = Furniture::make(tx, organization, team_count(crowd.people.len()), crowd.places[0].created_at)?;
        let others = || crowd.places.iter().skip(1).map(|place| place.created_at);
        let members = std::iter::once(ada).chain(others().map(MemberId::new)).collect();
        let users = std::iter::once(founder).chain(others().map(UserId::new)).collect();
        Ok(Self { organization, crowd, furniture, members, users, now })
    }

    pub fn people(&self, tx: &mut Tx<'_>, hash: &str) -> Result<(), Fault> {
        self.complete_founder(tx)?;
        let numbers: Vec<usize> = (1..self.crowd.people.len()).collect();
        for some in numbers.chunks(AT_ONCE) {
            let (mut users, mut names, mut passwords, mut rows, mut access) = (vec![], vec![], vec![], vec![], Access::default());
            for number in some.iter().copied() {
                let (person, place, user) = (&self.crowd.people[number], &self.crowd.places[number], self.users[number]);
                users.push(UserRow {
                    id: user,
                    username: &person.username,
                    email: &person.email,
                    created_at: place.created_at,
                    // Only people who came by invitation, without a password that another person chose.
                    address_proven_at: place.joined_at.filter(|_| place.has_password() && place.temporary_until().is_none()),
                });
                names.extend(name_keys(person).into_iter().map(|name_key| UserNameRow { name_key, user_id: user }));
                if place.has_password() {
                    let changed_at = place.joined_at.unwrap_or(place.created_at);
                    passwords.push(PasswordRow { user_id: user, hash, changed_at, temporary_until: place.temporary_until() });
                }
                rows.push(self.member(number, person, place));
                let by = Some(self.members[place.created_by]);
                self.grant(&mut access, self.members[number], &place.assignments, place.created_at, by)?;
                self.place(&mut access, self.members[number], &place.teams, &place.policies);
            }
            insert_all!(tx, users, users);
            insert_all!(tx, user_names, names);
            insert_all!(tx, passwords, passwords);
            insert_all!(tx, members, rows);
            access.write(tx)?;
        }
        Ok(())
    }

    pub fn apps(&self, tx: &mut Tx<'_>, with: &SecondFactors, apps: &[App]) -> Result<(), Fault> {
        for some in apps.chunks(AT_ONCE) {
            let row = |app: &App| {
                let user_id = self.users[app.person];
                AppRow {
                    user_id,
                    secret: second_factors::sealed(with, user_id, &app.secret),
                    created_at: app.created_at,
                    last_step: 0,
                }
            };
            let codes = |app: &App| {
                let (user_id, at) = (self.users[app.person], app.created_at);
                let row = move |code: &Code| CodeRow {
                    id: RecoveryCodeId::new(at),
                    user_id,
                    digest: fingerprint(&code.text),
                    used_at: code.used_at,
                };
                app.codes.iter().map(row).collect::<Vec<_>>()
            };
            let rows: Vec<AppRow> = some.iter().map(row).collect();
            let codes: Vec<CodeRow> = some.iter().flat_map(codes).collect();
            insert_all!(tx, totps, rows);
            insert_all!(tx, recovery_codes, codes);
        }
        Ok(())
    }

    /// Founding the organization made the founder's row; this adds what a member of several years has.
    fn complete_founder(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let (person, place) = (&self.crowd.people[0], &self.crowd.places[0]);
        let founder = members::table
            .filter(members::organization_id.eq(self.organization))
            .filter(members::id.eq(self.members[0]));
        let set = (
            members::title.eq(person.title),
            members::phone.eq(&person.phone),
            members::location.eq(person.location),
            members::contact.eq(&person.contact),
            members::last_sign_in_at.eq(place.last_sign_in_at),
            members::last_api_use_at.eq(place.last_api_use_at),
            members::team_key.eq(self.furniture.team_key(&place.teams)),
            members::search_key.eq(person.searched().key()),
        );
        diesel::update(founder).set(set).execute(tx.conn())?;
        let mut access = Access::default();
        self.place(&mut access, self.members[0], &place.teams, &[]);
        access.write(tx)
    }

    fn member(&self, number: usize, person: &'a Person, place: &'a Place) -> MemberRow<'a> {
        MemberRow {
            id: self.members[number],
            organization_id: self.organization,
            kind: MemberKind::User,
            user_id: Some(self.users[number]),
            name: &person.name,
            first_name: &person.first_name,
            last_name: &person.last_name,
            title: person.title,
            phone: &person.phone,
            location: person.location,
            contact: &person.contact,
            provider: place.provider,
            status: place.status,
            status_at: place.status_at,
            status_by: place.status_by.map(|by| self.members[by]),
            status_reason: place.status_reason,
            // Changing the status ended the sessions from before.
            sessions_from: place.status_by.map_or(Timestamp::EPOCH, |_| place.status_at),
            last_sign_in_at: place.last_sign_in_at,
            last_api_use_at: place.last_api_use_at,
            created_at: place.created_at,
            created_by: Some(self.members[place.created_by]),
            account_key: None,
            joined_at: place.joined_at,
            name_key: fold::search(&person.name),
            role_key: self.furniture.role_key(&place.assignments),
            team_key: self.furniture.team_key(&place.teams),
            search_key: person.searched().key(),
        }
    }

    fn grant(
        &self,
        access: &mut Access,
        member: MemberId,
        assignments: &[Holding],
        at: Timestamp,
        by: Option<MemberId>,
    ) -> Result<(), Fault> {
        for holding in assignments {
            access.roles.push(MemberRoleRow {
                organization_id: self.organization,
                member_id: member,
                role_id: self.furniture.role_id(holding.role)?,
                granted_at: at,
                granted_by: by,
                until_at: holding.until,
            });
        }
        Ok(())
    }

    fn place(&self, access: &mut Access, member: MemberId, teams: &[Belonging], policies: &[usize]) {
        let organization_id = self.organization;
        access.teams.extend(teams.iter().map(|belonging| TeamMemberRow {
            organization_id,
            member_id: member,
            team_id: self.furniture.team_id(*belonging),
            is_administrator: belonging.is_administrator,
        }));
        let policy = |number: &usize| MemberPolicyRow { organization_id, member_id: member, policy_id: self.furniture.policy_id(*number) };
        access.policies.extend(policies.iter().map(policy));
    }

    /// Writes the system accounts. Returns their ids in order.
    pub fn system_accounts(&self, tx: &mut Tx<'_>) -> Result<Vec<MemberId>, Fault> {
        let (mut rows, mut access) = (vec![], Access::default());
        for account in &self.crowd.system_accounts {
            let id = MemberId::new(account.created_at);
            rows.push(MemberRow {
                id,
                organization_id: self.organization,
                kind: MemberKind::SystemAccount,
                user_id: None,
                name: &account.name,
                first_name: "",
                last_name: "",
                title: account.title,
                phone: "",
                location: "",
                contact: "",
                provider: "local",
                status: account.status,
                status_at: account.status_at,
                status_by: account.status_by.map(|by| self.members[by]),
                status_reason: "",
                sessions_from: Timestamp::EPOCH,
                last_sign_in_at: None,
                last_api_use_at: account.last_api_use_at,
                created_at: account.created_at,
                created_by: Some(self.members[account.created_by]),
                account_key: Some(fold::unique(&account.name)),
                joined_at: Some(account.created_at),
                name_key: fold::search(&account.name),
                role_key: self.furniture.role_key(&account.assignments),
                team_key: self.furniture.team_key(&account.teams),
                search_key: Searched { names: [&account.name, "", ""], title: account.title, ..Searched::default() }.key(),
            });
            self.grant(&mut access, id, &account.assignments, account.created_at, Some(self.members[account.created_by]))?;
            self.place(&mut access, id, &account.teams, &[]);
        }
        insert_all!(tx, members, rows);
        access.write(tx)?;
        Ok(rows.iter().map(|row| row.id).collect())
    }
}
