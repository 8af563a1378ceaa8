//! [`Channel`]: the way by which a notification reaches a person. How each is set up is the configuration's, and how a
//! message is delivered is the daemon's.

string_enum! {
    /// The way by which a notification reaches a person, by the name that the ledger and the calls have.
    Channel, "channel" {
        /// A mail.
        Email = "email",
        /// A text message.
        Sms = "SMS",
        /// A notification on the desktop of the daemon's machine.
        Desktop = "desktop",
        /// A signed request to an address of the user's choice.
        Webhook = "webhook",
        /// A push message by way of an ntfy server.
        Ntfy = "ntfy",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_channel_has_one_name_everywhere() {
        for channel in Channel::ALL {
            let name = channel.as_str();
            assert_eq!(serde_json::to_value(channel).unwrap(), name);
            assert_eq!(serde_json::from_str::<Channel>(&format!("\"{name}\"")).unwrap(), *channel);
            assert_eq!(channel.to_string(), name);
            for text in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
                assert_eq!(text.parse::<Channel>().unwrap(), *channel);
            }
        }
        let error = "pigeon".parse::<Channel>().unwrap_err();
        assert!(error.message.contains("pigeon") && error.hint.unwrap().contains("desktop"));
    }
}
