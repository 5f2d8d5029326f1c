//! Domains that no organization can own: those of mail services that are open to everybody, and public suffixes, beneath
//! which everybody registers names.

/// Domains of mail services. An organization that proved one of them would own the addresses of strangers.
#[rustfmt::skip]
const MAIL_SERVICES: &[&str] = &[
    "126.com", "139.com", "163.com", "188.com", "189.cn", "21cn.com", "263.net", "abv.bg", "airmail.net", "alice.it",
    "aliyun.com", "aol.co.uk", "aol.com", "aol.de", "aol.fr", "arcor.de", "att.net", "bell.net", "bellsouth.net", "bigpond.com",
    "bigpond.net.au", "bk.ru", "bluewin.ch", "bluemail.ch", "bol.com.br", "btinternet.com", "btopenworld.com", "centrum.cz", "centurylink.net",
    "charter.net", "chello.at", "chello.nl", "comcast.net", "cox.net", "daum.net", "disroot.org", "dodo.com.au", "duck.com",
    "earthlink.net", "email.com", "email.cz", "email.de", "emailn.de", "eircom.net", "excite.com", "fastmail.com", "fastmail.fm",
    "foxmail.com", "free.fr", "freemail.hu", "freenet.de", "freeserve.co.uk", "frontier.com", "frontiernet.net", "gawab.com", "gmail.com", "gmx.at",
    "gmx.ch", "gmx.co.uk", "gmx.com", "gmx.de", "gmx.es", "gmx.fr", "gmx.info", "gmx.net", "gmx.org", "gmx.us",
    "googlemail.com", "guerrillamail.com", "hanmail.net", "hey.com", "home.nl", "hotmail.be", "hotmail.ca", "hotmail.ch", "hotmail.co.jp",
    "hotmail.co.th", "hotmail.co.uk", "hotmail.com", "hotmail.com.ar", "hotmail.com.br", "hotmail.com.tr", "hotmail.de", "hotmail.dk", "hotmail.es", "hotmail.fi",
    "hotmail.fr", "hotmail.gr", "hotmail.hu", "hotmail.it", "hotmail.nl", "hotmail.no", "hotmail.se", "hushmail.com", "icloud.com",
    "ig.com.br", "iinet.net.au", "inbox.com", "inbox.lv", "inbox.ru", "inwind.it", "interia.pl", "internode.on.net", "juno.com", "kolabnow.com",
    "kpnmail.nl", "laposte.net", "lavabit.com", "libero.it", "list.ru", "live.at", "live.be", "live.ca", "live.ch", "live.cn",
    "live.co.uk", "live.com", "live.com.ar", "live.com.au", "live.com.mx", "live.com.pt", "live.de", "live.dk", "live.fr", "live.ie",
    "live.in", "live.it", "live.jp", "live.nl", "live.no", "live.ru", "live.se", "lycos.com", "mac.com", "mail.bg",
    "mail.com", "mail.de", "mail.ee", "mail.ru", "mailbox.org", "mailfence.com", "mailinator.com", "mailo.com", "me.com", "msn.com",
    "my.com", "mynet.com", "nate.com", "naver.com", "netcourrier.com", "netscape.net", "neuf.fr", "ntlworld.com", "numericable.fr",
    "o2.pl", "onet.eu", "onet.pl", "online.de", "online.no", "op.pl", "optonline.net", "optusnet.com.au", "orange.fr", "outlook.at",
    "outlook.be", "outlook.co.id", "outlook.co.th", "outlook.com", "outlook.com.ar", "outlook.com.au", "outlook.com.br", "outlook.com.gr", "outlook.com.tr", "outlook.com.vn",
    "outlook.cz", "outlook.de", "outlook.dk", "outlook.es", "outlook.fr", "outlook.hu", "outlook.ie", "outlook.in", "outlook.it", "outlook.jp",
    "outlook.kr", "outlook.lv", "outlook.my", "outlook.ph", "outlook.pt", "outlook.sa", "outlook.sg", "outlook.sk", "ozemail.com.au", "passport.com",
    "planet.nl", "pm.me", "pobox.com", "posteo.at", "posteo.ch", "posteo.de", "posteo.eu", "posteo.net", "posteo.org", "prodigy.net.mx",
    "proton.me", "protonmail.ch", "protonmail.com", "qq.com", "r7.com", "rambler.ru", "rediffmail.com", "riseup.net", "roadrunner.com", "rocketmail.com",
    "rogers.com", "runbox.com", "sapo.pt", "sbcglobal.net", "seznam.cz", "sfr.fr", "shaw.ca", "sina.cn", "sina.com", "sky.com",
    "sohu.com", "startmail.com", "sympatico.ca", "t-online.de", "talk21.com", "talktalk.net", "telenet.be", "telia.com", "telus.net", "terra.com.br",
    "tin.it", "tiscali.co.uk", "tiscali.it", "tom.com", "tuta.com", "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de", "tutanota.com.de",
    "ukr.net", "uol.com.br", "usa.net", "verizon.net", "videotron.ca", "virgilio.it", "virgin.net", "virginmedia.com", "vivaldi.net", "vk.com",
    "voila.fr", "vodafone.it", "volny.cz", "wanadoo.fr", "wanadoo.es", "web.de", "windowslive.com", "windstream.net", "wp.pl", "xs4all.nl",
    "xtra.co.nz", "ya.ru", "yahoo.at", "yahoo.be", "yahoo.ca", "yahoo.cn", "yahoo.co.id", "yahoo.co.il", "yahoo.co.in", "yahoo.co.jp",
    "yahoo.co.kr", "yahoo.co.nz", "yahoo.co.th", "yahoo.co.uk", "yahoo.co.za", "yahoo.com", "yahoo.com.ar", "yahoo.com.au", "yahoo.com.br", "yahoo.com.cn",
    "yahoo.com.hk", "yahoo.com.mx", "yahoo.com.my", "yahoo.com.ph", "yahoo.com.sg", "yahoo.com.tr", "yahoo.com.tw", "yahoo.com.vn", "yahoo.cz", "yahoo.de",
    "yahoo.dk", "yahoo.es", "yahoo.fi", "yahoo.fr", "yahoo.gr", "yahoo.hu", "yahoo.ie", "yahoo.in", "yahoo.it", "yahoo.nl",
    "yahoo.no", "yahoo.pl", "yahoo.pt", "yahoo.ro", "yahoo.ru", "yahoo.se", "yandex.by", "yandex.com", "yandex.com.tr", "yandex.kz",
    "yandex.ru", "yandex.ua", "yeah.net", "ymail.com", "yopmail.com", "zeelandnet.nl", "ziggo.nl", "zoho.com", "zoho.eu", "zohomail.com",
];

