//! The client: resolves, judges, connects, and reads as much of an answer as its caller wants.

use super::{
    networks::OpenedNetworks,
    places::Places,
    target::{Target, TargetRefusal, read},
};
use crate::kit::{Fault, OrganizationId};
use std::{io::ErrorKind, time::Duration};
use ureq::{
    Agent, Error, Timeout,
    config::Config,
    http::{Request, Response, StatusCode, Uri},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

/// How long a whole request may take, from the name to the end of the answer.
pub const SILENCE: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
const RESOLVE: Duration = Duration::from_secs(3);
const LONGEST_HEAD: usize = 16 * 1024;

/// Resolves a host, and refuses all of its addresses if one of them is not permitted.
#[derive(Debug, Clone)]
struct JudgingResolver(OpenedNetworks);

/// The error of an address that is not permitted, which ureq passes through.
#[derive(Debug, thiserror::Error)]
#[error("not permitted")]
struct NotPermitted;

impl Resolver for JudgingResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let has_tls = uri.scheme_str() == Some("https");
        if found.iter().all(|address| self.0.permit(address.ip(), has_tls)) {
            Ok(found)
        } else {
            Err(Error::Other(Box::new(NotPermitted)))
        }
    }
}

/// Why there is no answer, in words for the person who typed the address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("The name is not known, or its address is not public.")]
    NotPermitted,
    #[error("No answer within {} seconds.", SILENCE.as_secs())]
    Silent,
    #[error("The connection was refused or broke off.")]
    Unreachable,
    #[error("TLS failed: {0}.")]
    Tls(String),
    #[error("The answer is too long.")]
    TooLong,
    #[error("The answer leads somewhere else, which is not followed.")]
    Redirected,
    #[error("The answer is no HTTP.")]
    Garbled,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::HostNotFound | Error::Timeout(Timeout::Resolve) => Self::NotPermitted,
            Error::Other(cause) if cause.is::<NotPermitted>() => Self::NotPermitted,
            Error::Timeout(_) => Self::Silent,
            Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => Self::TooLong,
            Error::Rustls(why) => Self::Tls(why.to_string()),
            Error::Tls(why) => Self::Tls(why.to_owned()),
            Error::Io(why) => match why.kind() {
                // rustls reports a certificate that is not trusted like this.
                ErrorKind::InvalidData => Self::Tls(why.to_string()),
                ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable => Self::Unreachable,
                ErrorKind::TimedOut => Self::Silent,
                // A name that is not known has no kind of its own.
                _ => Self::NotPermitted,
            },
            Error::ConnectionFailed => Self::Unreachable,
            _ => Self::Garbled,
        }
    }
}

/// An answer whose body has not been read yet.
pub struct Answer(Response<ureq::Body>);

impl Answer {
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }
    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }
    /// The answer with its body, for libraries that read it themselves.
    ///
    /// # Errors
    /// [`Failure::Redirected`], or [`Failure::TooLong`] when the body has more than `most` bytes.
    pub fn whole(self, most: u64) -> Result<Response<Vec<u8>>, Failure> {
        if self.0.status().is_redirection() {
            return Err(Failure::Redirected);
        }
        let (parts, body) = self.0.into_parts();
        Ok(Response::from_parts(parts, body.into_with_config().limit(most).read_to_vec()?))
    }
    /// Reads the body.
    ///
    /// # Errors
    /// [`Failure::TooLong`] when it has more than `most` bytes.
    pub fn read(self, most: u64) -> Result<Vec<u8>, Failure> {
        Ok(self.0.into_body().into_with_config().limit(most).read_to_vec()?)
    }
}

/// The client, shared by everybody who makes requests.
#[derive(Clone, Debug)]
pub struct Outbound {
    agent: Agent,
    resolver: JudgingResolver,
    places: Places,
}

