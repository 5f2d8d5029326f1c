//! A software passkey (WebAuthn authenticator) for tests.

use super::Person;
use serde::de::DeserializeOwned;
use webauthn_authenticator_rs::{AuthenticatorBackend, softpasskey::SoftPasskey};
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential};
use webauthn_rs_proto::{AllowCredentials, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};

/// A device that stores one passkey and reports that it verified its owner.
pub struct Key {
    device: SoftPasskey,
    id: Vec<u8>,
    owner: Vec<u8>,
}

/// What the form on the current page asks the browser for.
#[track_caller]
fn options<T: DeserializeOwned>(person: &Person) -> T {
    let options = person.page().attribute("form[data-passkey]", "data-options").expect("a ceremony");
    serde_json::from_str(&options).expect("options")
}

impl Key {
    /// Creates a passkey for the current page; returns it with the browser's answer.
    pub fn create(person: &Person, origin: &str) -> (Self, String) {
        let options: PublicKeyCredentialCreationOptions = options(person);
        let mut device = SoftPasskey::new(true);
        let owner = options.user.id.clone();
        let made: RegisterPublicKeyCredential =
            device.perform_register(origin.parse().expect("an address"), options, 1000).expect("a passkey");
        let answer = serde_json::to_string(&made).expect("JSON");
        let id = made.raw_id.clone();
        (Self { device, id, owner }, answer)
    }

    /// Answers the challenge on the current page.
    pub fn answer(&mut self, person: &Person, origin: &str) -> String {
        let mut options: PublicKeyCredentialRequestOptions = options(person);
        if options.allow_credentials.is_empty() {
            // The device finds its own key, as real devices do.
            options
                .allow_credentials
                .push(AllowCredentials { type_: "public-key".into(), id: self.id.clone(), transports: None });
        }
        let mut made: PublicKeyCredential =
            self.device.perform_auth(origin.parse().expect("an address"), options, 1000).expect("an answer");
        made.response.user_handle = Some(self.owner.clone());
        serde_json::to_string(&made).expect("JSON")
    }
}