/// Suffixes of two labels and more beneath which everybody registers names. Those of one label are refused as they have
/// no dot.
#[rustfmt::skip]
const SUFFIXES: &[&str] = &[
    "ac.at", "ac.cn", "ac.id", "ac.il", "ac.in", "ac.jp", "ac.kr", "ac.nz", "ac.th", "ac.uk", "ac.za",
    "asn.au", "asso.fr", "co.at", "co.id", "co.il", "co.in", "co.jp", "co.ke", "co.kr", "co.nz", "co.th", "co.uk", "co.ve", "co.za",
    "com.ar", "com.au", "com.bd", "com.br", "com.cn", "com.co", "com.cy", "com.ec", "com.eg", "com.es", "com.fr", "com.gr", "com.hk", "com.hr", "com.kw",
    "com.mt", "com.mx", "com.my", "com.ng", "com.np", "com.pe", "com.ph", "com.pk", "com.pl", "com.pt", "com.qa", "com.ro", "com.sa", "com.sg", "com.tr",
    "com.tw", "com.ua", "com.uy", "com.ve", "com.vn", "edu.au", "edu.br", "edu.cn", "edu.hk", "edu.mx", "edu.pl", "edu.sg", "edu.tr", "edu.tw",
    "firm.in", "gen.in", "go.id", "go.jp", "go.kr", "go.th", "gob.ar", "gob.es", "gob.mx", "gouv.fr", "gov.au", "gov.br", "gov.cn", "gov.hk", "gov.il",
    "gov.in", "gov.it", "gov.pl", "gov.sg", "gov.tr", "gov.tw", "gov.ua", "gov.uk", "gov.za", "gv.at", "id.au", "ind.in", "info.pl", "ltd.uk", "me.uk",
    "ne.jp", "net.ar", "net.au", "net.br", "net.cn", "net.hk", "net.in", "net.il", "net.mx", "net.nz", "net.pl", "net.sg", "net.tr", "net.tw", "net.ua",
    "net.uk", "net.za", "nhs.uk", "nom.es", "or.at", "or.id", "or.jp", "or.kr", "or.th", "org.ar", "org.au", "org.br", "org.cn", "org.es", "org.hk",
    "org.il", "org.in", "org.mx", "org.nz", "org.pl", "org.pt", "org.sg", "org.tr", "org.tw", "org.ua", "org.uk", "org.za", "plc.uk", "police.uk", "sch.uk",
    "waw.pl", "web.id", "web.za",
    // Registries and hosters that hand out names to everybody.
    "amazonaws.com", "appspot.com", "azurewebsites.net", "blogspot.com", "br.com", "cloudapp.net", "cloudfront.net", "cn.com", "co.com", "co.nl",
    "co.no", "de.com", "duckdns.org", "dyndns.org", "eu.com", "eu.org", "firebaseapp.com", "fly.dev", "gb.net", "github.io", "gitlab.io",
    "gr.com", "herokuapp.com", "hopto.org", "jpn.com", "myshopify.com", "netlify.app", "ngrok.io", "no-ip.org", "onmicrosoft.com", "onrender.com",
    "pages.dev", "ru.com", "sa.com", "se.net", "uk.com", "uk.net", "us.com", "us.org", "vercel.app", "web.app", "wordpress.com",
    "workers.dev", "za.com", "zapto.org",
];

/// Names that are no part of the public DNS (RFC 6761, RFC 7686, RFC 8375, RFC 9476, ICANN on `.internal`), and
/// reverse look-ups.
const SPECIAL: &[&str] = &["alt", "arpa", "internal", "invalid", "local", "localhost", "onion"];

/// Whether these are the addresses of a mail service that is open to everybody.
pub(super) fn is_mail_service(name: &str) -> bool {
    MAIL_SERVICES.contains(&name)
}

/// Whether everybody registers names beneath this one.
pub(super) fn is_suffix(name: &str) -> bool {
    SUFFIXES.contains(&name)
}

/// Whether the public DNS has no such names.
pub(super) fn is_special(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| SPECIAL.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::email::parse_domain;
    use std::collections::BTreeSet;

    #[test]
    fn the_lists_hold_names_as_they_are_compared_and_each_once() {
        let all: Vec<&str> = MAIL_SERVICES.iter().chain(SUFFIXES).copied().collect();
        for name in &all {
            assert_eq!(parse_domain(name).as_deref(), Some(*name));
        }
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(MAIL_SERVICES.len() >= 150, "{}", MAIL_SERVICES.len());
    }
}
