//! The names of a recording's files.

use std::fmt;

/// What one `.http` file of a recording holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileName {
    /// Which exchange.
    pub(super) exchange: u32,
    /// Request or response.
    pub(super) part: Part,
    /// Which delivery.
    pub(super) delivery: Delivery,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Request,
    Response,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Delivery {
    /// As sent, and delivered for all the file's name says.
    First,
    /// Produced, not delivered.
    Dropped,
    /// Delivered in the place of another, which was changed on the way.
    Altered,
    /// A duplicate and its answer; copies count from 1.
    Copy(u32),
}

impl FileName {
    /// Reads `NN-request.http`, `NN-response.dropped.http`, `NN-request.altered.http`, `NN-response.copyK.http`, and
    /// the older
    /// `NNN-c2s-req-DROPPED.http`, `NNN-c2s-res-DROPPED.http`, `NNN-c2s-res-of-DUPLICATE.http`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (number, rest) = name.strip_suffix(".http")?.split_once('-')?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exchange = number.parse().ok()?;
        let (part, delivery) = match rest {
            "c2s-req-DROPPED" => (Part::Request, Delivery::Dropped),
            "c2s-res-DROPPED" => (Part::Response, Delivery::Dropped),
            "c2s-res-of-DUPLICATE" => (Part::Response, Delivery::Copy(1)),
            _ => {
                let (part, delivery) = rest.split_once('.').unwrap_or((rest, ""));
                let part = match part {
                    "request" => Part::Request,
                    "response" => Part::Response,
                    _ => return None,
                };
                let delivery = match delivery {
                    "" => Delivery::First,
                    "dropped" => Delivery::Dropped,
                    "altered" => Delivery::Altered,
                    copy => Delivery::Copy(copy.strip_prefix("copy")?.parse().ok().filter(|k| *k > 0)?),
                };
                (part, delivery)
            }
        };
        Some(Self { exchange, part, delivery })
    }

    /// The name without extension.
    pub(super) fn stem(self) -> String {
        let name = self.to_string();
        name.strip_suffix(".http").unwrap_or(&name).to_owned()
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Request => "request",
            Part::Response => "response",
        };
        write!(f, "{:02}-{part}", self.exchange)?;
        match self.delivery {
            Delivery::First => {}
            Delivery::Dropped => f.write_str(".dropped")?,
            Delivery::Altered => f.write_str(".altered")?,
            Delivery::Copy(copy) => write!(f, ".copy{copy}")?,
        }
        f.write_str(".http")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("01-request.http", 1, Part::Request, Delivery::First)]
    #[case("152-response.http", 152, Part::Response, Delivery::First)]
    #[case("02-request.dropped.http", 2, Part::Request, Delivery::Dropped)]
    #[case("02-response.altered.http", 2, Part::Response, Delivery::Altered)]
    #[case("02-response.copy3.http", 2, Part::Response, Delivery::Copy(3))]
    #[case("003-c2s-req-DROPPED.http", 3, Part::Request, Delivery::Dropped)]
    #[case("003-c2s-res-DROPPED.http", 3, Part::Response, Delivery::Dropped)]
    #[case("003-c2s-res-of-DUPLICATE.http", 3, Part::Response, Delivery::Copy(1))]
    fn reads(#[case] name: &str, #[case] exchange: u32, #[case] part: Part, #[case] delivery: Delivery) {
        let file_name = FileName { exchange, part, delivery };
        assert_eq!(FileName::parse(name), Some(file_name));
        assert_eq!(FileName::parse(&file_name.to_string()), Some(file_name));
    }

    #[rstest]
    #[case("rm11.http")]
    #[case("01-request.copy0.http")]
    #[case("01-request.lost.http")]
    #[case("99999999999-request.http")]
    #[case("01-requests.http")]
    #[case("01-request.txt")]
    fn does_not_read(#[case] name: &str) {
        assert_eq!(FileName::parse(name), None);
    }
}
