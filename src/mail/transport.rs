//! Delivery of letters: to an SMTP server, or into files if none is configured.

use super::Letter;
use crate::kit::{LetterId, email::Email, secret::SecretString};
use lettre::{
    Address, Message, SmtpTransport, Transport as _,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};
use url::Url;

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Protection {
    /// TLS from the first byte: `smtps://`.
    Tls,
    /// STARTTLS, required: `smtp://`.
    StartTls,
    /// No encryption: `smtp://…?tls=none`, for servers on the same machine.
    None,
}

/// A mail server, as `ROSTER_SMTP_URL` names it.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<(String, SecretString)>,
}

impl FromStr for SmtpSettings {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let example = "write smtp://user:password@host:587 (STARTTLS), smtps://user:password@host (TLS) or smtp://localhost:25?tls=none";
        let url = Url::parse(text).map_err(|why| format!("is not a URL ({why}); {example}"))?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| format!("names no host; {example}"))?
            .to_owned();
        let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let protection = match (url.scheme(), &asked.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>()[..]) {
            ("smtps", []) => Protection::Tls,
            ("smtp", [] | [("tls", "required")]) => Protection::StartTls,
            ("smtp", [("tls", "none")]) => Protection::None,
            ("smtp" | "smtps", _) => return Err(format!("has a setting after the question mark that is not known; {example}")),
            (scheme, _) => return Err(format!("begins with {scheme}://; {example}")),
        };
        let credentials = (!url.username().is_empty()).then(|| {
            let decode = |part: &str| percent_decode(part);
            (decode(url.username()), SecretString::new(decode(url.password().unwrap_or_default())))
        });
        if credentials.is_some() && protection == Protection::None && !matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
            return Err("would send a password unprotected over the network; leave out ?tls=none".into());
        }
        let port = url.port().unwrap_or(match protection {
            Protection::Tls => 465,
            Protection::StartTls => 587,
            Protection::None => 25,
        });
        Ok(Self { host, port, protection, credentials })
    }
}

fn percent_decode(part: &str) -> String {
    // The form parser decodes the same escapes, but it would read a plus sign as a space.
    let query = format!("v={}", part.replace('+', "%2B"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

impl std::fmt::Display for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let how = match self.protection {
            Protection::Tls => "TLS",
            Protection::StartTls => "STARTTLS",
            Protection::None => "unprotected",
        };
        write!(f, "{}:{} ({how})", self.host, self.port)
    }
}

/// The result of a delivery attempt.
#[derive(Debug, PartialEq, Eq)]
pub enum Attempt {
    Sent,
    Filed,
    /// A temporary failure.
    Failed(String),
    /// A permanent failure: the server refused this letter or this address.
    Refused(String),
}

/// The delivery method.
#[derive(Clone)]
pub struct Transport {
    from: Mailbox,
    way: Delivery,
}

#[derive(Clone)]
enum Delivery {
    Smtp(Box<SmtpTransport>),
    Files(PathBuf),
}

impl Transport {
    /// Delivers by SMTP. The extra root certificate is for servers without a publicly trusted certificate.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn smtp(settings: &SmtpSettings, from: Mailbox, root: Option<&[u8]>) -> Result<Self, String> {
        let tls = || -> Result<TlsParameters, String> {
            let mut builder = TlsParameters::builder(settings.host.clone());
            if let Some(pem) = root {
                builder = builder
                    .add_root_certificate(Certificate::from_pem(pem).map_err(|why| format!("the certificate cannot be read: {why}"))?);
            }
            builder.build_rustls().map_err(|why| why.to_string())
        };
        let mut builder = SmtpTransport::builder_dangerous(&settings.host)
            .port(settings.port)
            .timeout(Some(Duration::from_secs(20)))
            .tls(match settings.protection {
                Protection::Tls => Tls::Wrapper(tls()?),
                Protection::StartTls => Tls::Required(tls()?),
                Protection::None => Tls::None,
            });
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self { from: in_ascii(from), way: Delivery::Smtp(Box::new(builder.build())) })
    }

    /// Writes `.eml` files into a folder.
    pub fn files(folder: PathBuf, from: Mailbox) -> Self {
        Self { from: in_ascii(from), way: Delivery::Files(folder) }
    }

    /// Delivers one letter and blocks until done: not for async threads.
    pub(super) fn deliver(&self, id: LetterId, to: &str, letter: &Letter) -> Attempt {
        let message = match self.compose(id, to, letter) {
            Ok(message) => message,
            Err(why) => return Attempt::Refused(why),
        };
        match &self.way {
            Delivery::Files(folder) => match write_private(folder, &format!("{id}.eml"), &message.formatted()) {
                Ok(()) => Attempt::Filed,
                Err(why) => Attempt::Failed(format!("{}: {why}", folder.display())),
            },
            Delivery::Smtp(smtp) => match smtp.send(&message) {
                Ok(_) => Attempt::Sent,
                Err(error) if error.is_permanent() => Attempt::Refused(sentence(&error)),
                // The letter was never sent, and another attempt would end the same way.
                Err(error) if error.is_client() && !message.envelope().to().iter().all(|to| AsRef::<str>::as_ref(to).is_ascii()) => {
                    Attempt::Refused(NO_SMTPUTF8.into())
                }
                Err(error) => Attempt::Failed(sentence(&error)),
            },
        }
    }

    fn compose(&self, id: LetterId, to: &str, letter: &Letter) -> Result<Message, String> {
        let address = match Email::parse(to) {
            Ok(email) => email.wire().parse(),
            Err(_) => to.parse::<Address>(),
        };
        let address = address.map_err(|why| format!("{why}"))?;
        let domain = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            // After a crash the letter may be sent again with the same Message-ID, so that the recipient's mailbox can
            // detect the duplicate.
            .message_id(Some(format!("<{id}@{domain}>")))
            .subject(&letter.subject)
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
            .map_err(|why| why.to_string())
    }
}

