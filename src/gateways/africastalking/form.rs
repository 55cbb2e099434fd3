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
        let key = pair.split(|b| *b == b'=').next().unwrap_or_default();
        let Some((key, _)) = form_urlencoded::parse(key).next() else { return Ok(()) };
        let Some(name) = wanted.iter().copied().find(|name| *name == key) else { return Ok(()) };
        if self.get(name).is_some() {
            return Ok(());
        }
        // The form parser puts replacement characters where bytes are no UTF-8; a PIN so changed would be counted
        // as a wrong one.
        if percent_decode(pair).decode_utf8().is_err() {
            return Err(BadCallback::Malformed(name, "it is not UTF-8"));
        }
        self.0.extend(form_urlencoded::parse(pair).next().map(|(_, value)| (name, value)));
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
