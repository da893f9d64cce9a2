//! Addresses, compared as WCF compares them.

/// Whether two addresses are equal as .NET's `System.Uri` sees them: scheme and host without regard to case, the port of
/// the scheme by default, no path the same as the root, no regard to a fragment.
pub(crate) fn is_same_uri(one: &str, other: &str) -> bool {
    one == other || normalized(one).is_some_and(|one| normalized(other) == Some(one))
}

fn normalized(uri: &str) -> Option<(String, String, Option<String>, String)> {
    let uri = uri.trim().split('#').next().unwrap_or_default();
    let (scheme, rest) = uri.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // The colon of a port comes behind the bracket of an IPv6 address.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let default_port = match scheme.as_str() {
        "http" => Some("80"),
        "https" => Some("443"),
        _ => None,
    };
    let port = port.filter(|&port| Some(port) != default_port && !port.is_empty()).map(str::to_owned);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Some((scheme, host.to_ascii_lowercase(), port, path))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://a/b", "http://a/b", true)]
    #[case("http://A/b", "HTTP://a:80/b#x", true)]
    #[case("http://a", "http://a/", true)]
    #[case("http://[::1]:80/", "http://[::1]", true)]
    #[case("urn:x", "urn:x", true)]
    #[case("urn:x", "urn:y", false)]
    #[case("http://a/b", "http://a/B", false)]
    #[case("http://a:81/b", "http://a/b", false)]
    #[case("http://a/b", "http://www.w3.org/2005/08/addressing/anonymous", false)]
    fn compares(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        assert_eq!(is_same_uri(one, other), same);
    }
}
