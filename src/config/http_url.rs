//! The check of an `http` or `https` URL, for the sections that take one.

use http::Uri;

use super::reader::Checked;

/// An absolute http or https URL without user, query or fragment; given back without its last slash.
pub(super) fn http_url(text: &str) -> Checked<Uri> {
    let wrong = || "takes an http or https URL such as https://daftari.example".to_owned();
    // A password in a URL would end up in logs; a query would be lost when a path is added.
    if text.contains(['@', '?', '#']) {
        return Err("takes a URL without user, query or #".to_owned());
    }
    let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| wrong())?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    if web && uri.host().is_some_and(|host| !host.is_empty()) { Ok(uri) } else { Err(wrong()) }
}

/// The URL as text, to which a path that begins with a slash can be added.
pub(super) fn base(uri: &Uri) -> String {
    uri.to_string().trim_end_matches('/').to_owned()
}

/// Whether it is `https`, or stays on this machine.
pub(super) fn is_private(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    uri.scheme_str() == Some("https") || loopback || host == "localhost"
}

/// The URL of an API to which a secret goes: never in the clear over a network.
pub(super) fn api_url(text: &str) -> Checked<String> {
    let uri = http_url(text)?;
    if is_private(&uri) {
        Ok(base(&uri))
    } else {
        Err("takes https, or http on this machine only".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_kept_without_its_last_slash() {
        let read = |text| http_url(text).map(|uri| base(&uri));
        assert_eq!(read("https://daftari.example/").as_deref(), Ok("https://daftari.example"));
        assert_eq!(read("http://127.0.0.1:8081/at/").as_deref(), Ok("http://127.0.0.1:8081/at"));
        for wrong in
            ["daftari.example", "ftp://a", "https://", "https://u:p@a", "https://a?b", "", "https://…"]
        {
            assert!(http_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_this_machine_may_do_without_tls() {
        for (text, private) in [
            ("https://api.africastalking.com", true),
            ("http://127.0.0.2:1", true),
            ("http://[::1]:1", true),
            ("http://localhost:1", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(http_url(text).map(|uri| is_private(&uri)), Ok(private), "{text}");
        }
    }
}
