//! Recognises columns by their heads, as other people and products name them. An ambiguous head is not guessed: the
//! content of its cells decides, or the member who uploads the file.

use super::columns::Column;
use crate::kit::fold;

/// The known heads of each column, as [`keys`] normalizes them. The clearest come first: of two columns that could both
/// be the email, `email` wins over `work mail`.
#[rustfmt::skip]
const NAMES: [(Column, &[&str]); 16] = [
    (Column::Email, &[
        "email", "emailaddress", "primaryemail", "primaryemailaddress", "mail", "mailaddress", "useremail", "useremailaddress", "memberemail",
        "workemail", "workemailaddress", "businessemail", "companyemail", "inviteeemail", "emailaddresstoinvite", "emailid", "emails",
        "emailadresse", "mailadresse", "geschaftlicheemail", "geschaftlicheemailadresse", "courriel", "adresseemail", "adressemail",
        "adresseelectronique", "correo", "correoelectronico", "direccioncorreo", "indirizzoemail", "emailadres", "epost", "epostadress",
    ]),
    (Column::Username, &[
        "username", "login", "loginname", "signinname", "accountname", "userlogin", "samaccountname", "uid", "userprincipalname", "upn",
        "benutzername", "anmeldename", "kontoname", "benutzerkennung", "identifiant", "nomutilisateur", "usuario", "nombreusuario", "gebruikersnaam",
    ]),
    (Column::Name, &[
        "displayname", "fullname", "name", "completename", "commonname", "cn", "membername", "anzeigename", "vollstandigername", "vollername",
        "nomcomplet", "nom", "nombrecompleto", "nombre", "nomecompleto", "nome", "naam", "volledigenaam", "navn", "namn",
    ]),
    (Column::FirstName, &[
        "firstname", "givenname", "givennames", "forename", "forenames", "namefirst", "vorname", "vornamen", "rufname", "prenom", "prenoms",
        "voornaam", "primernombre", "imie", "fornamn", "fornavn",
    ]),
    (Column::LastName, &[
        "lastname", "surname", "familyname", "sn", "namelast", "nachname", "familienname", "zuname", "nomdefamille", "apellido", "apellidos",
        "cognome", "sobrenome", "achternaam", "nazwisko", "efternamn", "etternavn",
    ]),
    (Column::Title, &[
        "title", "jobtitle", "employeetitle", "positiontitle", "position", "jobposition", "designation", "stellenbezeichnung",
        "berufsbezeichnung", "funktion", "fonction", "poste", "puesto", "cargo", "functie",
    ]),
    (Column::Phone, &[
        "phone", "phonenumber", "telephone", "telephonenumber", "workphone", "workphonenumber", "officephone", "businessphone", "businessphones",
        "primaryphone", "tel", "telefon", "telefonnummer", "rufnummer", "telefongeschaftlich", "telefono", "telefoon", "telefoonnummer",
    ]),
    (Column::Mobile, &[
        "mobile", "mobilephone", "mobilephonenumber", "mobilenumber", "cell", "cellphone", "cellphonenumber", "handy", "handynummer", "mobil",
        "mobiltelefon", "mobilnummer", "telephoneportable", "portable", "telefonomovil", "movil", "cellulare", "mobiel",
    ]),
    (Column::Location, &[
        "location", "office", "officelocation", "physicaldeliveryofficename", "officename", "worklocation", "worksite", "standort", "buro",
        "city", "ort", "stadt", "ville", "bureau", "oficina", "ciudad", "kantoor",
    ]),
    (Column::Contact, &["contact", "contactdetails", "othercontactdetails", "kontakt", "kontaktdaten"]),
    (Column::Status, &["status", "accountstatus", "userstatus", "memberstatus", "benutzerstatus", "kontostatus", "statut", "estado"]),
    (Column::Enabled, &[
        "accountenabled", "enabled", "isenabled", "active", "isactive", "loginenabled", "signinallowed", "useraccountcontrol", "aktiv", "actif", "activo",
    ]),
    (Column::Blocked, &[
        "blocksignin", "signinblocked", "blockcredential", "blocked", "isblocked", "suspended", "issuspended", "disabled", "isdisabled",
        "accountdisabled", "deactivated", "isdeactivated", "inactive", "isinactive", "locked", "islocked", "accountlocked", "nsaccountlock",
        "archived", "isarchived", "gesperrt", "deaktiviert", "inaktiv",
    ]),
    (Column::Roles, &["roles", "role", "rollen", "rolle"]),
    (Column::Teams, &["teams", "team"]),
    (Column::Policies, &["policies", "policy", "accesspolicies", "accesscontrolpolicies", "richtlinien"]),
];

