//! Archives of Fiddler (`.saz`): a zip archive with three files a session, `raw/1_c.txt` (the request), `raw/1_s.txt`
//! (the response) and `raw/1_m.xml` (times and flags).

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use jiff::Timestamp;
use wsrm_wire::{Element, Infoset, Limits};
use zip::ZipArchive;
use zip::result::ZipError;

use super::text::{moment, utf8};
use super::{CaptureFlaw, Captured, Harvest, MAX_EXCHANGES, MAX_PART, MAX_TOTAL, Notes, in_order};
use crate::recording::{Evidence, HttpMessage, Silence, StartLine};

/// The files of one session, by their places in the archive.
#[derive(Default)]
struct Parts {
    request: Option<usize>,
    response: Option<usize>,
    about: Option<usize>,
}

/// What the third file says.
#[derive(Default)]
struct About {
    sent: Option<Timestamp>,
    answered: Option<Timestamp>,
    connection: Option<u32>,
    program: Option<String>,
}

/// What a file of a session holds.
enum Part {
    Message(Box<HttpMessage>),
    /// Nothing was sent.
    Empty,
    /// Something was sent perhaps, and it is not there.
    Missing,
}

struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// How many bytes may still be unpacked.
    left: u64,
}

/// Reads an archive.
pub(super) fn read(bytes: &[u8]) -> Result<Harvest, CaptureFlaw> {
    let zip = ZipArchive::new(Cursor::new(bytes))?;
    let sessions = sessions(&zip)?;
    let mut archive = Archive { zip, left: MAX_TOTAL };
    let mut harvest = Harvest { seen_by: ", seen by the proxy".to_owned(), ..Harvest::default() };
    for (number, parts) in sessions {
        let exchange = archive.session(number, &parts, &mut harvest)?;
        harvest.exchanges.extend(exchange);
    }
    harvest.exchanges = in_order(harvest.exchanges);
    Ok(harvest)
}

fn sessions(zip: &ZipArchive<Cursor<&[u8]>>) -> Result<BTreeMap<u64, Parts>, CaptureFlaw> {
    let mut sessions = BTreeMap::<u64, Parts>::new();
    for (place, name) in zip.file_names().enumerate() {
        let Ok(name) = name else { continue };
        let name = name.replace('\\', "/").to_ascii_lowercase();
        let Some((number, kind)) = name.strip_prefix("raw/").and_then(|name| name.split_once('_')) else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        let slot = sessions.entry(number).or_default();
        match kind {
            "c.txt" => slot.request = Some(place),
            "s.txt" => slot.response = Some(place),
            "m.xml" => slot.about = Some(place),
            _ => {}
        }
    }
    match sessions.len() {
        0 => Err(CaptureFlaw::NotFiddler),
        count if count > MAX_EXCHANGES => Err(CaptureFlaw::TooMany),
        _ => Ok(sessions),
    }
}

