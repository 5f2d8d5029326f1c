//! An authenticator app (TOTP, RFC 6238) and recovery codes.

use super::{Page, Person, TestApp};
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// An authenticator app on a person's phone, and the recovery codes they saved.
pub struct Phone {
    totp: Totp,
    pub codes: Vec<String>,
}

impl Phone {
    /// Scans the QR code on this page.
    pub fn scan(page: &Page) -> Self {
        let key = page.attribute("#key", "value").expect("a key").replace(' ', "");
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(Secret::try_from_base32(key).expect("base 32"))
            .build()
            .expect("an app");
        Self { totp, codes: vec![] }
    }

    /// Sets up an app for a person who authenticated recently.
    pub async fn enrol(app: &TestApp, person: &Person) -> Self {
        let mut phone = Self::scan(&person.get("/two-step/authenticator").await.assert_status(200));
        let page = person.submit("Turn it on", &[("code", &phone.code(app))]).await.assert_status(200);
        phone.codes = page.all("#codes").concat().split_whitespace().map(str::to_owned).collect();
        phone
    }

    /// The present code.
    pub fn code(&self, app: &TestApp) -> String {
        self.code_at(app, 0)
    }
    /// The code this many time steps from now.
    pub fn code_at(&self, app: &TestApp, steps: i64) -> String {
        let seconds = app.clock.now().micros() / 1_000_000 + 30 * steps;
        self.totp.generate(u64::try_from(seconds).expect("after 1970")).to_string()
    }
}