/// Heads that may contain an email address, used only if no column is named as the email. The cells decide.
const PERHAPS_EMAIL: [&str; 5] = ["address", "adresse", "userprincipalname", "upn", "contact"];

/// Parts of heads that mark secrets. Their cells are neither stored nor shown.
const SECRETS: [&str; 13] = [
    "password",
    "pwd",
    "passwort",
    "kennwort",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "motdepasse",
    "contrasena",
    "apikey",
    "privatekey",
    "recoverycode",
];

/// The normalized forms of a head: the whole; without the text in brackets; the text in brackets; and the last part if
/// it is a path. Lower case, without accents, spaces and punctuation, so that `givenName`, `Given_name` and `GIVEN NAME
/// [Required]` are equal.
fn keys(head: &str) -> Vec<String> {
    let (mut outer, mut inner, mut depth) = (String::new(), vec![], 0_usize);
    for c in head.chars() {
        match c {
            '[' | '(' | '{' => {
                depth += 1;
                inner.push(String::new());
            }
            ']' | ')' | '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => outer.push(c),
            c => inner.last_mut().into_iter().for_each(|part| part.push(c)),
        }
    }
    let path = outer.rsplit(['.', ':', '/']).next().unwrap_or_default().to_owned();
    let all = [head.to_owned(), outer, path].into_iter().chain(inner);
    all.map(|part| bare(&part)).filter(|part| !part.is_empty()).collect()
}

/// Letters and digits only, without the word that a template adds to heads.
fn bare(text: &str) -> String {
    let letters: String = fold::searchable(text).chars().filter(|c| c.is_alphanumeric()).collect();
    let added = ["required", "optional", "readonly", "uploadonly", "erforderlich", "pflichtfeld"];
    let shorter = added.iter().find_map(|word| letters.strip_suffix(word));
    shorter.filter(|rest| !rest.is_empty()).unwrap_or(&letters).to_owned()
}

/// The column with this head, and how clear it is: lower is clearer.
fn named(head: &str) -> Option<(Column, usize)> {
    let known = |key: &String| {
        let place = |(column, names): &(Column, &[&str])| Some((*column, names.iter().position(|name| name == key)?));
        NAMES.iter().find_map(place)
    };
    keys(head).iter().find_map(known)
}

/// How many different columns these heads name.
pub(super) fn score(heads: &[String]) -> usize {
    let mut known: Vec<Column> = heads.iter().filter_map(|head| named(head)).map(|(column, _)| column).collect();
    known.sort_unstable();
    known.dedup();
    known.len()
}

/// Whether the cells below this head must not be stored.
pub(super) fn is_secret(head: &str) -> bool {
    let whole: String = fold::searchable(head).chars().filter(|c| c.is_alphanumeric()).collect();
    let is_office = whole.contains("secretar");
    SECRETS.iter().any(|word| whole.contains(word)) && !is_office
}

/// Sample cells of each column, to decide ambiguous heads.
pub(super) struct Sample<'a>(pub &'a [Vec<String>]);