impl Archive<'_> {
    /// One session; `None` where its request cannot be read, which a note says.
    fn session(
        &mut self,
        number: u64,
        parts: &Parts,
        harvest: &mut Harvest,
    ) -> Result<Option<Captured>, CaptureFlaw> {
        let place = format!("session {number}");
        let notes = &mut harvest.notes;
        let about = match parts.about {
            Some(file) => {
                self.file(file, &format!("{place}, metadata"), notes)?.as_deref().and_then(About::read)
            }
            None => None,
        };
        let about = about.unwrap_or_default();
        let request = self.message(parts.request, &format!("{place}, request"), notes)?.message();
        let response = self.message(parts.response, &format!("{place}, response"), notes)?;
        let is_lost = matches!(response, Part::Missing);
        let (response, silence) = by_whom(response.message(), is_lost);
        let Some(request) = request else {
            notes.add(place, "it is left out: it has no request that can be read");
            // What is left of the response may not tell whose it is.
            harvest.gaps.push(about.sent.or(about.answered));
            let Some(response) = response else { return Ok(None) };
            let mut exchange = Captured::new(None, Some(response), silence);
            exchange.answered = about.answered;
            return Ok(Some(exchange));
        };
        let host = request.field("Host").map(str::to_owned);
        let server = response.as_ref().and_then(|response| response.field("Server")).map(str::to_owned);
        let service: Vec<_> = server.into_iter().chain(host).collect();
        let agent = request.field("User-Agent").map(str::to_owned);
        let mut exchange = Captured::new(Some(request), response, silence);
        exchange.sent = about.sent;
        exchange.answered = about.answered;
        exchange.connection = about.connection;
        exchange.client = about.program.or(agent);
        exchange.service = Some(service.join(", ")).filter(|service| !service.is_empty());
        Ok(Some(exchange))
    }

    fn message(&mut self, file: Option<usize>, place: &str, notes: &mut Notes) -> Result<Part, CaptureFlaw> {
        let Some(file) = file else { return Ok(Part::Missing) };
        let Some(raw) = self.file(file, place, notes)? else { return Ok(Part::Missing) };
        if raw.is_empty() {
            return Ok(Part::Empty);
        }
        let (message, framing) = match HttpMessage::parse_whatever_its_length(&raw) {
            Ok(read) => read,
            Err(error) => {
                notes.add(place, error.to_string());
                return Ok(Part::Missing);
            }
        };
        if let Some(framing) = framing {
            notes.add(place, framing.to_string());
        }
        Ok(Part::Message(Box::new(self.decoded(message, place, notes).at(place))))
    }

    /// A file of the archive; `None`, and a note, where it cannot be unpacked.
    fn file(
        &mut self,
        place_in_archive: usize,
        place: &str,
        notes: &mut Notes,
    ) -> Result<Option<Vec<u8>>, CaptureFlaw> {
        let limit = MAX_PART.min(self.left);
        let entry = match self.zip.by_index(place_in_archive) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(CaptureFlaw::Encrypted);
            }
            Err(error) => {
                notes.add(place, format!("it cannot be unpacked: {error}"));
                return Ok(None);
            }
        };
        let unpacked = entry_bytes(entry, limit);
        Ok(self.unpack(unpacked, place, notes))
    }

    fn unpack(
        &mut self,
        unpacked: std::io::Result<Option<Vec<u8>>>,
        place: &str,
        notes: &mut Notes,
    ) -> Option<Vec<u8>> {
        match unpacked {
            Ok(Some(bytes)) => {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                Some(bytes)
            }
            Ok(None) => {
                self.left = self.left.saturating_sub(MAX_PART);
                notes.add(
                    place,
                    format!("unpacked it is larger than {} MiB, or all of it together is", MAX_PART >> 20),
                );
                None
            }
            Err(error) => {
                notes.add(place, format!("it cannot be unpacked: {error}"));
                None
            }
        }
    }

    /// The message with its content coding undone.
    fn decoded(&mut self, message: HttpMessage, place: &str, notes: &mut Notes) -> HttpMessage {
        let coding = message.field("Content-Encoding").unwrap_or_default().trim().to_ascii_lowercase();
        let body = message.body();
        let limit = MAX_PART.min(self.left);
        // Fiddler may have undone it already, and left the header field.
        let unpacked = match coding.as_str() {
            "" | "identity" => return message,
            _ if body.is_empty() || body.trim_ascii_start().starts_with(b"<") => return message,
            "gzip" | "x-gzip" => entry_bytes(MultiGzDecoder::new(body), limit),
            "deflate" => match entry_bytes(ZlibDecoder::new(body), limit) {
                Err(_) => entry_bytes(DeflateDecoder::new(body), limit),
                unpacked => unpacked,
            },
            other => {
                notes.add(place, format!("its content coding {other:?} is not read here"));
                return message.with_content(Vec::new(), Evidence::BodyMissing);
            }
        };
        match self.unpack(unpacked, place, notes) {
            Some(body) => message.with_content(body, Evidence::Wire),
            None => message.with_content(Vec::new(), Evidence::BodyMissing),
        }
    }
}

/// All that a reader gives; `None` where that is more than `limit` bytes.
fn entry_bytes(reader: impl Read, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

impl Part {
    fn message(self) -> Option<HttpMessage> {
        match self {
            Self::Message(message) => Some(*message),
            Self::Empty | Self::Missing => None,
        }
    }
}

/// Tells the responses that Fiddler makes itself, when there is none, from those of the service.
fn by_whom(response: Option<HttpMessage>, is_lost: bool) -> (Option<HttpMessage>, Silence) {
    let made_up = response.as_ref().and_then(|response| match response.start() {
        StartLine::Response { status, reason } if reason.starts_with("Fiddler - ") => {
            Some(format!("Fiddler answered {status} {reason}"))
        }
        _ => None,
    });
    match made_up {
        Some(words) => (None, Silence::Failed(words)),
        None if is_lost => (response, Silence::Unknown),
        None => (response, Silence::Closed),
    }
}

impl About {
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = utf8(bytes);
        let infoset = Infoset::read(&text, &Limits::default()).ok()?;
        let root = infoset.root();
        let child = |name: &str| root.elements().find(|child| child.local() == name);
        let timers = child("SessionTimers");
        let time = |names: &[&str]| names.iter().find_map(|name| moment(&timers?.attribute("", name)?));
        let flag = |name: &str| {
            let mut flags = child("SessionFlags").into_iter().flat_map(Element::elements);
            let found =
                flags.find(|flag| flag.attribute("", "N").is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
            found.attribute("", "V").map(|value| value.into_owned())
        };
        Some(Self {
            sent: time(&["ClientDoneRequest", "ClientBeginRequest", "FiddlerBeginRequest"]),
            answered: time(&["ServerDoneResponse", "ClientBeginResponse", "ClientDoneResponse"]),
            connection: flag("x-clientport").and_then(|port| port.trim().parse().ok()),
            program: flag("x-ProcessInfo"),
        })
    }
}