/// The error for addresses like `用户@…` that the mail server does not support.
const NO_SMTPUTF8: &str = "The mail server takes no address with letters beyond ASCII before the @ (it does not offer SMTPUTF8). \
     Use another address of theirs.";

/// The sender with the domain in ASCII, which every mail server accepts.
fn in_ascii(from: Mailbox) -> Mailbox {
    let wire = Email::parse(from.email.as_ref()).ok().and_then(|email| email.wire().parse().ok());
    Mailbox::new(from.name, wire.unwrap_or(from.email))
}

/// Marks the letter as automatic (RFC 3834), so that no out-of-office message answers it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// The error with its causes, short enough for a row of a list. A cause that is already in the text is not repeated.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(cause) = inner {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        inner = cause.source();
    }
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// Writes a file that only its owner reads, in a folder that only its owner opens: letters hold live links.
fn write_private(folder: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(folder.join(name))?.write_all(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_never_given_a_password_in_the_open() {
        let read = |text: &str| text.parse::<SmtpSettings>();
        assert!(read("smtp://user:pw@mail.example:25?tls=none").unwrap_err().contains("unprotected"));
        assert!(read("smtp://user:pw@localhost:25?tls=none").is_ok());
        assert_eq!(read("smtp://user:pw@mail.example").unwrap().to_string(), "mail.example:587 (STARTTLS)");
        assert_eq!(read("smtps://mail.example").unwrap().to_string(), "mail.example:465 (TLS)");
        assert!(!format!("{:?}", read("smtp://user:hunter2@mail.example").unwrap()).contains("hunter2"));
        assert_eq!(
            read("smtp://a%40b:p%2B+w@mail.example").unwrap().credentials.unwrap(),
            ("a@b".into(), SecretString::new("p++w"))
        );
    }

    #[cfg(unix)]
    #[test]
    fn letters_in_files_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mail = folder.path().join("data/mail");
        write_private(&mail, "1.eml", b"a letter").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&mail), mode(&mail.join("1.eml"))), (0o700, 0o600));
    }

    #[test]
    fn the_sender_goes_out_in_ascii() {
        for (given, sent) in [
            ("Roster <roster@exämple.org>", "Roster <roster@xn--exmple-cua.org>"),
            ("Roster <roster@localhost>", "Roster <roster@localhost>"),
        ] {
            assert_eq!(in_ascii(given.parse().unwrap()).to_string(), sent);
        }
    }

    #[test]
    fn a_wrong_mail_setting_says_what_is_wrong() {
        for (text, says) in [
            ("mail.example", "not a URL"),
            ("http://x", "http://"),
            ("smtp://", "no host"),
            ("smtp://x?tls=opportunistic", "not known"),
        ] {
            assert!(text.parse::<SmtpSettings>().unwrap_err().contains(says), "{text}");
        }
    }
}