impl Sample<'_> {
    fn cells(&self, at: usize) -> impl Iterator<Item = &str> {
        let cells = self.0.iter().filter_map(move |row| row.get(at));
        cells.map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }
    /// Whether there are cells and all of them match.
    fn all(&self, at: usize, is_so: impl Fn(&str) -> bool) -> bool {
        self.cells(at).next().is_some() && self.cells(at).all(is_so)
    }
    pub fn holds_addresses(&self, at: usize) -> bool {
        self.all(at, |cell| cell.contains('@'))
    }
}

/// The column of each head. If two heads are equally clear, neither is taken.
pub(super) fn recognise(heads: &[String], sample: &Sample<'_>) -> Vec<Option<Column>> {
    let mut found: Vec<Option<(Column, usize)>> = heads.iter().map(|head| named(head)).collect();
    // User ids on Unix are numbers, not sign-in names.
    for (at, column) in found.iter_mut().enumerate() {
        let is_uid = keys(&heads[at]).iter().any(|key| key == "uid");
        if is_uid && sample.all(at, |cell| cell.bytes().all(|byte| byte.is_ascii_digit())) {
            *column = None;
        }
    }
    let mut all: Vec<Option<Column>> = vec![None; heads.len()];
    for column in Column::ALL {
        // A column with cells is preferred to an empty one.
        let is_empty = |at: usize| !sample.0.is_empty() && sample.cells(at).next().is_none();
        let rank = |at: usize| found[at].filter(|(known, _)| *known == column).map(|(_, rank)| (is_empty(at), rank));
        let best = (0..heads.len()).filter_map(rank).min();
        let mut first = (0..heads.len()).filter(|at| best.is_some() && rank(*at) == best);
        if let (Some(at), None) = (first.next(), first.next()) {
            all[at] = Some(column);
        }
    }
    half_names(&mut all, heads, sample);
    email(&mut all, heads, sample);
    all
}

fn place(all: &[Option<Column>], column: Column) -> Option<usize> {
    all.iter().position(|known| *known == Some(column))
}

/// `Name` beside `Vorname` is the last name, unless it contains the first name too; `nombre` beside `apellidos` is the
/// first name.
fn half_names(all: &mut [Option<Column>], heads: &[String], sample: &Sample<'_>) {
    let Some(name) = place(all, Column::Name) else { return };
    let is_called = |names: &[&str]| keys(&heads[name]).iter().any(|key| names.contains(&key.as_str()));
    match (place(all, Column::FirstName), place(all, Column::LastName)) {
        (Some(first), None) if is_called(&["name", "nom", "naam", "navn", "namn"]) => {
            let is_whole = |row: &Vec<String>| {
                let cell = |at: usize| row.get(at).map(|cell| fold::searchable(cell)).unwrap_or_default();
                cell(first).is_empty() || cell(name).contains(&cell(first))
            };
            if !sample.0.iter().all(is_whole) {
                all[name] = Some(Column::LastName);
            }
        }
        (None, Some(_)) if is_called(&["nombre", "nome"]) => all[name] = Some(Column::FirstName),
        _ => {}
    }
}

