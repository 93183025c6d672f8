//! What a browser and the dashboard say to each other: JSON, which the head of `page.html` describes.

use serde::{Deserialize, Serialize};
use ws_embedded_io::{Composer, Full};

/// The longest name of the device, in characters.
const MAX_NAME: usize = 32;
/// The most samples per second.
const MAX_RATE: u32 = 50;
/// How much of what is wrong with a command is told, in characters.
const MAX_COMPLAINT: usize = 100;

/// What a browser asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "command", content = "value", rename_all = "lowercase")]
pub(crate) enum Command {
    Led(bool),
    /// In samples per second, which is not 0.
    Rate(u32),
    Name(String),
    Reset,
}

/// What the dashboard says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum News {
    State(State),
    /// Why a command is not obeyed.
    Error(String),
    #[serde(untagged)]
    Sample(Sample),
}

/// What every browser shows of the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct State {
    pub(crate) led: bool,
    /// In samples per second.
    pub(crate) rate: u32,
    pub(crate) name: String,
    pub(crate) viewers: usize,
}

/// What the sensors have measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Sample {
    /// When, in milliseconds since the sensors have started.
    pub(crate) t: u64,
    /// In °C.
    pub(crate) temperature: f64,
    /// In %.
    pub(crate) humidity: f64,
    /// In g.
    pub(crate) vibration: f64,
}

impl Command {
    /// Understands a message; the error is for whoever has sent it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let command = serde_json::from_str(text)
            .map_err(|error| error.to_string().chars().take(MAX_COMPLAINT).collect::<String>())?;
        match &command {
            Self::Rate(rate) if !(1..=MAX_RATE).contains(rate) => {
                Err(format!("the rate is 1 to {MAX_RATE} samples per second"))
            }
            Self::Name(name) if name.is_empty() || name.chars().count() > MAX_NAME => {
                Err(format!("a name has 1 to {MAX_NAME} characters"))
            }
            _ => Ok(command),
        }
    }
}

impl News {
    /// Serialises straight into the place from where it is sent.
    pub(crate) fn compose(&self, message: &mut Composer<'_>) -> Result<(), Full> {
        let mut free = message.space();
        let before = free.len();
        serde_json::to_writer(&mut free, self).map_err(|_| Full)?;
        let len = before - free.len();
        message.advance(len);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_understood() {
        let name = r#"pump 7 <b>"ß"</b> \"#;
        let table = [
            (r#"{"command": "led", "value": true}"#, Command::Led(true)),
            (r#"{"value":50,"command":"rate"}"#, Command::Rate(50)),
            (r#"{"command":"name","value":"pump 7 <b>\"ß\"</b> \\"}"#, Command::Name(name.to_owned())),
            (r#"{"command":"reset"}"#, Command::Reset),
        ];
        for (text, command) in table {
            assert_eq!(Command::parse(text), Ok(command), "{text}");
        }
    }

    #[test]
    fn other_messages_are_complained_of_in_few_words() {
        let long = format!(r#"{{"command":"{}"}}"#, "x".repeat(400));
        let table = [
            "",
            "led",
            r#"{"command":"fly","value":1}"#,
            r#"{"command":"led","value":1}"#,
            r#"{"command":"led"}"#,
            r#"{"command":"rate","value":0}"#,
            r#"{"command":"rate","value":51}"#,
            r#"{"command":"rate","value":-1}"#,
            r#"{"command":"name","value":""}"#,
            r#"{"command":"name","value":"123456789012345678901234567890123"}"#,
            &long,
        ];
        for text in table {
            let complaint = Command::parse(text).unwrap_err();
            assert!((1..=MAX_COMPLAINT).contains(&complaint.chars().count()), "{text}: {complaint}");
        }
    }

    #[test]
    fn news_are_what_the_page_expects() {
        let state = State { led: true, rate: 20, name: r#""\"#.to_owned(), viewers: 2 };
        let sample = Sample { t: 123_450, temperature: 21.4, humidity: 40.2, vibration: 0.03 };
        let table = [
            (News::State(state), r#"{"state":{"led":true,"rate":20,"name":"\"\\","viewers":2}}"#),
            (News::Error("why".to_owned()), r#"{"error":"why"}"#),
            (News::Sample(sample), r#"{"t":123450,"temperature":21.4,"humidity":40.2,"vibration":0.03}"#),
        ];
        for (news, json) in table {
            assert_eq!(serde_json::to_string(&news).unwrap(), json);
        }
    }
}
