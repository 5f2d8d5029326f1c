//! An identity provider (SAML 2.0) without pages: it reads our requests, signs what the test says, and lies as the test
//! wants. Its documents are written in canonical form, so that signing needs no canonicalization.

use super::{Page, Person, TestApp};
use actix_web::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use flate2::read::DeflateDecoder;
use openssl::{
    asn1::{Asn1Integer, Asn1Time},
    bn::BigNum,
    hash::{MessageDigest, hash},
    pkey::{PKey, Private},
    rsa::Rsa,
    sign::Signer,
    x509::{X509, X509Name},
};
use roster::{
    connections::{ConnectionKind, NewConnection, Provisioning, SamlSettings, Settings},
    kit::{Clock, ConnectionId, OrganizationId, Timestamp},
    saml::Certificate,
};
use std::{collections::HashMap, io::Read};
use url::Url;

pub const ENTITY_ID: &str = "https://idp.example/metadata";
pub const SSO_URL: &str = "https://idp.example/sso?tenant=1";
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
pub const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

pub struct SamlProvider {
    key: PKey<Private>,
    certificate: X509,
    clock: Clock,
}

/// A response, before it is signed.
#[derive(Clone)]
pub struct Response {
    pub connection: String,
    pub request: Option<String>,
    pub relay_state: String,
    /// Whether the request asked the person to sign in anew.
    pub is_forced: bool,
    pub id: String,
    pub issuer: String,
    pub audience: String,
    pub recipient: String,
    pub name_id: String,
    pub format: String,
    pub attributes: Vec<(String, String)>,
    pub signed_in: Timestamp,
    pub context: String,
    pub session_until: Option<Timestamp>,
    pub signs_inner: bool,
    pub signs_whole: bool,
}

fn certificate(key: &PKey<Private>, from: Timestamp, days: i64) -> X509 {
    let at = |time: Timestamp| Asn1Time::from_unix(time.utc().timestamp()).expect("a time");
    let mut name = X509Name::builder().expect("a name");
    name.append_entry_by_text("CN", "idp.example").expect("a name");
    let name = name.build();
    let serial = BigNum::from_u32(1).and_then(|one| Asn1Integer::from_bn(&one)).expect("a number");
    let mut made = X509::builder().expect("a certificate");
    made.set_version(2).expect("version 3");
    made.set_serial_number(&serial).expect("a number");
    made.set_subject_name(&name).expect("a subject");
    made.set_issuer_name(&name).expect("an issuer");
    made.set_not_before(&at(from)).expect("a begin");
    made.set_not_after(&at(from + TimeDelta::days(days))).expect("an end");
    made.set_pubkey(key).expect("a key");
    made.sign(key, MessageDigest::sha256()).expect("a signature");
    made.build()
}