impl Outbound {
    pub fn new(opened: OpenedNetworks) -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(SILENCE))
            .timeout_resolve(Some(RESOLVE))
            .timeout_connect(Some(CONNECT))
            // A connection that is kept could belong to an address that would be judged differently now.
            .max_idle_connections(0)
            .max_response_header_size(LONGEST_HEAD)
            .user_agent("Roster")
            .accept_encoding("identity")
            .build();
        let resolver = JudgingResolver(opened);
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver.clone()),
            resolver,
            places: Places::default(),
        }
    }

    /// Judges an address that a person of this organization typed, before it is saved: its form, and every address of its
    /// host.
    ///
    /// # Errors
    /// A [`TargetRefusal`], or [`Fault::Broken`].
    pub async fn judge(&self, organization: OrganizationId, text: &str) -> Result<Result<Target, TargetRefusal>, Fault> {
        let text = text.trim().to_owned();
        if let Err(refusal) = read(&text) {
            return Ok(Err(refusal));
        }
        let outbound = self.clone();
        match self.off_thread(organization, move || outbound.judge_here(&text)).await {
            Err(Fault::Unavailable(_)) => Ok(Err(TargetRefusal::Busy)),
            judged => judged,
        }
    }

    fn judge_here(&self, text: &str) -> Result<Target, TargetRefusal> {
        let url = read(text)?;
        let uri: Uri = url.as_str().parse().map_err(|_| TargetRefusal::Unreadable)?;
        let timeout = NextTimeout { after: RESOLVE.into(), reason: Timeout::Resolve, per_read: None, per_write: None };
        match self.resolver.resolve(&uri, self.agent.config(), timeout) {
            Ok(_) => Ok(Target(url)),
            Err(_) if url.scheme() == "http" => Err(TargetRefusal::NotHttps),
            Err(_) => Err(TargetRefusal::NotPublic),
        }
    }

    /// Makes a request on the current thread, which must not be an async one. A redirect is an answer like any other.
    ///
    /// # Errors
    /// A [`Failure`].
    pub fn call(&self, request: Request<Vec<u8>>) -> Result<Answer, Failure> {
        Ok(Answer(self.agent.run(request)?))
    }

    /// Runs work of this organization that makes requests outside the async threads, a limited number at once.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when no place becomes free in time, [`Fault::Broken`] when the work panics.
    pub async fn off_thread<T: Send + 'static>(
        &self,
        organization: OrganizationId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let place = self.places.take(organization).await?;
        let run = move || {
            let _place = place;
            work()
        };
        tokio::task::spawn_blocking(run).await.map_err(Fault::broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
        time::Instant,
    };

    /// A server that gives everybody this answer.
    fn answering(answer: String) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        port
    }

    fn opened() -> Outbound {
        Outbound::new("127.0.0.0/8".parse().unwrap())
    }
    fn get(outbound: &Outbound, url: &str) -> Result<Answer, Failure> {
        outbound.call(Request::get(url).body(Vec::new()).unwrap())
    }

    #[test]
    fn private_addresses_are_not_called_however_they_are_written() {
        let port = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".into());
        let closed = Outbound::new(OpenedNetworks::default());
        for host in [
            "127.0.0.1",
            "localhost",
            "localhost.",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0.0.0.0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::]",
            "169.254.169.254",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[64:ff9b::7f00:1]",
            "10.0.0.1",
            "100.64.0.1",
        ] {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://{host}:{port}/");
                assert!(closed.judge_here(&url).is_err(), "{url} is saved");
                let started = Instant::now();
                assert!(get(&closed, &url).is_err(), "{url} is called");
                assert!(started.elapsed() < RESOLVE + Duration::from_secs(2), "{url} was tried");
            }
        }
    }

    #[test]
    fn an_opened_network_is_called_and_judged_as_such() {
        let port = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".into());
        let url = format!("http://127.0.0.1:{port}/");
        assert_eq!(opened().judge_here(&url).unwrap().as_str(), url);
        let answer = get(&opened(), &url).unwrap();
        assert_eq!((answer.status().as_u16(), answer.read(10).unwrap()), (200, b"hi".to_vec()));
        assert_eq!(opened().judge_here("http://1.1.1.1/"), Err(TargetRefusal::NotHttps));
        assert_eq!(opened().judge_here("https://10.0.0.1/"), Err(TargetRefusal::NotPublic));
    }

    #[test]
    fn no_redirect_is_followed() {
        let inner = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".into());
        let port = answering(format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inner}/\r\nContent-Length: 0\r\n\r\n"));
        let answer = get(&opened(), &format!("http://127.0.0.1:{port}/")).unwrap();
        assert_eq!(answer.status().as_u16(), 302);
    }

    #[test]
    fn a_large_answer_is_cut_off() {
        let port = answering(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(3_000_000)));
        let answer = get(&opened(), &format!("http://127.0.0.1:{port}/")).unwrap();
        assert_eq!(answer.read(1_000_000), Err(Failure::TooLong));
        let port = answering(format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(3_000_000)));
        assert!(get(&opened(), &format!("http://127.0.0.1:{port}/")).is_err());
    }

    #[test]
    fn a_silent_place_is_left() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let started = Instant::now();
        assert_eq!(get(&opened(), &format!("http://127.0.0.1:{port}/")).err(), Some(Failure::Silent));
        assert!(started.elapsed() < SILENCE + Duration::from_secs(2));
    }

    #[test]
    fn a_closed_port_and_a_server_without_tls_are_told_apart() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(get(&opened(), &format!("http://127.0.0.1:{gone}/")).err(), Some(Failure::Unreachable));
        let plain = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".into());
        let failure = get(&opened(), &format!("https://127.0.0.1:{plain}/")).err();
        assert!(matches!(failure, Some(Failure::Tls(_) | Failure::Unreachable)), "{failure:?}");
    }

    #[test]
    fn a_proxy_of_the_environment_is_not_used() {
        assert!(opened().agent.config().proxy().is_none());
    }
}
