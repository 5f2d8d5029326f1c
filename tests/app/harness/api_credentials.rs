//! Programs with credentials of different width, for tests of the API.

use super::{Person, TestApp, system_accounts::Program};
use roster::kit::MemberId;

impl TestApp {
    /// A program with a token of this system account. The fields are those of the form; by default the token may do all
    /// that its account may do.
    pub async fn program_of(&self, by: &Person, account: MemberId, fields: &[(&str, &str)]) -> Program {
        let base = format!("/o/{}/system-accounts/{account}/tokens", by.organization());
        let mut all = vec![("mode", "read_write")];
        all.retain(|(name, _)| fields.iter().all(|(other, _)| other != name));
        all.extend(fields);
        let name = format!("token {}", self.count("SELECT count(*) FROM tokens"));
        self.program().bearer(&by.make_token(&base, &name, &all).await)
    }

    /// A program whose new system account has this role.
    pub async fn program_as(&self, by: &Person, name: &str, role: &str) -> Program {
        self.program_as_with(by, name, role, &[]).await
    }

    /// [`TestApp::program_as`] with these fields in the form of its token.
    pub async fn program_as_with(&self, by: &Person, name: &str, role: &str, fields: &[(&str, &str)]) -> Program {
        let account = self.machine(by.organization(), name, role);
        self.program_of(by, account, fields).await
    }

    /// A program that may do everything.
    pub async fn administrating_program(&self, by: &Person) -> Program {
        let account = self.machine(by.organization(), "administrating", "Administrator");
        self.program_of(by, account, &[]).await
    }

    /// A program whose system account has these permissions and no others.
    pub async fn program_with(&self, by: &Person, name: &str, permissions: &[&str]) -> Program {
        self.role(by.organization(), name, permissions);
        let account = self.machine(by.organization(), name, name);
        self.program_of(by, account, &[]).await
    }
}
