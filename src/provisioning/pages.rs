//! Pages of `provisioning`: one struct per template, with what it shows.

use super::{
    calls::StoredCall,
    facts::{ListedProvisioner, ProvisionerFacts, TokenLife},
    forms::{Choices, ProvisionerForm},
    model::{Product, Provisioner, ProvisionerState},
};
use crate::{
    kit::{ProvisionerId, ProvisioningCallId, Timestamp},
    tokens::TokenText,
    web::{Field, MemberContext, filters},
};
use askama::Template;

/// The path of the list within the organization.
pub(super) const LIST: &str = "/settings/provisioning";

/// The list.
#[derive(Template)]
#[template(path = "provisioning/index.html")]
pub(super) struct Index {
    pub context: MemberContext,
    pub all: Vec<ListedProvisioner>,
    pub may_set_up: bool,
}

impl Index {
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
}

/// For those who may not set one up: who can.
#[derive(Template)]
#[template(path = "provisioning/administrators_only.html")]
pub(super) struct AdministratorsOnly {
    pub context: MemberContext,
}

/// The form of a new client or of one that is there.
#[derive(Template)]
#[template(path = "provisioning/form.html")]
pub(super) struct FormPage {
    pub context: MemberContext,
    pub form: ProvisionerForm,
    pub choices: Choices,
    /// The client that is edited, with its name.
    pub edited: Option<(Provisioner, String)>,
}

impl FormPage {
    pub fn back(&self) -> String {
        match &self.edited {
            Some((provisioner, _)) => path(&self.context, provisioner.id),
            None => self.context.path(LIST),
        }
    }
}

/// A new client: its address and its token, shown once.
#[derive(Template)]
#[template(path = "provisioning/created.html")]
pub(super) struct Created {
    pub context: MemberContext,
    pub id: ProvisionerId,
    pub name: String,
    pub product: Product,
    pub ends: Option<Timestamp>,
    pub token: TokenText,
}

impl Created {
    pub fn product(&self) -> Product {
        self.product
    }
    pub fn base_url(&self) -> String {
        self.context.site.link(self.product.path())
    }
    pub fn home(&self) -> String {
        path(&self.context, self.id)
    }
}

/// One client, with a part of its calls.
#[derive(Template)]
#[template(path = "provisioning/show.html")]
pub(super) struct Show {
    pub context: MemberContext,
    pub facts: ProvisionerFacts,
    pub may_set_up: bool,
    pub calls: Vec<StoredCall>,
    /// Whether the caller may see them: they hold names and addresses.
    pub may_see_calls: bool,
    pub only_refused: bool,
    /// Whether newer calls are on another page.
    pub is_later_page: bool,
    /// The last call of this page, if there are older ones.
    pub older: Option<ProvisioningCallId>,
}

impl Show {
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    pub fn provisioner(&self) -> &Provisioner {
        &self.facts.provisioner
    }
    pub fn product(&self) -> Product {
        self.facts.provisioner.product
    }
    pub fn base_url(&self) -> String {
        self.context.site.link(self.product().path())
    }
    pub fn base(&self) -> String {
        path(&self.context, self.facts.provisioner.id)
    }
    /// The page of its system account.
    pub fn account(&self) -> String {
        self.context.path(format!("/system-accounts/{}", self.facts.provisioner.member_id))
    }
    pub fn token_ends_soon(&self) -> Option<Timestamp> {
        self.facts.token.ends_soon(*self.now())
    }
    /// The address of the calls before the last one here.
    pub fn older_page(&self) -> Option<String> {
        let refused = if self.only_refused { "&refused=1" } else { "" };
        self.older.map(|id| format!("{}?before={id}{refused}", self.base()))
    }
}

/// One call.
#[derive(Template)]
#[template(path = "provisioning/call.html")]
pub(super) struct CallPage {
    pub context: MemberContext,
    pub provisioner: Provisioner,
    pub name: String,
    pub call: StoredCall,
}

impl CallPage {
    pub fn now(&self) -> &Timestamp {
        &self.context.scope.request_info.now
    }
    pub fn base(&self) -> String {
        path(&self.context, self.provisioner.id)
    }
    /// The body with line breaks, for reading; as it came if it is no JSON, or was shortened.
    pub fn pretty(&self) -> Option<String> {
        let sent = self.call.sent.as_ref()?;
        let value = serde_json::from_str::<serde_json::Value>(sent);
        Some(value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| sent.clone()))
    }
}

/// The question before a deletion.
#[derive(Template)]
#[template(path = "provisioning/deletion.html")]
pub(super) struct Deletion {
    pub context: MemberContext,
    pub provisioner: Provisioner,
    pub name: String,
    pub people: i64,
    pub teams: i64,
    pub typed: Field,
    pub refusal: Option<String>,
}

impl Deletion {
    pub fn home(&self) -> String {
        path(&self.context, self.provisioner.id)
    }
}

/// The path of a client's page.
pub(super) fn path(context: &MemberContext, id: ProvisionerId) -> String {
    context.path(format!("{LIST}/{id}"))
}
