//! Several operations in one request (RFC 7644, section 3.7), in their order, each in its own transaction.

use super::{
    answers::{Resource, location, version},
    caller::ScimCaller,
    groups,
    preconditions::Preconditions,
    protocol::{fault::ScimFault, json::get, schema::MAX_BULK_OPERATIONS},
    reading,
    refusals::Refusal,
    users,
};
use crate::web::{self, Routes, SCIM_JSON};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, post},
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

pub(super) fn mount(app: &mut Routes) {
    app.service(web::resource("/scim/v2/Bulk").route(post().to(carry_out)));
}

/// One operation.
struct Operation {
    method: String,
    path: String,
    bulk_id: Option<String>,
    version: Option<String>,
    data: Value,
}

async fn carry_out(req: HttpRequest, caller: ScimCaller, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let body = reading::body(&req, &bytes)?;
    let (operations, most_failures) = read(&body)?;
    let (mut answers, mut known, mut failed) = (Vec::new(), HashMap::new(), 0);
    for operation in operations {
        let answer = one(&caller, &operation, &mut known).await;
        failed += i64::from(answer.get("response").is_some());
        answers.push(answer);
        if most_failures.is_some_and(|most| failed >= most) {
            break;
        }
    }
    let body = json!({ "schemas": [RESPONSE], "Operations": answers });
    Ok(HttpResponse::Ok().content_type(SCIM_JSON).body(body.to_string()))
}

/// The operations, and after how many failures the rest is left.
fn read(body: &Value) -> Result<(Vec<Operation>, Option<i64>), Refusal> {
    let nothing = Map::new();
    let body = body.as_object().unwrap_or(&nothing);
    let has_schema = get(body, "schemas")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|urn| urn == REQUEST));
    let Some(sent) = get(body, "Operations").and_then(Value::as_array).filter(|_| has_schema) else {
        return Err(ScimFault::invalid_syntax(format!("The body is not a bulk request with the schema {REQUEST}.")).into());
    };
    if sent.len() > MAX_BULK_OPERATIONS {
        let detail = format!("A bulk request may have {MAX_BULK_OPERATIONS} operations at most.");
        return Err(ScimFault::new(413, None, detail).into());
    }
    let field = |operation: &Value, name: &str| operation.as_object().and_then(|operation| get(operation, name).cloned());
    let text = |operation: &Value, name: &str| field(operation, name).and_then(|value| value.as_str().map(str::to_owned));
    let operation = |operation: &Value| Operation {
        method: text(operation, "method").unwrap_or_default().to_ascii_uppercase(),
        path: text(operation, "path").unwrap_or_default(),
        bulk_id: text(operation, "bulkId"),
        version: text(operation, "version"),
        data: field(operation, "data").unwrap_or_default(),
    };
    let most_failures = get(body, "failOnErrors").and_then(Value::as_i64).filter(|most| *most > 0);
    Ok((sent.iter().map(operation).collect(), most_failures))
}

/// Carries out one operation, and says what became of it. `known` are the ids of what was created under a `bulkId`.
async fn one(caller: &ScimCaller, operation: &Operation, known: &mut HashMap<String, String>) -> Value {
    let mut answer = Map::new();
    answer.insert("method".into(), json!(operation.method));
    if let Some(bulk_id) = &operation.bulk_id {
        answer.insert("bulkId".into(), json!(bulk_id));
    }
    let path = resolved(&operation.path, known).filter(|_| operation.method != "POST");
    if let Some(path) = path {
        answer.insert("location".into(), json!(format!("{}/{}", caller.base, path.trim_matches('/'))));
    }
    match perform(caller, operation, known).await {
        Ok((status, resource)) => {
            answer.insert("status".into(), json!(status.to_string()));
            if let Some(resource) = resource {
                answer.insert("location".into(), json!(location(&resource)));
                answer.insert("version".into(), json!(version(&resource)));
                if let (Some(bulk_id), Some(id)) = (&operation.bulk_id, resource.get("id").and_then(Value::as_str)) {
                    known.insert(bulk_id.clone(), id.to_owned());
                }
            }
        }
        Err(refusal) => {
            let fault = refusal.told();
            answer.insert("status".into(), json!(fault.status.to_string()));
            answer.insert("response".into(), fault.body());
        }
    }
    answer.into()
}

type Done = (u16, Option<Resource>);

async fn perform(caller: &ScimCaller, operation: &Operation, known: &HashMap<String, String>) -> Result<Done, Refusal> {
    let path = resolved(&operation.path, known).ok_or_else(|| unknown_id(&operation.path))?;
    let mut data = operation.data.clone();
    resolve(&mut data, known)?;
    let expected = Preconditions::expecting(operation.version.as_deref());
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let done = match (operation.method.as_str(), &parts[..]) {
        ("POST", ["Users"]) if operation.bulk_id.is_some() => (201, Some(users::create_from(caller, data).await?)),
        ("POST", ["Groups"]) if operation.bulk_id.is_some() => (201, Some(groups::create_from(caller, data).await?)),
        ("POST", ["Users" | "Groups"]) => return Err(ScimFault::invalid_syntax("A POST in a bulk request needs a bulkId.").into()),
        ("PUT", ["Users", id]) => (200, Some(users::replace_with(caller, reading::id(id)?, data, expected).await?)),
        ("PUT", ["Groups", id]) => (200, Some(groups::replace_with(caller, reading::id(id)?, data, expected).await?)),
        ("PATCH", ["Users", id]) => (200, Some(users::modify_by(caller, reading::id(id)?, data, expected).await?)),
        ("PATCH", ["Groups", id]) => (204, Some(groups::modify_by(caller, reading::id(id)?, data, expected).await?)),
        ("DELETE", ["Users", id]) => {
            users::remove_one(caller, reading::id(id)?, expected).await?;
            (204, None)
        }
        ("DELETE", ["Groups", id]) => {
            groups::remove_one(caller, reading::id(id)?, expected).await?;
            (204, None)
        }
        _ => {
            return Err(ScimFault::invalid_syntax(
                "There is no such operation. Methods are POST, PUT, PATCH and DELETE, paths /Users and /Groups.",
            )
            .into());
        }
    };
    Ok(done)
}

/// The mark before the name of what an earlier operation created.
const MARK: &str = "bulkId:";

/// A path with the id of what was created; `None` if nothing was.
fn resolved(path: &str, known: &HashMap<String, String>) -> Option<String> {
    let parts = path.split('/').map(|part| match part.strip_prefix(MARK) {
        Some(name) => known.get(name).map(String::as_str),
        None => Some(part),
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

fn unknown_id(text: &str) -> Refusal {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    ScimFault::invalid_value(format!("No earlier operation created “{shown}”.")).into()
}

/// Replaces the names in the data by the ids of what was created.
fn resolve(data: &mut Value, known: &HashMap<String, String>) -> Result<(), Refusal> {
    match data {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(MARK) {
                *text = known.get(name).cloned().ok_or_else(|| unknown_id(text))?;
            }
            Ok(())
        }
        Value::Array(elements) => elements.iter_mut().try_for_each(|element| resolve(element, known)),
        Value::Object(object) => object.values_mut().try_for_each(|value| resolve(value, known)),
        _ => Ok(()),
    }
}
