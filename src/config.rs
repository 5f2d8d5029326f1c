//! Settings: flags and environment, read and checked once at the start. A wrong one stops it with a sentence.

mod public_url;

use crate::{
    db::{Db, Engine, Target},
    domains::Resolvers,
    kit::{
        MailRoute,
        secret::{self, MasterKey, SecretString},
    },
    mail::{SmtpSettings, Transport},
    outbound::OpenedNetworks,
    passwords::Cost,
    web::{Applications, TrustedProxies},
};
use clap::Args;
use lettre::message::Mailbox;
use public_url::{check_public_url, is_this_machine, local_url};
use std::{
    fs,
    io::Write,
    net::{SocketAddr, ToSocketAddrs},
    path::{Path, PathBuf},
};
use url::Url;

/// Settings as they are typed. Every flag has a variable of the environment.
#[derive(Args, Clone, Debug)]
pub struct Flags {
    /// Where the data is: sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE. Without it, roster.db in the data folder
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub database_url: Option<Redacted>,

    /// A streaming replica of a PostgreSQL database, which exports are read from
    #[arg(long, env = "DATABASE_READ_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub database_read_url: Option<Redacted>,

    /// Folder for what Roster keeps in files: the SQLite database, the secret key, mail where no server is set
    #[arg(long, env = "ROSTER_DATA_DIR", global = true, default_value = "data", value_name = "FOLDER")]
    pub data_dir: PathBuf,

    /// Address and port to listen on
    #[arg(
        long,
        env = "ROSTER_LISTEN",
        global = true,
        default_value = "localhost:8080",
        value_name = "HOST:PORT"
    )]
    pub listen: String,

    /// The address people open in their browser. All links begin with it, and requests for other hosts are refused. Without it, this machine at the port that is listened on
    #[arg(long, env = "ROSTER_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<Url>,

    /// Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas. None by default
    #[arg(
        long,
        env = "ROSTER_TRUSTED_PROXIES",
        global = true,
        default_value = "",
        hide_default_value = true,
        value_name = "NETWORKS"
    )]
    pub trusted_proxies: TrustedProxies,

    /// Hosts of applications whose proxy may send people to sign in and back (forward-auth), separated by commas
    #[arg(
        long,
        env = "ROSTER_FORWARD_AUTH_HOSTS",
        global = true,
        value_delimiter = ',',
        value_name = "HOSTS"
    )]
    pub forward_auth_hosts: Vec<String>,

    /// The domain that Roster and these applications are beneath, for the cookie that they share
    #[arg(long, env = "ROSTER_FORWARD_AUTH_DOMAIN", global = true, value_name = "DOMAIN")]
    pub forward_auth_domain: Option<String>,
    /// Networks that webhooks may reach although they are private or without TLS, separated by commas. None by default
    #[arg(
        long,
        env = "ROSTER_OUTBOUND_ALLOW",
        global = true,
        default_value = "",
        hide_default_value = true,
        value_name = "NETWORKS"
    )]
    pub outbound_allow: OpenedNetworks,

    /// DNS resolvers that are asked for the proof of email domains: IP addresses with or without a port, separated by commas. Without it, those of the system
    #[arg(
        long,
        env = "ROSTER_DNS_RESOLVER",
        global = true,
        default_value = "",
        hide_default_value = true,
        value_name = "ADDRESSES"
    )]
    pub dns_resolver: Resolvers,

    /// Key that seals mail in waiting and signs cookies, at least 32 characters, the same for all processes. Without it, one is made and kept in secret.key of the data folder
    #[arg(long, env = "ROSTER_SECRET_KEY", global = true, hide_env_values = true, value_name = "TEXT")]
    pub secret_key: Option<Redacted>,

    /// Mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://… (TLS). Without it, mail is written to files
    #[arg(long, env = "ROSTER_SMTP_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<Redacted>,

    /// A certificate (PEM file) to trust besides the public ones when mail is sent
    #[arg(long, env = "ROSTER_SMTP_CA", global = true, value_name = "FILE")]
    pub smtp_ca: Option<PathBuf>,

    /// Sender of all mail
    #[arg(
        long,
        env = "ROSTER_MAIL_FROM",
        global = true,
        default_value = "Roster <roster@localhost>",
        value_name = "ADDRESS"
    )]
    pub mail_from: String,

    /// How many pages read the database at once
    #[arg(long, env = "ROSTER_DATABASE_CONNECTIONS", global = true, default_value_t = 10, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: u32,

    /// Requests that one API credential may send in a minute, to all processes together. 0 is no limit
    #[arg(long, env = "ROSTER_API_REQUESTS", global = true, default_value_t = 6_000, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub api_requests: u32,

    /// Memory of the password hash argon2id, in KiB
    #[arg(long, env = "ROSTER_ARGON2_MEMORY", global = true, default_value_t = Cost::default().memory, value_name = "KIB")]
    pub argon2_memory: u32,

    /// Passes of the password hash argon2id
    #[arg(long, env = "ROSTER_ARGON2_PASSES", global = true, default_value_t = Cost::default().passes, value_name = "NUMBER")]
    pub argon2_passes: u32,

    /// How logs are written: text for people, json for programs
    #[arg(long, env = "ROSTER_LOG_FORMAT", global = true, default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,

    /// What is logged: error, warn, info, debug, or per part such as roster=debug
    #[arg(long, env = "ROSTER_LOG", global = true, default_value = "info", value_name = "LEVELS")]
    pub log: String,
}