/// If no head names the email, takes the one column whose head allows it and whose cells contain addresses.
fn email(all: &mut [Option<Column>], heads: &[String], sample: &Sample<'_>) {
    if all.contains(&Some(Column::Email)) || heads.iter().any(|head| matches!(named(head), Some((Column::Email, _)))) {
        return;
    }
    let allows = |at: &usize| {
        let is_username = matches!(named(&heads[*at]), Some((Column::Username, _)));
        is_username || keys(&heads[*at]).iter().any(|key| PERHAPS_EMAIL.contains(&key.as_str()))
    };
    let mut found = (0..heads.len()).filter(allows).filter(|at| sample.holds_addresses(*at));
    let username = place(all, Column::Username).filter(|at| sample.holds_addresses(*at));
    let only = match (found.next(), found.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    if let Some(at) = username.or(only) {
        all[at] = Some(Column::Email);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(heads: &str, rows: &[&str]) -> Vec<Option<Column>> {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
        recognise(&cells(heads), &Sample(&rows))
    }

    #[test]
    fn heads_are_recognised_however_they_are_written() {
        for (head, column) in [
            ("E-Mail", Column::Email),
            (" MAIL ", Column::Email),
            ("\u{200b}email", Column::Email),
            ("Email Address [Required]", Column::Email),
            ("E-Mail-Adresse (Pflichtfeld)", Column::Email),
            ("Email address to invite [inviteeEmail] Required", Column::Email),
            ("user.email", Column::Email),
            ("First_Name", Column::FirstName),
            ("givenName", Column::FirstName),
            ("Name (First)", Column::FirstName),
            ("Prénom", Column::FirstName),
            ("Surname", Column::LastName),
            ("sn", Column::LastName),
            ("Name [displayName] Required", Column::Name),
            ("User name [userPrincipalName] Required", Column::Username),
            ("Block sign in (Yes/No) [accountEnabled] Required", Column::Blocked),
            ("accountEnabled", Column::Enabled),
            ("Office phone [telephoneNumber]", Column::Phone),
            ("Mobile phone [mobile]", Column::Mobile),
            ("Office [physicalDeliveryOfficeName]", Column::Location),
            ("Job-Title", Column::Title),
            ("ROLE", Column::Roles),
            ("Access Policies", Column::Policies),
            ("Büro", Column::Location),
        ] {
            assert_eq!(named(head).map(|(column, _)| column), Some(column), "{head}");
        }
        for unknown in [
            "",
            "password",
            "is_admin",
            "id",
            "permissions",
            "last_sign_in",
            "Alternate email address",
            "secondEmail",
            "Manager Email",
            "Recovery Phone [MUST BE IN THE E.164 FORMAT]",
            "New Status [UPLOAD ONLY]",
            "State or province",
            "Street address [streetAddress]",
        ] {
            assert_eq!(named(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_clearest_head_is_taken_and_of_two_equal_ones_neither() {
        use Column::{Email, FirstName, LastName, Name, Username};
        assert_eq!(all("mail,email", &[]), [None, Some(Email)]);
        assert_eq!(all("E-Mail,email", &["a@x.org,b@x.org"]), [None, None]);
        assert_eq!(all("name,display name,cn", &[]), [None, Some(Name), None]);
        assert_eq!(all("name,display name,mail", &["Ann,,a@x.org"]), [Some(Name), None, Some(Email)]);
        assert_eq!(all("userPrincipalName,mail", &["a@x,a@y"]), [Some(Username), Some(Email)]);
        assert_eq!(all("Vorname,Name", &["Jörg,Müller"]), [Some(FirstName), Some(LastName)]);
        assert_eq!(all("First name,Name", &["Jörg,Jörg Müller"]), [Some(FirstName), Some(Name)]);
        assert_eq!(all("nombre,apellidos", &[]), [Some(FirstName), Some(LastName)]);
        assert_eq!(all("uid,mail", &["1001,a@x.org"]), [None, Some(Email)]);
    }

    #[test]
    fn an_address_is_the_email_only_where_nothing_better_is_and_its_cells_are_addresses() {
        use Column::{Email, Username};
        assert_eq!(all("Username,Address", &["chris@x.org,1 Microsoft way"]), [Some(Email), None]);
        assert_eq!(all("Name,Address", &["Ann,1 Main Street"])[1], None);
        assert_eq!(all("Name,Address", &["Ann,ann@x.org"])[1], Some(Email));
        assert_eq!(all("login,email,address", &["a,a@x.org,b@x.org"]), [Some(Username), Some(Email), None]);
        assert_eq!(all("address,contact", &["a@x.org,b@x.org"])[0], None);
    }

    #[test]
    fn columns_of_secrets_are_told() {
        for head in [
            "Password [Required]",
            "Initial password [passwordProfile] Required",
            "Kennwort",
            "API key",
            "client_secret",
        ] {
            assert!(is_secret(head), "{head}");
        }
        for head in ["email", "Passport", "Phone of the secretary"] {
            assert!(!is_secret(head), "{head}");
        }
    }
}
