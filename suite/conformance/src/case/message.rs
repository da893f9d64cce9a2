//! A SOAP message on its way to the endpoint, ready to be sent, spoilt or sent again.

use wsrm_wire::{Envelope, SoapVersion};

use super::{HttpRequest, Stop};

/// A SOAP message, and what HTTP says with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The version of SOAP that HTTP announces.
    pub soap: SoapVersion,
    /// The action that HTTP announces, in SOAP 1.1.
    pub action: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// A remark for the diagram.
    pub label: Option<&'static str>,
}

impl Post {
    /// A message as it is written.
    pub fn of(envelope: &Envelope<'_>) -> Self {
        Self {
            soap: envelope.profile.soap,
            action: envelope.action().unwrap_or_default().to_owned(),
            body: envelope.to_bytes(),
            label: None,
        }
    }

    /// The same, with a remark.
    #[must_use]
    pub fn labelled(mut self, label: &'static str) -> Self {
        self.label = Some(label);
        self
    }

    /// The same, with the first occurrence of a text replaced.
    ///
    /// # Errors
    /// [`Stop::Harness`], if the text is not there: the case was written for another form of message.
    pub fn replaced(mut self, from: &str, to: &str) -> Result<Self, Stop> {
        let text = self.text()?;
        if !text.contains(from) {
            return Err(Stop::Harness(format!("{from:?} is not in the message to be changed")));
        }
        self.body = text.replacen(from, to, 1).into_bytes();
        Ok(self)
    }

    /// The same without the first element of this qualified name, as the writer writes it.
    ///
    /// # Errors
    /// As [`Post::replaced`].
    pub fn without(self, name: &str) -> Result<Self, Stop> {
        let element = self.element(name)?;
        self.replaced(&element, "")
    }

    /// The same with another element in the place of the first of this qualified name.
    ///
    /// # Errors
    /// As [`Post::replaced`].
    pub fn with_element(self, name: &str, other: &str) -> Result<Self, Stop> {
        let element = self.element(name)?;
        self.replaced(&element, other)
    }

    /// The same with this behind the start of the SOAP header.
    ///
    /// # Errors
    /// As [`Post::replaced`].
    pub fn with_header(self, header: &str) -> Result<Self, Stop> {
        self.replaced("<s:Header>", &format!("<s:Header>{header}"))
    }

    /// The same without the acknowledgement of the replies, if there is one.
    ///
    /// # Errors
    /// As [`Post::replaced`].
    pub fn without_acknowledgement(self) -> Result<Self, Stop> {
        match self.element("r:SequenceAcknowledgement") {
            Ok(header) => self.replaced(&header, ""),
            Err(_) => Ok(self),
        }
    }

    /// The first element of this qualified name, whole; an element of reliable messaging may have a prefix or not, as
    /// it does in the body, depending on the headers.
    ///
    /// # Errors
    /// As [`Post::replaced`].
    pub fn element(&self, name: &str) -> Result<String, Stop> {
        self.exactly(name)
            .or_else(|error| if name.contains(':') { Err(error) } else { self.exactly(&format!("r:{name}")) })
    }

    fn exactly(&self, name: &str) -> Result<String, Stop> {
        let text = self.text()?;
        let wrong = || Stop::Harness(format!("there is no {name} in the message to be changed"));
        let is_start = |at: &usize| {
            let behind = text.get(at + 1 + name.len()..).and_then(|rest| rest.chars().next());
            matches!(behind, Some(' ' | '>' | '/'))
        };
        let opening = format!("<{name}");
        let start = text.match_indices(&opening).map(|(at, _)| at).find(is_start).ok_or_else(wrong)?;
        let rest = text.get(start..).ok_or_else(wrong)?;
        let tag = rest.find('>').ok_or_else(wrong)?;
        let end = if rest.get(..tag).is_some_and(|tag| tag.ends_with('/')) {
            tag + 1
        } else {
            let closing = format!("</{name}>");
            rest.find(&closing).ok_or_else(wrong)? + closing.len()
        };
        rest.get(..end).map(str::to_owned).ok_or_else(wrong)
    }

    /// The message as text.
    fn text(&self) -> Result<String, Stop> {
        String::from_utf8(self.body.clone())
            .map_err(|_| Stop::Harness("a message that is not UTF-8 cannot be changed".to_owned()))
    }

    /// The request that carries it, with the header fields that WCF writes.
    pub fn request(&self) -> HttpRequest {
        let mut fields = vec![("Cache-Control".to_owned(), "no-cache, max-age=0".to_owned())];
        if self.soap == SoapVersion::Soap11 {
            fields.push(("SOAPAction".to_owned(), format!("\"{}\"", self.action)));
        }
        fields.push(("Content-Type".to_owned(), format!("{}; charset=utf-8", self.soap.media_type())));
        HttpRequest { method: "POST".to_owned(), query: None, fields, body: self.body.clone() }
    }
}
