//! A form as Africa's Talking posts it, of which only the fields asked for are ever decoded: what is not asked for
//! (the end event's `input` holds PINs) is skipped in place and never copied.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::gateways::{BadCallback, Raw, fields};

/// The fields that were asked for, in no order. It may hold a PIN: it has no `Debug`.
pub(super) struct Form<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Read the `wanted` fields; of a field sent twice the first counts, all other fields are ignored.
    pub(super) fn read(raw: &Raw<'a>, wanted: &[&'static str]) -> Result<Self, BadCallback> {
        fields::expect_post(raw, "application/x-www-form-urlencoded")?;
        let mut form = Self(Vec::with_capacity(wanted.len()));
        for pair in raw.body.split(|b| *b == b'&') {
            form.take_pair(pair, wanted)?;
        }
        Ok(form)
    }

    fn take_pair(&mut self, pair: &'a [u8], wanted: &[&'static str]) -> Result<(), BadCallback> {
        let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let (key, value) = pair.split_at(at);
        let Some(name) = field(key, wanted) else { return Ok(()) };
        if self.get(name).is_some() {
            return Ok(());
        }
        let value = value.get(1..).unwrap_or_default();
        let value = decoded(value).ok_or(BadCallback::Malformed(name, "it is not UTF-8"))?;
        self.0.push((name, value));
        Ok(())
    }

    /// A field as sent, also when it is blank.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_ref())
    }

    /// A field that is there and not blank.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }

    /// A field that has to be there and not blank.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, BadCallback> {
        self.filled(name).ok_or(BadCallback::Missing(name))
    }

    /// A field moved out exactly as sent; an absent one is empty.
    pub(super) fn into_exact(self, name: &str) -> String {
        let found = self.0.into_iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

/// Which of the wanted fields this key names; most come as they are.
fn field(key: &[u8], wanted: &[&'static str]) -> Option<&'static str> {
    let is = |key: &[u8]| wanted.iter().copied().find(|name| name.as_bytes() == key);
    is(key).or_else(|| is(decoded(key)?.as_bytes()))
}

/// A key or a value as it was before it was encoded; `None` when it is not UTF-8. The usual form parser puts
/// replacement characters there, and a PIN so changed would be counted as a wrong one.
fn decoded(part: &[u8]) -> Option<Cow<'_, str>> {
    if !part.iter().any(|b| matches!(b, b'%' | b'+')) {
        return std::str::from_utf8(part).ok().map(Cow::Borrowed);
    }
    let spaced: Vec<u8> = part.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    let text = percent_decode(&spaced).decode_utf8().ok()?;
    Some(Cow::Owned(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, header};
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Vec<(String, String)> {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, form)]);
        let raw = Raw { method: &Method::POST, headers: &headers, query: "", body: body.as_bytes() };
        let form = Form::read(&raw, &["text", "a b"]).unwrap_or_else(|bad| panic!("{bad}"));
        form.0.into_iter().map(|(key, value)| (key.to_owned(), value.into_owned())).collect()
    }

    proptest! {
        #[test]
        fn what_is_asked_for_is_read_as_any_form_is(
            pairs in prop::collection::vec(("text|a b|other|\\PC*", "\\PC*"), 0..6),
        ) {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let mut wanted: Vec<(String, String)> = vec![];
            for (key, value) in form_urlencoded::parse(body.as_bytes()).into_owned() {
                if ["text", "a b"].contains(&key.as_str()) && wanted.iter().all(|(k, _)| *k != key) {
                    wanted.push((key, value));
                }
            }
            prop_assert_eq!(read(&body), wanted);
        }
    }

    #[test]
    fn a_field_may_be_empty_or_hold_what_separates_fields_and_values() {
        for (body, value) in
            [("text", ""), ("text=", ""), ("&text=1=2&", "1=2"), ("text=1%262%3D%2B3+4", "1&2=+3 4")]
        {
            assert_eq!(read(body), [("text".to_owned(), value.to_owned())], "{body}");
        }
    }
}
