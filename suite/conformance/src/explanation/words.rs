//! The words of a text: all that is compared.

use std::borrow::Cow;

use quick_xml::escape::unescape_with;

/// How often escapes are undone: a fault inside an envelope inside a page of HTML has three layers.
const LAYERS: usize = 3;

/// The words of a text, in lower case: runs of letters and digits, once the escapes of XML and HTML are undone.
pub(super) fn of(text: &str) -> Vec<String> {
    let text = unescape(text);
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The text without escapes; as it is where an ampersand begins none.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        if !text.contains('&') {
            break;
        }
        text = Cow::Owned(unescape_once(&text));
    }
    text
}

/// Undoes each escape by itself, so that a stray ampersand does not hide the others.
fn unescape_once(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        output.push_str(before);
        let escape = after.split_once(';').filter(|(name, _)| name.len() <= 8 && !name.contains('&'));
        let known = escape.and_then(|(name, behind)| {
            let written = format!("&{name};");
            let meaning = unescape_with(&written, entity).ok()?.into_owned();
            Some((meaning, behind))
        });
        match known {
            Some((meaning, behind)) => {
                output.push_str(&meaning);
                rest = behind;
            }
            None => {
                output.push('&');
                rest = after;
            }
        }
    }
    output.push_str(rest);
    output
}

/// The five of XML, and those that mail programs and browsers write.
fn entity(name: &str) -> Option<&'static str> {
    match name {
        "nbsp" => Some(" "),
        "rsquo" | "lsquo" => Some("'"),
        "rdquo" | "ldquo" => Some("\""),
        _ => quick_xml::escape::resolve_predefined_entity(name),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("The server is too busy.", &["the", "server", "is", "too", "busy"])]
    #[case("reply&nbsp;sequence&#39;s\r\n > messages", &["reply", "sequence", "s", "messages"])]
    #[case("&amp;lt;s:Text&amp;gt;Due to&amp;lt;/s:Text&amp;gt;", &["s", "text", "due", "to", "s", "text"])]
    #[case("AT&T & Co; &unknown; &#xD800;", &["at", "t", "co", "unknown", "xd800"])]
    #[case("'wsrm:None' ", &["wsrm", "none"])]
    fn takes_words_alone(#[case] text: &str, #[case] words: &[&str]) {
        assert_eq!(of(text), words);
    }
}
