//! Messages and answers that are lost, late, or worth nothing.

use std::time::Duration;

use super::edit::{accepted, bad_request, busy, not_found, page, server_error};
use crate::case::Case;
use crate::invitation::rule::{On, each, first, nth, up_to};

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "loss.first-request",
        "The first message is lost.",
        &[first(On::Message).lose_request()],
    ),
    Case::invitation(
        "loss.later-request",
        "The second message is lost.",
        &[first(On::Number(2)).lose_request()],
    ),
    Case::invitation(
        "loss.last-request",
        "The last message is lost.",
        &[first(On::Number(3)).lose_request()],
    ),
    Case::invitation(
        "loss.first-response",
        "The answer to the first message is lost.",
        &[first(On::Number(1)).lose_response()],
    ),
    Case::invitation(
        "loss.later-response",
        "The answer to the second message is lost.",
        &[first(On::Number(2)).lose_response()],
    ),
    Case::invitation(
        "loss.three-times",
        "The second message is lost three times.",
        &[up_to(3, On::Number(2)).lose_request()],
    ),
    Case::invitation(
        "loss.both-ways",
        "The second message is lost, and then the answer to it.",
        &[first(On::Number(2)).lose_request(), nth(2, On::Number(2)).lose_response()],
    ),
    Case::invitation(
        "loss.each-response-once",
        "The answers to all three messages are lost once.",
        &[
            first(On::Number(1)).lose_response(),
            first(On::Number(2)).lose_response(),
            first(On::Number(3)).lose_response(),
        ],
    ),
    Case::invitation(
        "loss.for-good",
        "The second message is lost as often as it is sent.",
        &[each(On::Number(2)).lose_request()],
    )
    .slow(),
    Case::invitation(
        "loss.late-response",
        "The answer to the first message comes after 3 s, and the repetitions come to the service as well.",
        &[first(On::Number(1)).delay(Duration::from_secs(3))],
    ),
    Case::invitation(
        "loss.silence",
        "The first message is lost, and its connection stays open for 5 s.",
        &[first(On::Number(1)).hang(Duration::from_secs(5))],
    ),
    Case::invitation(
        "loss.broken-response",
        "The answer to the second message breaks off.",
        &[first(On::Number(2)).cut()],
    ),
    Case::invitation(
        "loss.accepted-once",
        "The second message is not taken, and answered by an empty HTTP 202.",
        &[first(On::Number(2)).answer(accepted)],
    ),
    Case::invitation(
        "loss.server-error-once",
        "The second message is answered by an empty HTTP 500.",
        &[first(On::Number(2)).answer(server_error)],
    ),
    Case::invitation(
        "loss.busy-once",
        "The second message is answered by HTTP 503.",
        &[first(On::Number(2)).answer(busy)],
    ),
    Case::invitation(
        "loss.not-found-once",
        "The second message is answered by HTTP 404.",
        &[first(On::Number(2)).answer(not_found)],
    ),
    Case::invitation(
        "loss.bad-request-once",
        "The second message is answered by an empty HTTP 400.",
        &[first(On::Number(2)).answer(bad_request)],
    ),
    Case::invitation(
        "loss.page-once",
        "The second message is answered by a page of HTML.",
        &[first(On::Number(2)).answer(page)],
    ),
];
