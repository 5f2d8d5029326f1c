//! Edits of names and details, the same for people and system accounts.

use crate::{
    api::{Caller, answers::IfMatch, parameters::WriteParameters, refusals},
    db::{Conn, Db},
    kit::{Fault, MemberId, MemberKind, OperationError, OperationResult, Scope, rights},
    members::{self, Details, EditRefusal, Member},
    web,
};

/// An edit of one member, from what the caller has read.
pub(super) struct Edit {
    pub kind: MemberKind,
    pub present: Member,
    version: i64,
}

impl Edit {
    /// Reads the present details.
    pub async fn begin(db: &Db, caller: &Caller, kind: MemberKind, id: MemberId, expected: &IfMatch) -> web::Result<Self> {
        let present = caller.read(db, move |conn, scope| {
            members::towards(conn, scope, id)?.demand(rights::manage(kind))?;
            members::find_of(conn, scope, kind, id)
        });
        let present = present.await?;
        Ok(Self { kind, version: expected.version(present.version)?, present })
    }

    /// Saves the details, and returns the member as `show` tells it.
    pub async fn save<T: Send + 'static>(
        self,
        db: &Db,
        caller: &Caller,
        how: WriteParameters,
        wanted: Details,
        show: impl Fn(&mut Conn, &Scope, MemberId) -> Result<T, Fault> + Send + 'static,
    ) -> web::Result<T> {
        let Self { kind, present, version } = self;
        let id = present.id;
        let edited = caller.write(db, how, move |tx, scope| {
            // An old version is refused even if its values are the present ones.
            if members::find_of(tx, scope, kind, id)?.version != version {
                return Err(OperationError::Refused(EditRefusal::Meanwhile));
            }
            members::edit(tx, scope, kind, id, version, &wanted)?;
            Ok(show(tx, scope, id)?)
        });
        edited.await.refused()?.map_err(refusals::of_edit)
    }
}
