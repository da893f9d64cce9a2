//! Messages that come at the wrong moment, in the wrong order, twice or not at all.

use super::{NUMBER, STRANGE};
use crate::measure::course::Course;
use crate::measure::draft::{Draft, Kind, only};
use crate::measure::wound::{Wound, disorder};
use crate::message::{LifecycleKind, Message, SequenceFacts};
use crate::trace::{Half, Observation};

fn header(observation: &Observation) -> Option<&SequenceFacts> {
    observation.soap()?.sequences.first()
}

/// The exchange behind this one that sends the next number of the sequence, where nothing else was under way.
fn next<'s>(course: &Course<'s>) -> Option<&'s Observation> {
    let this = course.this()?;
    let own = header(this)?;
    let next = course.later().find(|one| {
        header(one).is_some_and(|found| {
            found.identifier == own.identifier && found.number == own.number.map(|number| number + 1)
        })
    })?;
    is_plain(course)?;
    only(next.soap()?.is_application() && course.is_alone(&next.exchange))?;
    Some(next)
}

/// Whether its exchange is alone on the wire, and its number is sent once.
fn is_plain(course: &Course<'_>) -> Option<()> {
    let this = course.this()?;
    let own = header(this)?;
    let is_same = |one: &&std::sync::Arc<Observation>| {
        one.half == Half::Request
            && header(one)
                .is_some_and(|found| found.identifier == own.identifier && found.number == own.number)
    };
    let count = course.subject.observations().iter().filter(is_same).count();
    only(count == 1 && course.is_alone(&this.exchange))
}

/// Whether the request that this answers is sent once, and its exchange is alone on the wire.
fn is_first_and_last(course: &Course<'_>, answer: &Observation) -> bool {
    let all = || course.subject.observations().iter().filter(|one| one.half == Half::Request);
    let place = |one: &Observation| header(one).map(|found| (found.identifier.clone(), found.number));
    let Some(request) = all().find(|one| one.exchange == answer.exchange) else { return false };
    all().filter(|one| place(one) == place(request)).count() == 1 && course.is_alone(&answer.exchange)
}

/// The first message of this kind behind this one, about the same sequence.
fn ending<'s>(course: &Course<'s>, kind: LifecycleKind) -> Option<&'s Observation> {
    let identifier = header(course.this()?)?.identifier.clone();
    let is_it = |message: &Message| {
        let lifecycle = message.lifecycle.as_ref();
        lifecycle.is_some_and(|found| found.kind == kind && found.identifier == identifier)
    };
    let found = course.later().find(|one| one.soap().is_some_and(is_it))?;
    only(course.is_alone(&found.exchange))?;
    Some(found)
}

/// The answer to the message.
fn answer<'s>(course: &Course<'s>) -> Option<&'s Observation> {
    course.subject.other_half(course.place)
}

/// A further message of the sequence, which has the number above all others.
fn further<'s>(course: &Course<'s>) -> Option<Draft<'s>> {
    let own = header(course.this()?)?;
    let all = course.subject.observations().iter().filter_map(|one| header(one));
    let of_sequence = all.filter(|found| found.identifier == own.identifier);
    let highest = of_sequence.filter_map(|found| found.number).max()?;
    let mut more = course.subject.draft(course.place)?;
    more.set(NUMBER, &(highest + 1).to_string())?;
    if more.source(&["MessageID"]).is_some() {
        more.set(&["MessageID"], STRANGE)?;
    }
    Some(more)
}

/// The repetitions of the message, where nothing is heard meanwhile.
fn repetitions<'s>(course: &Course<'s>) -> Option<Vec<&'s Observation>> {
    let own = header(course.this()?)?;
    let is_same = |one: &&Observation| {
        header(one).is_some_and(|found| found.identifier == own.identifier && found.number == own.number)
    };
    let rest = course.subject.observations().get(course.place + 1..)?.iter().map(AsRef::as_ref);
    let silent = rest.take_while(|one: &&Observation| one.half == Half::Request || !one.is_delivered());
    Some(silent.filter(|one| one.half == Half::Request).filter(is_same).collect())
}

