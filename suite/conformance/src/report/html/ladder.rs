//! A ladder diagram drawn by the browser.

use std::time::Duration;

use maud::{Markup, html};

use crate::ladder::{Course, Direction, Ladder, Rung, RungKind};
use crate::summary::Tone;

/// A longer session is cut in the middle of nowhere: what is at fault stays.
const MOST_RUNGS: usize = 400;
/// Characters of the text of a rung.
const LONGEST_TEXT: usize = 300;

/// What stands behind a rung: its words, and the anchor they lead to.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) text: String,
    pub(super) anchor: String,
    pub(super) class: &'static str,
}

/// The diagram; `marks` gives what stands behind a message.
pub(super) fn ladder(ladder: &Ladder, marks: &dyn Fn(&str) -> Vec<Mark>) -> Markup {
    let marked = |rung: &Rung| rung.message.as_deref().map(marks).unwrap_or_default();
    let has_times = ladder.rungs.iter().any(|rung| rung.time.is_some());
    let mut further = 0;
    let mut shown = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for (index, rung) in ladder.rungs.iter().enumerate() {
        let mut marks = marked(rung);
        // A message that is held back and comes later has its marks where it leaves.
        if let Some(name) = rung.message.clone().filter(|_| !marks.is_empty()) {
            if told.contains(&name) {
                marks.clear();
            } else {
                told.push(name);
            }
        }
        if index < MOST_RUNGS || !marks.is_empty() {
            shown.push((rung, marks));
        } else {
            further += 1;
        }
    }
    html! {
        div.ladder tabindex="0" role="group" aria-label="Ladder diagram" {
            div.heads { span { (ladder.client) } span { (ladder.service) } }
            ol .timed[has_times] {
                @for (rung, marks) in &shown { (line(rung, marks)) }
            }
            @if further > 0 { p.remark { "and " (further) " more messages" } }
            @if !ladder.legend.is_empty() {
                dl.legend {
                    @for (name, identifier) in &ladder.legend { div { dt { (name) } dd { (identifier) } } }
                }
            }
        }
    }
}

fn line(rung: &Rung, marks: &[Mark]) -> Markup {
    let (class, way) = match rung.kind {
        RungKind::Message(direction, course) => {
            let way = match (direction, course) {
                (Direction::ToService, Course::Lost) => "to the service, lost: ",
                (Direction::ToService, _) => "to the service: ",
                (Direction::ToClient, Course::Lost) => "to the client, lost: ",
                (Direction::ToClient, _) => "to the client: ",
            };
            let side = match direction {
                Direction::ToService => "there",
                Direction::ToClient => "back",
            };
            (format!("{side} {}", course_class(course)), way)
        }
        RungKind::Closed | RungKind::Note => ("note".to_owned(), ""),
    };
    let tone = match rung.tone {
        Tone::Fault => "fault",
        Tone::Protocol => "protocol",
        Tone::Application => "application",
        Tone::Plain => "plain",
    };
    let at_fault = if marks.is_empty() { "" } else { " marked" };
    let mut text: String = rung.text.chars().take(LONGEST_TEXT).collect();
    if text.len() < rung.text.len() {
        text.push('…');
    }
    html! {
        li class={ (class) " " (tone) (at_fault) } {
            @if let Some(time) = rung.time { span.time { (seconds(time)) } }
            span.number { (rung.exchange) }
            span.wire { span.hidden { (way) } span.text { (text) } }
            span.marks {
                @for mark in marks { a class=(mark.class) href={ "#" (mark.anchor) } { (mark.text) } " " }
            }
        }
    }
}

const fn course_class(course: Course) -> &'static str {
    match course {
        Course::Arrives => "arrives",
        Course::Lost => "lost",
        Course::Leaves => "leaves",
        Course::ArrivesLate => "late",
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}
