//! Writes the identities of people: sign-in names, passwords and authenticator apps.

use super::{
    insert::insert_all,
    people::Person,
    second_factors::App,
    writer::{AT_ONCE, Writer},
};
use crate::{
    db::{
        Tx,
        schema::{passwords, recovery_codes, totps, user_names, users},
    },
    kit::{Fault, RecoveryCodeId, email, secret::fingerprint},
    second_factors::{self, SecondFactors},
};
use diesel::prelude::*;

/// The sign-in names of a person, as the unique index compares them.
fn name_keys(person: &Person) -> Vec<String> {
    let mut keys = vec![email::likeness(&person.username), email::likeness(&person.email)];
    keys.dedup();
    keys
}

impl Writer<'_> {
    /// Writes the identities of these people. The founder is not among them: founding the organization made theirs.
    pub fn users(&self, tx: &mut Tx<'_>, numbers: &[usize], hash: &str) -> Result<(), Fault> {
        let (mut rows, mut names, mut hashes) = (vec![], vec![], vec![]);
        for number in numbers.iter().copied() {
            let (person, membership, user) = (&self.dataset.people[number], &self.dataset.memberships[number], self.users[number]);
            let (has_password, temporary_until) = (membership.has_password(), membership.temporary_until());
            rows.push((
                users::id.eq(user),
                users::username.eq(&person.username),
                users::email.eq(&person.email),
                users::created_at.eq(membership.created_at),
                // Only people who came by invitation, without a password that another person chose.
                users::address_proven_at.eq(membership.joined_at.filter(|_| has_password && temporary_until.is_none())),
            ));
            names.extend(
                name_keys(person)
                    .into_iter()
                    .map(|key| (user_names::name_key.eq(key), user_names::user_id.eq(user))),
            );
            if has_password {
                hashes.push((
                    passwords::user_id.eq(user),
                    passwords::hash.eq(hash),
                    passwords::changed_at.eq(membership.joined_at.unwrap_or(membership.created_at)),
                    passwords::temporary_until.eq(temporary_until),
                ));
            }
        }
        insert_all!(tx, users, rows);
        insert_all!(tx, user_names, names);
        insert_all!(tx, passwords, hashes);
        Ok(())
    }

    /// Writes authenticator apps with their recovery codes.
    pub fn apps(&self, tx: &mut Tx<'_>, with: &SecondFactors, apps: &[App]) -> Result<(), Fault> {
        for some in apps.chunks(AT_ONCE) {
            let (mut rows, mut codes) = (vec![], vec![]);
            for app in some {
                let user = self.users[app.person];
                rows.push((
                    totps::user_id.eq(user),
                    totps::secret.eq(second_factors::sealed(with, user, &app.secret)),
                    totps::created_at.eq(app.created_at),
                    totps::last_step.eq(0_i64),
                ));
                codes.extend(app.codes.iter().map(|code| {
                    (
                        recovery_codes::id.eq(RecoveryCodeId::new(app.created_at)),
                        recovery_codes::user_id.eq(user),
                        recovery_codes::digest.eq(fingerprint(&code.text)),
                        recovery_codes::used_at.eq(code.used_at),
                    )
                }));
            }
            insert_all!(tx, totps, rows);
            insert_all!(tx, recovery_codes, codes);
        }
        Ok(())
    }
}