pub(super) const WOUNDS: &[Wound] = &[
    disorder("message-left-out", Kind::Application, &["sequence.no-gaps", "sequence.starts-at-one"], |c| {
        let next = next(c)?;
        let name = c.this()?.exchange.clone();
        c.remove(&name);
        Some(next.clone())
    })
    .then(&["ack.only-received", "sequence.starts-at-one", "sequence.no-gaps"]),
    disorder("message-repeated-too-early", Kind::Application, &["delivery.retransmission-interval"], |c| {
        is_plain(c)?;
        let name = c.this()?.exchange.clone();
        c.repeat_at_once(&name)
    }),
    disorder("message-repeated-after-its-answer", Kind::Application, &["delivery.stops"], |c| {
        is_plain(c)?;
        let back = answer(c)?.soap()?;
        only(back.fault.is_none() && !back.acknowledgements.is_empty())?;
        let name = c.this()?.exchange.clone();
        c.repeat_behind(&name, 2000)
    }),
    disorder("message-repeated-at-one-pace", Kind::Application, &["delivery.backoff"], |c| {
        let again = repetitions(c)?;
        let (first, [one, two, three, ..]) = (c.this()?.at?, again.as_slice()) else { return None };
        let pace = one.at?.checked_sub(first)?;
        only(pace < 1200)?;
        c.set_time(&two.exchange, one.at? + pace);
        c.set_time(&three.exchange, one.at? + 2 * pace);
        Some(Observation::clone(if pace < 640 { two } else { three }))
    }),
    disorder("message-after-the-end", Kind::Application, &["terminate.nothing-after"], |c| {
        let end = ending(c, LifecycleKind::Terminate)?;
        let more = further(c)?;
        c.send_behind(more, &end.exchange)
    })
    .then(&["last.number-above", "reply.acknowledged-by-source", "ack.never-shrinks"]),
    disorder("message-after-the-closing", Kind::Application, &["close.no-new-message"], |c| {
        let close = ending(c, LifecycleKind::Close)?;
        let more = further(c)?;
        c.send_behind(more, &close.exchange)
    })
    .then(&["close.last-number-value", "reply.acknowledged-by-source", "ack.never-shrinks"]),
    disorder("message-after-the-last", Kind::Application, &["last.number-above"], |c| {
        let is_last = |one: &&Observation| header(one).is_some_and(|found| found.is_last);
        let last = c.later().find(is_last)?;
        only(c.is_alone(&last.exchange))?;
        let more = further(c)?;
        c.send_behind(more, &last.exchange)
    })
    .then(&[
        "reply.acknowledged-by-source",
        "ack.never-shrinks",
        "terminate.after-acknowledged",
        "delivery.retransmits",
    ]),
    disorder("replies-exchanged", Kind::Reply, &["addressing.reply-relates-to"], |c| {
        let this = c.this()?.clone();
        let is_reply = |one: &&Observation| {
            one.soap().is_some_and(|message| message.is_application() && !message.sequences.is_empty())
        };
        only(this.soap()?.fault.is_none())?;
        let after = c.subject.after(c.place).map(|(one, _)| one);
        let other = after.filter(|one| one.half == Half::Response).find(is_reply)?;
        only(other.soap()?.fault.is_none() && is_first_and_last(c, &this) && is_first_and_last(c, other))?;
        c.swap(&this.name, &other.name)?;
        Some(this)
    })
    .then(&[
        "addressing.reply-relates-to",
        "ack.only-received",
        "reply.covers-request",
        "ack.never-shrinks",
    ]),
    disorder("answer-to-what-was-lost", Kind::Application, &["ack.only-received"], |c| {
        is_plain(c)?;
        let back = answer(c)?.clone();
        let own = header(c.this()?)?;
        let acknowledged = back.soap()?.acknowledgements.first()?;
        only(acknowledged.covered().contains(own.number?))?;
        let name = c.this()?.exchange.clone();
        c.lose_request(&name)?;
        Some(back)
    }),
];
