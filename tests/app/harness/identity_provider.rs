//! An identity provider (OpenID Connect) on this machine: it signs in whom the test names, and lies as the test wants.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    bn::{BigNum, BigNumContext},
    ec::{EcGroup, EcKey},
    ecdsa::EcdsaSig,
    nid::Nid,
    pkey::Private,
};
use roster::kit::secret::digest_bytes;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};
use url::{Url, form_urlencoded};

pub const CLIENT: &str = "roster";
pub const CLIENT_SECRET: &str = "a client's secret, with % and +";

type Lie = Arc<dyn Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync>;

/// What the provider does next.
#[derive(Clone)]
pub struct Plan {
    /// Claims beside the usual ones.
    pub claims: Map<String, Value>,
    /// Changes the head and the claims of the ID token before it is signed.
    lie: Option<Lie>,
    /// Replaces the whole answer of an endpoint: its path, status and body.
    pub answers: HashMap<String, (u16, String)>,
    /// What the person info endpoint answers.
    pub user_info: Map<String, Value>,
    /// Whether the discovery document promises RFC 9207.
    pub promises_issuer: bool,
}

/// One code that was handed out.
#[derive(Clone)]
struct Issued {
    nonce: String,
    challenge: String,
    redirect: String,
}

/// A key with its id.
type NamedKey = (String, EcKey<Private>);

#[derive(Clone)]
pub struct IdentityProvider {
    pub port: u16,
    plan: Arc<Mutex<Plan>>,
    codes: Arc<Mutex<HashMap<String, Issued>>>,
    keys: Arc<Mutex<Vec<NamedKey>>>,
    requests: Arc<Mutex<Vec<String>>>,
    now: i64,
}

