//! Measuring the judge: recordings of WCF with one edit each.
//!
//! A [`Wound`] breaks one rule in one message. The judge has to find it by a fitting requirement, at that message,
//! against that side, and may claim nothing else but what the wound says that follows from it. A [`Change`] breaks
//! nothing, so the verdict must stay as it was. Both are applied to each recording ([`Subject`]) in which they make
//! sense; a [`Score`] tells what came of it.
//!
//! ```
//! use wsrm_oracle::Catalogue;
//! use wsrm_oracle::measure::{Score, Subject, wounds};
//!
//! let catalogue = Catalogue::load()?;
//! // Of each recording: its name, what was seen in it, and the sides that are known to keep the rules.
//! let subjects: Vec<Subject> = Vec::new();
//! let mut score = Score::default();
//! for wound in wounds() {
//!     score.add(wound.inflict(&catalogue, &subjects));
//! }
//! println!("{score}");
//! # Ok::<(), wsrm_oracle::CatalogueError>(())
//! ```

mod change;
mod course;
mod draft;
mod harmless;
mod score;
mod subject;
mod wound;
mod wounds;

pub use change::{Change, changes};
pub use score::{Miss, Score};
pub use subject::Subject;
pub use wound::{Wound, wounds};
