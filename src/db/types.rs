//! Reads and writes the column types of `kit::sql` on each engine.

use super::conn::{MultiBackend, MultiRawValue};
use crate::kit::{Timestamp, ids::*, sql::*};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{self as native, HasSqlType},
    sqlite::{Sqlite, SqliteValue},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

macro_rules! on_both {
    ($($sql:ident),*) => { $(
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata { MultiBackend::lookup_sql_type::<$sql>(lookup) }
        }
    )* };
}
on_both!(UuidSql, UtcSql, JsonSql);

macro_rules! value_on_both {
    ($sql:ident, $type:ty $(, [$($generics:tt)*])?) => {
        impl $(<$($generics)*>)? ToSql<$sql, MultiBackend> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
        impl $(<$($generics)*>)? FromSql<$sql, MultiBackend> for $type {
            fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> { value.from_sql::<Self, $sql>() }
        }
    };
}

macro_rules! uuids {
    ($($id:ident),*) => { $(
        value_on_both!(UuidSql, $id);
        impl ToSql<UuidSql, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result { ToSql::<native::Uuid, Pg>::to_sql(&self.0, out) }
        }
        impl FromSql<UuidSql, Pg> for $id {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> { <uuid::Uuid as FromSql<native::Uuid, Pg>>::from_sql(value).map($id) }
        }
        impl ToSql<UuidSql, Sqlite> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.0.as_bytes().as_slice());
                Ok(IsNull::No)
            }
        }
        impl FromSql<UuidSql, Sqlite> for $id {
            fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                let bytes = <Vec<u8> as FromSql<native::Binary, Sqlite>>::from_sql(value)?;
                Ok($id(uuid::Uuid::from_slice(&bytes)?))
            }
        }
    )* };
}
uuids!(
    OrganizationId,
    UserId,
    MemberId,
    RoleId,
    TeamId,
    PolicyId,
    ApplicationPermissionId,
    ResourceTypeId,
    InvitationId,
    LinkId,
    LetterId,
    JobId,
    SessionId,
    PasskeyId,
    RecoveryCodeId,
    SignInId,
    AuditEventId,
    BatchId,
    SubjectId,
    TokenId,
    ConnectionId,
    IdentityId,
    SsoAttemptId,
    ArrivalId,
    ConnectionKeyId,
    DomainId,
    WebhookId,
    WebhookSecretId,
    DeliveryId,
    ProvisionerId,
    OwnFieldId,
    ProvisioningCallId,
    ViewId,
    AccessRequestId,
    AccessReviewId
);

value_on_both!(UtcSql, Timestamp);
impl ToSql<UtcSql, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<native::Timestamptz, Pg>::to_sql(&self.utc(), &mut out.reborrow())
    }
}
impl FromSql<UtcSql, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <chrono::DateTime<chrono::Utc> as FromSql<native::Timestamptz, Pg>>::from_sql(value).map(Into::into)
    }
}
impl ToSql<UtcSql, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.micros());
        Ok(IsNull::No)
    }
}
impl FromSql<UtcSql, Sqlite> for Timestamp {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<native::BigInt, Sqlite>>::from_sql(value)?;
        Timestamp::from_micros(micros).ok_or_else(|| "an instant out of range".into())
    }
}

/// A typed JSON document in one column.
#[derive(Clone, PartialEq, Debug, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = JsonSql)]
pub struct Json<T: Debug>(pub T);

value_on_both!(JsonSql, Json<T>, [T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static]);
impl<T: Serialize + Debug> ToSql<JsonSql, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        // The version byte at the start of every binary jsonb value.
        out.write_all(&[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}
impl<T: DeserializeOwned + Debug> FromSql<JsonSql, Pg> for Json<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let document = value.as_bytes().get(1..).ok_or("an empty jsonb value")?;
        Ok(Json(serde_json::from_slice(document)?))
    }
}
impl<T: Serialize + Debug> ToSql<JsonSql, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
impl<T: DeserializeOwned + Debug> FromSql<JsonSql, Sqlite> for Json<T> {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Json(serde_json::from_str(&<String as FromSql<native::Text, Sqlite>>::from_sql(value)?)?))
    }
}
