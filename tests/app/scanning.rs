//! The patterns that the documentation gives to scanners find tokens, and nothing that only looks like one.

use regex::Regex;
use roster::{kit::MemberKind, tokens::TokenText};

fn documentation() -> &'static str {
    include_str!("../../src/api/scanning.md")
}

/// The text between two others.
fn between<'a>(before: &str, after: &str) -> &'a str {
    let (_, rest) = documentation().split_once(before).unwrap_or_else(|| panic!("no {before}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after}")).0
}

/// The patterns of gitleaks, trufflehog and GitHub (with what stands around a match there), each with the token as its
/// first group.
fn patterns() -> [Regex; 3] {
    let github = |field: &str| between(&format!("| {field} | `"), "` |").replace("\\|", "|");
    let (before, secret, after) = (github("Before secret"), github("Secret format"), github("After secret"));
    [
        between("regex = '''", "'''").to_owned(),
        between("token: '", "'").to_owned(),
        format!("(?:{before})({secret})(?:{after})"),
    ]
    .map(|pattern| Regex::new(&pattern).expect("a pattern"))
}

#[test]
fn the_patterns_of_the_documentation_find_every_token() {
    let patterns = patterns();
    for kind in MemberKind::ALL {
        for _ in 0..200 {
            let token = TokenText::generate(kind);
            let text = token.expose();
            for pattern in &patterns {
                for place in [
                    text.to_owned(),
                    format!("export TOKEN={text}\n"),
                    format!("\"{text}\","),
                    format!("Authorization: Bearer {text}\r\n"),
                    format!("https://x.example/?t={text}&b"),
                ] {
                    let found = pattern.captures(&place).and_then(|found| found.get(1));
                    assert_eq!(found.map(|found| found.as_str()), Some(text), "{pattern} in {place}");
                }
            }
        }
    }
}

#[test]
fn what_only_looks_like_a_token_is_not_found() {
    let (token, patterns) = (TokenText::generate(MemberKind::User), patterns());
    let text = token.expose();
    for wrong in [
        text[..62].to_owned(),
        format!("{text}A"),
        format!("A{text}"),
        text.replace("rst_u_", "rst_x_"),
        text.replace("rst_u_", "rst_U_"),
        text.replace("rst_u_", "rst-u-"),
        text.replace("rst_u_", "RST_u_"),
        text.replace("rst_u_", "rst_uu_"),
        text.replace("rst_u_", "rst_u_-"),
        format!("{}-{}", &text[..30], &text[31..]),
        format!("{} {}", &text[..30], &text[30..]),
    ] {
        for pattern in &patterns {
            assert!(!pattern.is_match(&wrong), "{pattern} in {wrong}");
        }
    }
}

/// The checksum, computed as the documentation describes it.
fn checksum(body: &str) -> String {
    let digits: Vec<char> = ('0'..='9').chain('A'..='Z').chain('a'..='z').collect();
    let (mut rest, mut text) = (crc32fast::hash(body.as_bytes()) as usize, String::new());
    for _ in 0..6 {
        text.insert(0, digits[rest % 62]);
        rest /= 62;
    }
    text
}

#[test]
fn the_described_checksum_tells_tokens_from_placeholders() {
    for _ in 0..100 {
        let token = TokenText::generate(MemberKind::SystemAccount);
        let (body, check) = token.expose().split_at(57);
        assert_eq!(checksum(body), check);
    }
    let placeholder = format!("rst_s_{}", "x".repeat(57));
    assert_ne!(checksum(&placeholder[..57]), &placeholder[57..]);
}
