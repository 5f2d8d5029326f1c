//! The page of who may do what.

use super::{AllowedPage, WhoQuery};
use crate::{
    policies::ResourceType,
    roles::{ApplicationPermission, CATALOGUE, Resource},
    web::{MemberContext, filters},
};
use askama::Template;

#[derive(Template)]
#[template(path = "access/who.html")]
pub(super) struct WhoPage {
    pub context: MemberContext,
    pub asked: WhoQuery,
    pub declared: Vec<ApplicationPermission>,
    pub types: Vec<ResourceType>,
    /// The answer, if the question could be read.
    pub found: Option<AllowedPage>,
}

impl WhoPage {
    pub fn catalogue(&self) -> &'static [Resource] {
        CATALOGUE
    }
    pub fn page_address(&self) -> String {
        self.context.path("/access/who")
    }
    pub fn first_address(&self) -> String {
        self.page_address() + &self.asked.text(None)
    }
    pub fn next_address(&self) -> Option<String> {
        let after = self.found.as_ref()?.next?;
        Some(self.page_address() + &self.asked.text(Some(after)))
    }
    pub fn export_address(&self) -> String {
        self.page_address() + "/export" + &self.asked.text(None)
    }
    pub fn is_first(&self) -> bool {
        self.asked.after.is_none()
    }
    /// Each resource type with each of its actions.
    pub fn actions(&self) -> Vec<String> {
        let of = |one: &ResourceType| one.actions.iter().map(|action| format!("{}:{action}", one.name)).collect::<Vec<_>>();
        self.types.iter().flat_map(of).collect()
    }
    /// What is asked for although the lists above do not offer it, so that it stays.
    pub fn is_offered(&self, permission: &str) -> bool {
        permission == "*:*:*"
            || CATALOGUE
                .iter()
                .flat_map(|resource| resource.permissions)
                .any(|known| known.permission == permission)
            || self.declared.iter().any(|known| known.permission == permission)
    }
}