fn key() -> EcKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("P-256");
    EcKey::generate(&group).expect("a key")
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl IdentityProvider {
    /// Listens on this machine. `now` in seconds is its clock.
    pub fn start(now: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let plan = Plan {
            claims: Map::new(),
            lie: None,
            answers: HashMap::new(),
            user_info: Map::new(),
            promises_issuer: true,
        };
        let provider = Self {
            port: listener.local_addr().expect("an address").port(),
            plan: Arc::new(Mutex::new(plan)),
            codes: Arc::default(),
            keys: Arc::new(Mutex::new(vec![("one".into(), key())])),
            requests: Arc::default(),
            now,
        };
        let shared = provider.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let provider = shared.clone();
                thread::spawn(move || provider.serve(stream));
            }
        });
        provider
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Changes what it does next.
    pub fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.plan.lock().expect("a lock"));
    }

    /// Who signs in next: their subject and address, which is verified.
    pub fn person(&self, subject: &str, email: &str) {
        let claims = json!({ "sub": subject, "email": email, "email_verified": true });
        self.plan(|plan| plan.claims.clone_from(claims.as_object().expect("an object")));
    }

    /// Adds a claim of the next person, or removes it with null.
    pub fn claim(&self, name: &str, value: Value) {
        self.plan(|plan| {
            if value.is_null() {
                plan.claims.remove(name);
            } else {
                plan.claims.insert(name.into(), value);
            }
        });
    }

    /// Lies about the head and the claims of the next ID tokens.
    pub fn lie(&self, lie: impl Fn(&mut Map<String, Value>, &mut Map<String, Value>) + Send + Sync + 'static) {
        self.plan(|plan| plan.lie = Some(Arc::new(lie)));
    }

    /// Tells the truth again.
    pub fn repent(&self) {
        self.plan(|plan| plan.lie = None);
    }

    /// Signs with a new key from now on.
    pub fn roll_key(&self) {
        let mut keys = self.keys.lock().expect("a lock");
        *keys = vec![("two".into(), key())];
    }

    /// The paths that were asked for.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("a lock").clone()
    }

    /// A person signs in at the address to which Roster sent the browser. Returns the path to which they are sent back.
    #[track_caller]
    pub fn sign_in(&self, address: &str) -> String {
        let url = Url::parse(address).expect("an address");
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        let code = format!("code-{}", self.codes.lock().expect("a lock").len());
        let issued = Issued {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
        };
        self.codes.lock().expect("a lock").insert(code.clone(), issued);
        let back = Url::parse(&asked["redirect_uri"]).expect("an address");
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.issuer())
            .finish();
        format!("{}?{query}", back.path())
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1)?.to_owned();
        let (mut length, mut authorization) = (0, String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "authorization" => value.clone_into(&mut authorization),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        self.requests.lock().expect("a lock").push(path.clone());
        let planned = self.plan.lock().expect("a lock").answers.get(&path).cloned();
        let (status, text) = planned.unwrap_or_else(|| self.answer(&path, &authorization, &body));
        let head = format!(
            "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            text.len()
        );
        stream.write_all(format!("{head}{text}").as_bytes()).ok()
    }

    fn answer(&self, path: &str, authorization: &str, body: &[u8]) -> (u16, String) {
        match path {
            "/.well-known/openid-configuration" => (200, self.discovery().to_string()),
            "/jwks" => (200, self.jwks().to_string()),
            "/token" => self.token(authorization, body),
            "/userinfo" => (200, Value::Object(self.plan.lock().expect("a lock").user_info.clone()).to_string()),
            _ => (404, "{}".into()),
        }
    }

    fn discovery(&self) -> Value {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": self.plan.lock().expect("a lock").promises_issuer,
        })
    }

    fn jwks(&self) -> Value {
        let keys = self.keys.lock().expect("a lock");
        let jwk = |(kid, key): &NamedKey| {
            let (mut x, mut y) = (BigNum::new().expect("x"), BigNum::new().expect("y"));
            let mut context = BigNumContext::new().expect("a context");
            let point = key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut context);
            point.expect("a point");
            let part = |number: &BigNum| encode(number.to_vec_padded(32).expect("32 bytes"));
            json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": part(&x), "y": part(&y) })
        };
        json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() })
    }

    fn token(&self, authorization: &str, body: &[u8]) -> (u16, String) {
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let refuse = |error: &str| (400, json!({ "error": error }).to_string());
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(CLIENT_SECRET)));
        if authorization != format!("Basic {basic}") {
            return refuse("invalid_client");
        }
        let Some(issued) = form.get("code").and_then(|code| self.codes.lock().expect("a lock").remove(code)) else {
            return refuse("invalid_grant");
        };
        let verifier = form.get("code_verifier").map(|verifier| encode(digest_bytes(verifier.as_bytes())));
        if verifier != Some(issued.challenge) || form.get("redirect_uri") != Some(&issued.redirect) {
            return refuse("invalid_grant");
        }
        let answer =
            json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": self.id_token(&issued.nonce) });
        (200, answer.to_string())
    }

    fn id_token(&self, nonce: &str) -> String {
        let plan = self.plan.lock().expect("a lock").clone();
        let (kid, key) = self.keys.lock().expect("a lock")[0].clone();
        let mut head = Map::new();
        head.insert("alg".into(), "ES256".into());
        head.insert("kid".into(), kid.into());
        let usual = json!({
            "iss": self.issuer(), "aud": CLIENT, "nonce": nonce, "iat": self.now, "exp": self.now + 300, "auth_time": self.now,
        });
        let mut claims = usual.as_object().expect("an object").clone();
        claims.extend(plan.claims);
        if let Some(lie) = plan.lie {
            lie(&mut head, &mut claims);
        }
        self.sign(&head, &claims, &key)
    }

    /// A compact JWS of these, signed with the present key.
    pub fn signed(&self, head: &Map<String, Value>, claims: &Map<String, Value>) -> String {
        let (_, key) = self.keys.lock().expect("a lock")[0].clone();
        self.sign(head, claims, &key)
    }

    /// A compact JWS of these.
    fn sign(&self, head: &Map<String, Value>, claims: &Map<String, Value>, key: &EcKey<Private>) -> String {
        let part = |map: &Map<String, Value>| encode(Value::Object(map.clone()).to_string());
        let message = format!("{}.{}", part(head), part(claims));
        let signature = match head["alg"].as_str().unwrap_or_default() {
            "none" | "None" => String::new(),
            "HS256" => encode(roster::kit::secret::hmac(&hmac_key(CLIENT_SECRET), message.as_bytes())),
            _ => encode(ecdsa(key, message.as_bytes())),
        };
        format!("{message}.{signature}")
    }
}

/// The key of HMAC-SHA-256 for a secret that is no longer than a block, as our function takes it.
fn hmac_key(secret: &str) -> [u8; 32] {
    let mut key = [0; 32];
    let bytes = secret.as_bytes();
    let length = bytes.len().min(32);
    key[..length].copy_from_slice(&bytes[..length]);
    key
}

/// ECDSA with SHA-256 as two numbers of 32 bytes (RFC 7518, section 3.4).
fn ecdsa(key: &EcKey<Private>, message: &[u8]) -> Vec<u8> {
    let signature = EcdsaSig::sign(&digest_bytes(message), key).expect("a signature");
    let part = |number: &openssl::bn::BigNumRef| number.to_vec_padded(32).expect("32 bytes");
    [part(signature.r()), part(signature.s())].concat()
}
