//! The page that filters a list by the organization's own fields. The rest of the list's address stays.

use super::{
    own_filter::{Operator, OwnFilter},
    own_filters,
    query::DirectoryQuery,
};
use crate::{
    db::{Conn, Db},
    kit::{Fault, MemberKind, Scope},
    members,
    own_fields::{FieldKind, OwnField},
    web::{self, MemberContext, Respond, filters, see_other},
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

/// Before the key of a field and an operator, in the names of inputs.
const INPUT: &str = "own.";

pub(super) fn mount(app: &mut web::Routes) {
    app.service(web::resource("/o/{organization}/users/filters/fields").route(web::get().to(people)));
    app.service(web::resource("/o/{organization}/system-accounts/filters/fields").route(web::get().to(machines)));
}

#[derive(Template)]
#[template(path = "directory/own_filter.html")]
struct OwnFilterPage {
    context: MemberContext,
    list_query: DirectoryQuery,
    fields: Vec<OwnField>,
    /// People who were not found, by the key of their field.
    unknown: Vec<String>,
}

impl OwnFilterPage {
    fn list(&self) -> String {
        self.context.path(self.list_query.kind.path())
    }
    /// What the address of the list says besides these filters.
    fn others(&self) -> Vec<(&'static str, String)> {
        self.list_query.query_pairs().into_iter().filter(|(name, _)| *name != "field").collect()
    }
    fn name(&self, field: &OwnField, operator: &str) -> String {
        format!("{INPUT}{}.{operator}", field.key)
    }
    fn typed(&self, field: &OwnField, operator: &str) -> &str {
        let found = self
            .list_query
            .fields
            .iter()
            .find(|filter| filter.key == field.key && filter.operator.as_str() == operator);
        found.map_or("", |filter| &filter.value)
    }
    fn is_chosen(&self, field: &OwnField, key: &str) -> bool {
        let mut filters = self
            .list_query
            .fields
            .iter()
            .filter(|filter| filter.key == field.key && filter.operator == Operator::Is);
        filters.any(|filter| filter.value == key)
    }
    fn is_none(&self, field: &OwnField) -> bool {
        self.list_query
            .fields
            .iter()
            .any(|filter| filter.key == field.key && filter.operator == Operator::None)
    }
    fn is_unknown(&self, field: &OwnField) -> bool {
        self.unknown.contains(&field.key)
    }
}

async fn people(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    show(&db, context, MemberKind::User, &req).await
}

async fn machines(db: Data<Db>, context: MemberContext, req: HttpRequest) -> web::Result<HttpResponse> {
    show(&db, context, MemberKind::SystemAccount, &req).await
}

async fn show(db: &Db, context: MemberContext, kind: MemberKind, req: &HttpRequest) -> web::Result<HttpResponse> {
    members::demand_list(&context.scope, kind)?;
    let pairs: Vec<(String, String)> = web::query(req)?;
    let (typed, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name.starts_with(INPUT));
    let is_done = rest.iter().any(|(name, _)| name == "show");
    let query = serde_html_form::to_string(&rest).map_err(Fault::broken)?;
    let mut list_query = DirectoryQuery::read(kind, &query, None).without_page().seen_by(&context.scope);
    let load = move |conn: &mut Conn, scope: &Scope| {
        let fields = own_filters::offered(conn, scope, kind)?;
        let (filters, unknown) = read(conn, scope, &fields, &typed)?;
        Ok::<_, Fault>((fields, filters, unknown))
    };
    let (fields, filters, unknown) = context.read(db, load).await?;
    if is_done {
        list_query.fields = filters;
        if unknown.is_empty() {
            return Ok(see_other(&(context.path(kind.path()) + &list_query.query())));
        }
    }
    let is_refused = !unknown.is_empty();
    OwnFilterPage { context, list_query, fields, unknown }.ok_unless(is_refused)
}

/// The filters that were typed, and the fields whose person was not found.
fn read(conn: &mut Conn, scope: &Scope, fields: &[OwnField], typed: &[(String, String)]) -> Result<(Vec<OwnFilter>, Vec<String>), Fault> {
    let (mut filters, mut unknown) = (Vec::new(), Vec::new());
    for (name, value) in typed {
        let Some((key, operator)) = name.strip_prefix(INPUT).and_then(|name| name.rsplit_once('.')) else {
            continue;
        };
        let (Some(field), Ok(operator)) = (fields.iter().find(|field| field.key == key), operator.parse::<Operator>()) else {
            continue;
        };
        let mut value = value.trim().to_owned();
        if value.is_empty() {
            continue;
        }
        match (field.kind, operator) {
            (_, Operator::None) => value.clear(),
            (FieldKind::Person, Operator::Is) => match own_filters::find_person(conn, scope, &value)? {
                Some(person) => value = person.id.to_string(),
                None => unknown.push(field.key.clone()),
            },
            _ => {}
        }
        filters.push(OwnFilter { key: key.to_owned(), operator, value });
    }
    Ok((filters, unknown))
}