impl SamlProvider {
    /// Its certificate ends after so many days.
    pub fn new(clock: &Clock, days: i64) -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).expect("a key")).expect("a key");
        Self { certificate: certificate(&key, clock.now(), days), key, clock: clock.clone() }
    }

    pub fn pem(&self) -> String {
        String::from_utf8(self.certificate.to_pem().expect("a certificate")).expect("text")
    }

    pub fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.certificate.to_der().expect("a certificate")).expect("a strong key")
    }

    /// Its metadata, with these certificates in PEM.
    pub fn metadata(certificates: &[String]) -> String {
        let key = |pem: &String| {
            let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
                 <ds:X509Certificate>{base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            )
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
             entityID=\"{ENTITY_ID}\"><md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{}\
             <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{SSO_URL}\"/>\
             </md:IDPSSODescriptor></md:EntityDescriptor>",
            certificates.iter().map(key).collect::<String>()
        )
    }

    /// A good response about this person to the request at this address.
    #[track_caller]
    pub fn respond(&self, address: &str, name_id: &str, email: &str) -> Response {
        assert!(address.starts_with(SSO_URL), "{address}");
        let url = Url::parse(address).expect("an address");
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let mut xml = String::new();
        let packed = STANDARD.decode(&query["SAMLRequest"]).expect("Base64");
        DeflateDecoder::new(&packed[..]).read_to_string(&mut xml).expect("a request");
        let value = |name: &str| {
            let rest = xml.split_once(&format!(" {name}=\"")).expect("an attribute").1;
            rest.split('"').next().expect("a value").to_owned()
        };
        let acs = value("AssertionConsumerServiceURL");
        let mut response = self.unsolicited(acs.trim_end_matches("/acs").rsplit('/').next().expect("an id"), name_id, email);
        response.request = Some(value("ID"));
        response.relay_state.clone_from(&query["RelayState"]);
        response.is_forced = xml.contains(" ForceAuthn=\"true\"");
        response
    }

    /// A response that nobody asked for.
    pub fn unsolicited(&self, connection: &str, name_id: &str, email: &str) -> Response {
        let entity = format!("https://roster.example/sso/saml/{connection}");
        let mut noise = [0; 8];
        openssl::rand::rand_bytes(&mut noise).expect("randomness");
        let names = [("email", email), ("firstName", "Grace"), ("lastName", "Hopper")];
        Response {
            connection: connection.to_owned(),
            request: None,
            relay_state: String::new(),
            is_forced: false,
            id: format!("_{}", u64::from_ne_bytes(noise)),
            issuer: ENTITY_ID.into(),
            recipient: format!("{entity}/acs"),
            audience: entity,
            name_id: name_id.to_owned(),
            format: PERSISTENT.into(),
            attributes: names.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            signed_in: self.clock.now(),
            context: PASSWORD.into(),
            session_until: None,
            signs_inner: true,
            signs_whole: false,
        }
    }

    /// The document, signed as it says.
    pub fn sign(&self, response: &Response) -> String {
        let now = self.clock.now();
        let (at, end) = (now.iso(), (now + TimeDelta::minutes(5)).iso());
        let issuer = format!(
            "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:Issuer>",
            response.issuer
        );
        let mut assertion = self.assertion(response, &at, &end);
        if response.signs_inner {
            assertion = self.signed(&assertion, &response.id, "</saml:Issuer>");
        }
        let answered = response.request.as_ref().map(|id| format!(" InResponseTo=\"{id}\"")).unwrap_or_default();
        let id = format!("{}r", response.id);
        let document = format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" Destination=\"{}\" ID=\"{id}\"{answered} \
             IssueInstant=\"{at}\" Version=\"2.0\">{issuer}<samlp:Status><samlp:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode></samlp:Status>{assertion}</samlp:Response>",
            response.recipient
        );
        if response.signs_whole {
            self.signed(&document, &id, "</saml:Issuer>")
        } else {
            document
        }
    }

    fn assertion(&self, response: &Response, at: &str, end: &str) -> String {
        let Response { id, issuer, audience, recipient, name_id, format, context, .. } = response;
        let answered = response.request.as_ref().map(|id| format!(" InResponseTo=\"{id}\"")).unwrap_or_default();
        let until = response
            .session_until
            .map(|until| format!(" SessionNotOnOrAfter=\"{}\"", until.iso()))
            .unwrap_or_default();
        let attribute = |(name, value): &(String, String)| {
            format!("<saml:Attribute Name=\"{name}\"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>")
        };
        let attributes: String = response.attributes.iter().map(attribute).collect();
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" IssueInstant=\"{at}\" Version=\"2.0\">\
             <saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID Format=\"{format}\">{name_id}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData{answered} \
             NotOnOrAfter=\"{end}\" Recipient=\"{recipient}\"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>\
             <saml:Conditions NotBefore=\"{at}\" NotOnOrAfter=\"{end}\"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>\
             </saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant=\"{}\" SessionIndex=\"{id}s\"{until}>\
             <saml:AuthnContext><saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>\
             <saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>",
            response.signed_in.iso()
        )
    }

    /// Signs a text that is in canonical form, and puts the signature behind the first `after`.
    fn signed(&self, text: &str, id: &str, after: &str) -> String {
        let digest = STANDARD.encode(hash(MessageDigest::sha256(), text.as_bytes()).expect("a digest"));
        let info = |namespace: &str| {
            format!(
                "<ds:SignedInfo{namespace}><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
                 </ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\">\
                 </ds:SignatureMethod><ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform \
                 Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform \
                 Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms><ds:DigestMethod \
                 Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue>\
                 </ds:Reference></ds:SignedInfo>"
            )
        };
        let namespace = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).expect("a signer");
        let value = STANDARD.encode(signer.sign_oneshot_to_vec(info(namespace).as_bytes()).expect("a signature"));
        let signature = format!("<ds:Signature{namespace}>{}<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>", info(""));
        let (before, behind) = text.split_once(after).expect("a place for the signature");
        format!("{before}{after}{signature}{behind}")
    }
}

impl TestApp {
    /// A provider whose certificate lasts for years.
    pub fn saml_provider(&self) -> SamlProvider {
        SamlProvider::new(&self.clock, 1_000)
    }

    /// An enabled connection to this provider; people get the role User.
    pub fn connect_saml(&self, organization: OrganizationId, provider: &SamlProvider, provisioning: Provisioning) -> ConnectionId {
        self.connect_saml_with(organization, provider, |new| new.provisioning = provisioning)
    }

    /// An enabled connection to this provider, changed before it is saved.
    pub fn connect_saml_with(
        &self,
        organization: OrganizationId,
        provider: &SamlProvider,
        change: impl Fn(&mut NewConnection),
    ) -> ConnectionId {
        self.make_connection(organization, ConnectionKind::Saml, |new| {
            let saml = SamlSettings {
                entity_id: ENTITY_ID.into(),
                sso_url: SSO_URL.into(),
                two_step_contexts: vec!["https://refeds.org/profile/mfa".into()],
                ..SamlSettings::default()
            };
            new.settings = Settings { saml, ..Settings::default() };
            new.secret = None;
            new.certificates = vec![provider.certificate()];
            change(new);
        })
    }
}

/// The form that the provider's page posts.
pub fn form(document: &str, relay_state: &str) -> String {
    let fields = [("SAMLResponse", STANDARD.encode(document).as_str()), ("RelayState", relay_state)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    serde_html_form::to_string(fields).expect("a form")
}

impl Person {
    /// Posts a document to an assertion consumer service as the provider's page has the browser do it.
    pub async fn post_document(&self, connection: &str, document: &str, relay_state: &str) -> Page {
        let headers = [("sec-fetch-site", "cross-site"), ("origin", "https://idp.example")];
        let path = format!("/sso/saml/{connection}/acs");
        self.request_with(Method::POST, &path, &headers, Some(form(document, relay_state))).await
    }

    /// Brings a response: the post without cookies, and the page that follows with them.
    pub async fn bring(&self, provider: &SamlProvider, response: &Response) -> Page {
        let document = provider.sign(response);
        let page = self.app.visitor().post_document(&response.connection, &document, &response.relay_state).await;
        match page.went.last() {
            Some(to) => self.get(to).await,
            None => page,
        }
    }

    /// Signs in through a connection as this person of the provider.
    pub async fn sign_in_with_saml(&self, connection: ConnectionId, provider: &SamlProvider, name_id: &str, email: &str) -> Page {
        let address = self.start_sign_in(connection).await;
        self.bring(provider, &provider.respond(&address, name_id, email)).await
    }
}
