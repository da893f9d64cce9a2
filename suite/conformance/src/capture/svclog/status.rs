//! HTTP statuses by the names of .NET's `HttpStatusCode`.

/// The status code of a name such as `InternalServerError`, or of a number.
pub(super) fn code(name: &str) -> Option<u16> {
    let name = name.trim();
    if let Ok(number) = name.parse() {
        return (100..=999).contains(&number).then_some(number);
    }
    NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(code, _)| *code)
}

/// The reason phrase that goes with a name: `Internal Server Error`.
pub(super) fn reason(name: &str) -> String {
    let mut reason = String::new();
    let mut before = ' ';
    for letter in name.trim().chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            reason.push(' ');
        }
        reason.push(letter);
        before = letter;
    }
    reason
}

const NAMES: [(u16, &str); 44] = [
    (100, "Continue"),
    (101, "SwitchingProtocols"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "NonAuthoritativeInformation"),
    (204, "NoContent"),
    (205, "ResetContent"),
    (206, "PartialContent"),
    (300, "MultipleChoices"),
    (300, "Ambiguous"),
    (301, "MovedPermanently"),
    (301, "Moved"),
    (302, "Found"),
    (302, "Redirect"),
    (303, "SeeOther"),
    (304, "NotModified"),
    (307, "TemporaryRedirect"),
    (308, "PermanentRedirect"),
    (400, "BadRequest"),
    (401, "Unauthorized"),
    (402, "PaymentRequired"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (405, "MethodNotAllowed"),
    (406, "NotAcceptable"),
    (407, "ProxyAuthenticationRequired"),
    (408, "RequestTimeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "LengthRequired"),
    (412, "PreconditionFailed"),
    (413, "RequestEntityTooLarge"),
    (414, "RequestUriTooLong"),
    (415, "UnsupportedMediaType"),
    (417, "ExpectationFailed"),
    (426, "UpgradeRequired"),
    (429, "TooManyRequests"),
    (500, "InternalServerError"),
    (501, "NotImplemented"),
    (502, "BadGateway"),
    (503, "ServiceUnavailable"),
    (504, "GatewayTimeout"),
    (505, "HttpVersionNotSupported"),
];

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("OK", Some(200), "OK")]
    #[case("InternalServerError", Some(500), "Internal Server Error")]
    #[case(" Accepted ", Some(202), "Accepted")]
    #[case("503", Some(503), "503")]
    #[case("Splendid", None, "Splendid")]
    #[case("", None, "")]
    fn knows_names(#[case] name: &str, #[case] expected: Option<u16>, #[case] words: &str) {
        assert_eq!((code(name), reason(name).as_str()), (expected, words));
    }
}
