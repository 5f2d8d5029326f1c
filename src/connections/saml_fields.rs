//! The part of a connection's form that SAML 2.0 needs.

use super::{
    keys::MOST_CERTIFICATES,
    metadata::Description,
    readers,
    saml_settings::{SamlSettings, TWO_STEP_CONTEXTS},
};
use crate::{
    saml::{Certificate, metadata::check_address},
    web::{Field, Ticked},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// The longest entity ID (SAML Core, section 8.3.6).
const LONGEST_ENTITY_ID: usize = 1024;
/// The longest name of an attribute.
const LONGEST_ATTRIBUTE: usize = 300;
/// Where a certificate in PEM ends.
const END: &str = "-----END CERTIFICATE-----";

/// What is typed, or was read from metadata.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(default)]
pub struct SamlFields {
    pub entity_id: Field,
    pub sso_url: Field,
    /// Certificates to be added, in PEM one behind the other.
    pub certificates: Field,
    pub response_must_be_signed: Ticked,
    pub allows_unsolicited: Ticked,
    pub has_fixed_name_ids: Ticked,
    pub subject_attribute: Field,
    pub email_attribute: Field,
    pub first_name_attribute: Field,
    pub last_name_attribute: Field,
    pub name_attribute: Field,
    pub two_step_contexts: Field,
}

impl SamlFields {
    pub fn blank() -> Self {
        Self { two_step_contexts: Field::new(TWO_STEP_CONTEXTS.join("\n")), ..Self::default() }
    }

    pub fn of(settings: &SamlSettings) -> Self {
        Self {
            entity_id: Field::new(&settings.entity_id),
            sso_url: Field::new(&settings.sso_url),
            certificates: Field::default(),
            response_must_be_signed: Ticked(settings.response_must_be_signed),
            allows_unsolicited: Ticked(settings.allows_unsolicited),
            has_fixed_name_ids: Ticked(settings.has_fixed_name_ids),
            subject_attribute: Field::new(&settings.subject_attribute),
            email_attribute: Field::new(&settings.email_attribute),
            first_name_attribute: Field::new(&settings.first_name_attribute),
            last_name_attribute: Field::new(&settings.last_name_attribute),
            name_attribute: Field::new(&settings.name_attribute),
            two_step_contexts: Field::new(settings.two_step_contexts.join("\n")),
        }
    }

    /// Takes over what metadata says. It is saved only when the form is sent.
    pub fn take_over(&mut self, found: &Description) {
        self.entity_id = Field::new(&found.entity_id);
        self.sso_url = Field::new(&found.sso_url);
        self.certificates = Field::new(found.certificates.iter().map(pem).collect::<String>());
    }

    /// Whether a name of an attribute is typed or refused, so that the fields are shown.
    pub fn has_attribute_names(&self) -> bool {
        let fields = [
            &self.email_attribute,
            &self.first_name_attribute,
            &self.last_name_attribute,
            &self.name_attribute,
        ];
        fields.iter().any(|field| !field.value.is_empty() || field.is_refused())
    }

    /// The complaints, each with the id of its field.
    pub fn complaints(&self) -> [(&'static str, &Option<String>); 9] {
        [
            ("entity_id", &self.entity_id.complaint),
            ("sso_url", &self.sso_url.complaint),
            ("certificates", &self.certificates.complaint),
            ("subject_attribute", &self.subject_attribute.complaint),
            ("email_attribute", &self.email_attribute.complaint),
            ("first_name_attribute", &self.first_name_attribute.complaint),
            ("last_name_attribute", &self.last_name_attribute.complaint),
            ("name_attribute", &self.name_attribute.complaint),
            ("two_step_contexts", &self.two_step_contexts.complaint),
        ]
    }

    /// Reads every field. While a connection is being set up the provider may be left out.
    pub fn read(&mut self) -> (SamlSettings, Vec<Certificate>) {
        let attribute = |field: &mut Field| field.optional_line(LONGEST_ATTRIBUTE).unwrap_or_default();
        let settings = SamlSettings {
            entity_id: entity_id(&mut self.entity_id),
            sso_url: sso_url(&mut self.sso_url),
            response_must_be_signed: self.response_must_be_signed.0,
            allows_unsolicited: self.allows_unsolicited.0,
            has_fixed_name_ids: self.has_fixed_name_ids.0,
            subject_attribute: attribute(&mut self.subject_attribute),
            email_attribute: attribute(&mut self.email_attribute),
            first_name_attribute: attribute(&mut self.first_name_attribute),
            last_name_attribute: attribute(&mut self.last_name_attribute),
            name_attribute: attribute(&mut self.name_attribute),
            two_step_contexts: readers::contexts(&mut self.two_step_contexts),
        };
        (settings, certificates(&mut self.certificates))
    }
}

fn entity_id(field: &mut Field) -> String {
    let typed = field.optional_line(LONGEST_ENTITY_ID).unwrap_or_default();
    if typed.contains(char::is_whitespace) {
        field.refuse("An entity ID holds no blank. Copy it again from the provider.");
    }
    typed
}

fn sso_url(field: &mut Field) -> String {
    let typed = field.trimmed().to_owned();
    if !typed.is_empty()
        && let Err(why) = check_address(&typed)
    {
        field.refuse(why.to_string());
    }
    typed
}

/// Certificates in PEM one behind the other, or the Base64 of one.
pub(super) fn certificates(field: &mut Field) -> Vec<Certificate> {
    let typed = field.trimmed().to_owned();
    let mut read = Vec::new();
    for text in typed.split_inclusive(END).map(str::trim).filter(|text| !text.is_empty()) {
        match Certificate::from_pem_or_base64(text) {
            Ok(certificate) if read.contains(&certificate) => {}
            Ok(certificate) => read.push(certificate),
            Err(why) => field.refuse(why.to_string()),
        }
    }
    if read.len() > MOST_CERTIFICATES {
        field.refuse(format!("At most {MOST_CERTIFICATES} certificates fit here."));
    }
    read
}

/// The one certificate in a text, in PEM or its Base64.
///
/// # Errors
/// A sentence for the field.
pub fn one_certificate(text: &str) -> Result<Certificate, String> {
    let mut field = Field::new(text);
    let read = certificates(&mut field);
    match (field.complaint, <[_; 1]>::try_from(read)) {
        (Some(why), _) => Err(why),
        (None, Ok([certificate])) => Ok(certificate),
        (None, Err(_)) => Err("Paste one certificate.".into()),
    }
}

/// A certificate as providers offer it for download.
pub fn pem(certificate: &Certificate) -> String {
    let base64 = STANDARD.encode(certificate.der());
    let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n{END}\n", lines.join("\n"))
}
