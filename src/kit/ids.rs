//! Keys. Each table has its own key type, so that a member's key cannot be used as a user's.

use super::{Timestamp, secret, sql::UuidSql};
use diesel::{deserialize::FromSqlRow, expression::AsExpression};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, AsExpression, FromSqlRow, Serialize, Deserialize)]
        #[diesel(sql_type = UuidSql)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new UUIDv7 (RFC 9562, section 5.7) of this instant.
            pub fn new(now: Timestamp) -> Self { Self(uuid_at(now)) }
            /// A key that no row has. A search for it takes as long as any other and finds nothing (no timing
            /// difference).
            pub fn nobody() -> Self { Self(Uuid::nil()) }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { text.parse().map(Self) }
        }
    )+ };
}

ids! {
    OrganizationId,
    /// A person's identity.
    UserId,
    /// A user's or a system account's membership in one organization.
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
    /// Shared by the changes of one bulk action.
    BatchId,
    /// The changed part of a member: a role, a team or a policy; for a status change, the member itself.
    SubjectId,
    /// An API credential of a member.
    TokenId,
    /// An organization's way to an identity provider.
    ConnectionId,
    /// A certificate of an identity provider.
    ConnectionKeyId,
    /// What a connection calls a person.
    IdentityId,
    /// A sign-in on its way to an identity provider.
    SsoAttemptId,
    /// A verified answer of an identity provider.
    ArrivalId,
    /// An email domain of an organization.
    DomainId,
    WebhookId,
    WebhookSecretId,
    /// One event on its way to one webhook.
    DeliveryId,
    /// A SCIM client.
    ProvisionerId,
    /// A field that an organization declared for its members.
    OwnFieldId,
    /// What a SCIM client sent and was answered.
    ProvisioningCallId,
    /// A saved view of a list of members.
    ViewId,
    /// A member's request for a role or a team.
    AccessRequestId,
    AccessReviewId,
}

fn uuid_at(now: Timestamp) -> Uuid {
    let mut noise = [0; 10];
    secret::fill(&mut noise);
    uuid::Builder::from_unix_timestamp_millis(now.millis().max(0).cast_unsigned(), &noise).into_uuid()
}
