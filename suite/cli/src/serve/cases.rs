//! `wsrm serve --cases`: one address for each case, for a client that is started by hand.

use std::time::Duration;

use wsrm_conformance::case::{Application, Target};
use wsrm_conformance::cases::source as cases;
use wsrm_conformance::invitation::OpenHouse;
use wsrm_oracle::Catalogue;

use super::{Arguments, stopped};
use crate::binding::Refusal;
use crate::exit::Exit;
use crate::terminal;

/// How often it is looked who has come to an end.
const ROUND: Duration = Duration::from_secs(1);

/// Answers until it is told to stop; tells of each visit that is over.
pub(super) async fn serve(arguments: &Arguments) -> Result<(), Refusal> {
    let refuse = |exit, message| Refusal { exit, message };
    let binding = arguments.binding.resolve()?;
    let own = arguments.own.application(None).map_err(|message| refuse(Exit::Usage, message))?;
    let recorded = arguments.contract.pattern();
    let (pattern, application) = own.unwrap_or_else(|| (recorded, Application::recorded(recorded)));
    let target = Target { address: String::new(), profile: binding.profile, pattern, application };
    let form = target.dialect();
    let catalogue = Catalogue::load().map_err(|error| refuse(Exit::Internal, error.to_string()))?;
    let house = OpenHouse::open(arguments.listen, cases::all().collect(), target, catalogue)
        .await
        .map_err(|error| refuse(Exit::Usage, format!("cannot listen on {}: {error}", arguments.listen)))?;
    let address = house.address();
    anstream::println!("listening on http://{address}/");
    anstream::println!("{form}; a case each at http://{address}/case/NAME; Ctrl-C ends");
    let mut round = tokio::time::interval(ROUND);
    let mut stop = std::pin::pin!(stopped());
    loop {
        tokio::select! {
            _ = round.tick() => {}
            () = stop.as_mut() => return Ok(()),
        }
        for report in house.ended() {
            let word = report.verdict.word();
            let (name, about, form) = (report.case.name, report.case.about, report.target.dialect());
            anstream::println!("\n{word} {name} ({form}): {about}");
            if let Some(reason) = report.verdict.reason() {
                anstream::println!("     {reason}");
            }
            anstream::print!("{}", report.judgement.render(terminal::width()));
        }
    }
}
