//! Invisible Unicode characters.

/// Invisible characters that change how text is read: controls, direction overrides, zero-width characters, blanks that
/// count as letters (RFC 8264; Unicode's Default_Ignorable_Code_Point). Joiners and variation selectors are not
/// included: names need them.
pub(super) fn is_hidden(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{34f}'
            | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{3164}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e00ff}'
    );
    c.is_control() || is_invisible
}

/// Joins letters and is invisible by itself.
pub(super) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character is invisible by itself, even if it affects others.
pub(super) fn is_invisible(c: char) -> bool {
    is_hidden(c) || is_joiner(c)
}
