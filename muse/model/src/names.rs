//! Names that can be printed: they come from peers and from files, and end up in terminals.

use super::{ModelError, limits};

/// Checks a name: 1 to [`limits::NAME_BYTES`] bytes of plain characters.
///
/// # Errors
/// [`ModelError::Name`] with the role; it displays the name escaped.
pub(crate) fn check(role: &'static str, name: &str) -> Result<(), ModelError> {
    let fits = (1..=limits::NAME_BYTES).contains(&name.len());
    if fits && name.chars().all(is_plain) {
        return Ok(());
    }
    let shown = name.chars().take(limits::NAME_BYTES).collect();
    Err(ModelError::Name { role, name: shown })
}

/// `text` with `?` for every character that is not [plain](is_plain): one line, safe for a terminal.
///
/// ```
/// assert_eq!(muse_model::names::plain("a\u{202e}gnp.exe\n"), "a?gnp.exe?");
/// ```
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { '?' }).collect()
}

/// Neither a control character nor one of the invisible characters that reorder, join or break what is displayed around them.
#[must_use]
pub fn is_plain(c: char) -> bool {
    !(c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_people_write() {
        for name in ["0", "conv1", "letter A", "Würfel", "数字", &"x".repeat(limits::NAME_BYTES)] {
            check("class", name).unwrap();
        }
    }

    #[test]
    fn refuses_what_a_terminal_would_act_on() {
        let long = "x".repeat(limits::NAME_BYTES + 1);
        for name in
            ["", "a\nb", "\u{1b}[2J", "a\u{202e}b", "a\u{200b}", "\u{7f}", "\u{9b}31m", "\u{e0041}", &long]
        {
            let error = check("class", name).unwrap_err();
            assert!(!error.to_string().chars().any(char::is_control), "{error}");
        }
    }
}
