//! Rewrites sign-in names by the current mailbox rule: addresses are spelled as lists show them, `xn--` domains in
//! Unicode, and the keys that reserve names are computed again.
//!
//! Before, a Unicode domain and its `xn--` spelling were two addresses, so two users may now have one mailbox. The user
//! who has proved that they read it keeps the name; otherwise the older user.

use crate::{
    db::{
        Tx,
        schema::{invitations, members, organizations, user_names, users},
    },
    kit::{
        Fault, InvitationId, Timestamp, UserId,
        email::{self, Email},
    },
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};

#[derive(Queryable)]
struct Person {
    id: UserId,
    username: String,
    email: String,
    created_at: Timestamp,
    address_proven_at: Option<Timestamp>,
}

pub(super) fn run(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    let mut sentences = Vec::new();
    let mut people = people(tx)?;
    for person in &mut people {
        respell(tx, person, &mut sentences)?;
    }
    respell_invitations(tx)?;
    reserve(tx, &people, &mut sentences)?;
    Ok(sentences)
}

/// All users. Of two users with one name, the one who keeps it comes first.
fn people(tx: &mut Tx<'_>) -> Result<Vec<Person>, Fault> {
    let columns = (users::id, users::username, users::email, users::created_at, users::address_proven_at);
    let mut people: Vec<Person> = users::table.select(columns).load(tx.conn())?;
    people.sort_by_key(|person| (person.address_proven_at.is_none(), person.created_at, person.id));
    Ok(people)
}

/// Stores a user's address as lists show it.
fn respell(tx: &mut Tx<'_>, person: &mut Person, sentences: &mut Vec<String>) -> Result<(), Fault> {
    let Ok(address) = Email::parse(&person.email) else {
        sentences.push(format!(
            "The address {} of the user {} is none that can be written to. Change it in the directory.",
            person.email, person.id
        ));
        return Ok(());
    };
    let username = Email::parse(&person.username).map_or_else(|_| person.username.clone(), String::from);
    if address.as_str() == person.email && username == person.username {
        return Ok(());
    }
    (person.email, person.username) = (address.into(), username);
    diesel::update(users::table.find(person.id))
        .set((users::email.eq(&person.email), users::username.eq(&person.username)))
        .execute(tx.conn())?;
    Ok(())
}

fn respell_invitations(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let open = invitations::table.filter(invitations::accepted_at.is_null());
    let rows: Vec<(InvitationId, String)> = open.select((invitations::id, invitations::email)).load(tx.conn())?;
    for (id, typed) in rows {
        if let Ok(address) = Email::parse(&typed)
            && address.as_str() != typed
        {
            diesel::update(invitations::table.filter(invitations::id.eq(id)))
                .set(invitations::email.eq(address.as_str()))
                .execute(tx.conn())?;
        }
    }
    Ok(())
}

/// Reserves all names by the new rule, and reports names that two users now share.
fn reserve(tx: &mut Tx<'_>, people: &[Person], sentences: &mut Vec<String>) -> Result<(), Fault> {
    let mut wanted: HashMap<String, &Person> = HashMap::new();
    let mut told: HashSet<(UserId, UserId)> = HashSet::new();
    for person in people {
        for key in [email::likeness(&person.email), email::likeness(&person.username)] {
            let keeper = *wanted.entry(key).or_insert(person);
            if keeper.id != person.id && told.insert((keeper.id, person.id)) {
                sentences.push(clash(tx, keeper, person)?);
            }
        }
    }
    let mut kept: HashSet<String> = HashSet::new();
    let rows: Vec<(String, UserId)> = user_names::table.select((user_names::name_key, user_names::user_id)).load(tx.conn())?;
    for (key, user) in rows {
        if wanted.get(&key).is_some_and(|keeper| keeper.id == user) {
            kept.insert(key);
        } else {
            diesel::delete(user_names::table.find(key)).execute(tx.conn())?;
        }
    }
    for (key, keeper) in wanted.iter().filter(|(key, _)| !kept.contains(*key)) {
        diesel::insert_into(user_names::table)
            .values((user_names::name_key.eq(key), user_names::user_id.eq(keeper.id)))
            .execute(tx.conn())?;
    }
    Ok(())
}

fn clash(tx: &mut Tx<'_>, keeper: &Person, other: &Person) -> Result<String, Fault> {
    let (one, two) = (described(tx, keeper)?, described(tx, other)?);
    Ok(if email::is_one_mailbox(&keeper.email, &other.email) {
        format!(
            "Two users have one mailbox: {one}, and {two}. They stay two. By this address only the first signs in from now on. \
             Delete one of them, or change the address of the second."
        )
    } else {
        format!(
            "Two users have names that look alike: {one}, and {two}. By the name that looks like the other's the second does not \
             sign in any more. Change the address of one of them."
        )
    })
}

/// A user for the operator's log: address, id and organizations.
fn described(tx: &mut Tx<'_>, person: &Person) -> Result<String, Fault> {
    let names: Vec<String> = members::table
        .inner_join(organizations::table)
        .filter(members::user_id.eq(Some(person.id)))
        .select(organizations::name)
        .load(tx.conn())?;
    let names: BTreeSet<String> = names.into_iter().collect();
    let places = names.into_iter().collect::<Vec<_>>().join(", ");
    Ok(format!("{} (user {}, in {places})", person.email, person.id))
}