/// A setting that is never printed.
#[derive(Clone)]
pub struct Redacted(SecretString);

impl From<&str> for Redacted {
    fn from(text: &str) -> Self {
        Self(SecretString::new(text))
    }
}
impl std::fmt::Debug for Redacted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Settings that were checked.
#[derive(Clone)]
pub struct Config {
    pub database: Target,
    pub listen: Vec<SocketAddr>,
    pub public_url: Url,
    pub trusted_proxies: TrustedProxies,
    /// Applications that may send people to sign in.
    pub applications: Applications,
    /// Networks that requests of Roster may reach although they are private or without TLS.
    pub outbound: OpenedNetworks,
    /// DNS resolvers for the proof of domains.
    pub resolvers: Resolvers,
    pub key: MasterKey,
    pub transport: Transport,
    /// Where mail goes; shown on pages and when the server starts.
    pub mail: MailRoute,
    pub data_dir: PathBuf,
    pub connections: u32,
    /// Requests of one API credential in a minute; 0 is no limit.
    pub api_requests: u32,
    pub cost: Cost,
}

impl Config {
    /// Warnings about settings that work but may not be what the operator wants. Logged once, when serving begins.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let host = self.public_url.host_str().unwrap_or_default();
        let is_beyond = self.listen.iter().any(|address| !address.ip().is_loopback());
        if is_beyond && is_this_machine(host) {
            doubts.push(format!(
                "other machines can connect, but {} opens on this one only, and requests for other addresses are refused. Set \
                 ROSTER_PUBLIC_URL to what people open, or ROSTER_LISTEN to localhost",
                self.public_url
            ));
        }
        if self.public_url.domain().is_none() {
            doubts.push(format!("{} is a number. Passkeys are bound to a name, so none are offered", self.public_url));
        }
        doubts
    }
}

