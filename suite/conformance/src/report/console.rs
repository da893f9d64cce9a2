//! A run as lines for a reader.

mod cases;
mod recordings;

pub use cases::CasesConsole;
pub use recordings::RecordingsConsole;