impl Flags {
    /// The database that the settings name.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn database(&self) -> Result<Target, String> {
        match &self.database_url {
            None => Ok(Target::Sqlite(self.data_dir.join("roster.db"))),
            Some(Redacted(url)) => Target::parse(url.expose()).map_err(|why| format!("DATABASE_URL {why}")),
        }
    }

    /// Opens the database, which every command needs.
    ///
    /// # Errors
    /// A sentence that names the setting and says why it cannot be opened.
    pub fn open_database(&self, connections: u32) -> Result<Db, String> {
        let setting = if self.database_url.is_some() {
            "DATABASE_URL"
        } else {
            "ROSTER_DATA_DIR"
        };
        let replica = self.replica()?;
        let db = Db::open(&self.database()?, connections).map_err(|why| format!("{setting}: {why}"))?;
        match replica {
            None => Ok(db),
            Some(replica) => db.with_replica(&replica).map_err(|why| format!("DATABASE_READ_URL: {why}")),
        }
    }

    fn replica(&self) -> Result<Option<Target>, String> {
        let Some(Redacted(url)) = &self.database_read_url else {
            return Ok(None);
        };
        let replica = Target::parse(url.expose()).map_err(|why| format!("DATABASE_READ_URL {why}"))?;
        let engines = [self.database()?.engine(), replica.engine()];
        if engines != [Engine::Postgres, Engine::Postgres] {
            return Err("DATABASE_READ_URL is for a replica of PostgreSQL, which DATABASE_URL has to be too".into());
        }
        Ok(Some(replica))
    }

    /// Checks all settings, and creates the data folder and the key if they are missing.
    ///
    /// # Errors
    /// A sentence that names the setting and says what is wrong with it.
    pub fn check(&self) -> Result<Config, String> {
        let database = self.database()?;
        let listen = self
            .listen
            .to_socket_addrs()
            .map_err(|why| format!("ROSTER_LISTEN: {:?} is not an address with a port ({why})", self.listen))?;
        let public_url = self.public_url.clone().map_or_else(|| local_url(&self.listen), Ok)?;
        check_public_url(&public_url)?;
        let applications = Applications::new(&public_url, &self.forward_auth_hosts, self.forward_auth_domain.as_deref())?;
        let cost = Cost { memory: self.argon2_memory, passes: self.argon2_passes, lanes: 1 };
        cost.check().map_err(|why| format!("ROSTER_ARGON2_MEMORY or ROSTER_ARGON2_PASSES: {why}"))?;
        make_private_folder(&self.data_dir).map_err(|why| format!("ROSTER_DATA_DIR: {} cannot be used: {why}", self.data_dir.display()))?;
        let (transport, mail) = self.transport()?;
        Ok(Config {
            database,
            listen: listen.collect(),
            public_url,
            trusted_proxies: self.trusted_proxies.clone(),
            applications,
            outbound: self.outbound_allow.clone(),
            resolvers: self.dns_resolver.clone(),
            key: self.key()?,
            transport,
            mail,
            data_dir: self.data_dir.clone(),
            connections: self.database_connections,
            api_requests: self.api_requests,
            cost,
        })
    }

    fn key(&self) -> Result<MasterKey, String> {
        if let Some(Redacted(text)) = &self.secret_key {
            return MasterKey::from_text(text.expose()).map_err(|why| format!("ROSTER_SECRET_KEY {why}"));
        }
        let file = self.data_dir.join("secret.key");
        let text = read_or_make_key(&file).map_err(|why| format!("{} cannot be used: {why}", file.display()))?;
        MasterKey::from_text(text.trim()).map_err(|why| format!("{} {why}", file.display()))
    }

    fn transport(&self) -> Result<(Transport, MailRoute), String> {
        let from: Mailbox = self.mail_from.parse().map_err(|why| {
            format!(
                "ROSTER_MAIL_FROM: {:?} is not an address such as Roster <roster@example.org> ({why})",
                self.mail_from
            )
        })?;
        let Some(Redacted(url)) = &self.smtp_url else {
            let folder = self.data_dir.join("mail");
            let route = MailRoute::Files { folder: folder.display().to_string(), from: from.to_string() };
            return Ok((Transport::files(folder, from), route));
        };
        let settings: SmtpSettings = url.expose().parse().map_err(|why| format!("ROSTER_SMTP_URL {why}"))?;
        let root = match &self.smtp_ca {
            Some(file) => Some(fs::read(file).map_err(|why| format!("ROSTER_SMTP_CA: {}: {why}", file.display()))?),
            None => None,
        };
        let route = MailRoute::Server { server: settings.to_string(), from: from.to_string() };
        Ok((
            Transport::smtp(&settings, from, root.as_deref()).map_err(|why| format!("ROSTER_SMTP_CA: {why}"))?,
            route,
        ))
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn read_or_make_key(file: &Path) -> std::io::Result<String> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(mut new) => {
            let text = secret::Secret::generate().expose().to_owned();
            writeln!(new, "{text}")?;
            Ok(text)
        }
        // Another process created it a moment ago, or an earlier start did.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => fs::read_to_string(file),
        Err(error) => Err(error),
    }
}
