//! What of a remote description the engine itself must know: which sections there are, which way they
//! go, and what the peer calls its tracks. Everything else in it is str0m's.

use str0m::media::Direction;

use crate::MediaType;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section<'a> {
    pub kind: MediaType,
    pub mid: &'a str,
    /// Seen from the peer.
    pub direction: Direction,
    pub stream: Option<Msid<'a>>,
    /// The peer wants redundant packets (RFC 2198) rather than plain ones. LiveKit's server throws
    /// plain ones away then.
    pub red: bool,
    /// The peer wants silence to take hardly any packets (RFC 7587, section 6.1).
    pub dtx: bool,
}

/// The peer's names of a stream and of a track in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Msid<'a> {
    pub stream: &'a str,
    pub track: Option<&'a str>,
}

/// The sections that have a name.
pub(super) fn sections(sdp: &str) -> impl Iterator<Item = Section<'_>> {
    sdp.split("\nm=").skip(1).filter_map(section)
}

/// The name of the first section: where candidates are said to belong.
pub(super) fn first_mid(sdp: &str) -> Option<&str> {
    sections(sdp).next().map(|section| section.mid)
}

/// The name of the ICE session; another one means that ICE restarts.
pub(super) fn ice_name(sdp: &str) -> Option<&str> {
    sdp.lines()
        .find_map(|line| line.trim().strip_prefix("a=ice-ufrag:"))
}

fn section(text: &str) -> Option<Section<'_>> {
    let attribute = |name| text.lines().find_map(|line| line.trim().strip_prefix(name));
    let kind = match text.split_whitespace().next() {
        Some("audio") => MediaType::Audio,
        Some("video") => MediaType::Video,
        Some("application") => MediaType::Data,
        _ => MediaType::Unsupported,
    };
    let direction = text
        .lines()
        .find_map(|line| direction(line.trim()))
        .unwrap_or(Direction::SendRecv);
    let sends = matches!(direction, Direction::SendOnly | Direction::SendRecv);
    Some(Section {
        kind,
        mid: attribute("a=mid:").filter(|mid| !mid.is_empty())?,
        direction,
        stream: attribute("a=msid:").filter(|_| sends).and_then(msid),
        red: prefers_red(text),
        dtx: wants_dtx(text),
    })
}

/// `audio 9 UDP/TLS/RTP/SAVPF 63 111`: the first number is the preferred way.
fn prefers_red(text: &str) -> bool {
    let first = text
        .lines()
        .next()
        .and_then(|line| line.split_whitespace().nth(3));
    let is_red = |number: &str| {
        let rest = |line: &'_ str| line.trim().strip_prefix("a=rtpmap:").map(str::to_owned);
        text.lines().filter_map(rest).any(|map| {
            map.strip_prefix(number)
                .is_some_and(|codec| codec.starts_with(" red/"))
        })
    };
    first.is_some_and(is_red)
}

/// `a=fmtp:111 minptime=10;usedtx=1`, where 111 is Opus.
fn wants_dtx(text: &str) -> bool {
    let values = |name: &'static str| {
        text.lines()
            .filter_map(move |line| line.trim().strip_prefix(name)?.split_once(' '))
    };
    let opus = |number: &str| {
        values("a=rtpmap:").any(|(other, codec)| {
            other == number && codec.to_ascii_lowercase().starts_with("opus/")
        })
    };
    let on = |parameter: &str| parameter.trim().eq_ignore_ascii_case("usedtx=1");
    values("a=fmtp:").any(|(number, format)| opus(number) && format.split(';').any(on))
}

fn direction(line: &str) -> Option<Direction> {
    Some(match line {
        "a=sendrecv" => Direction::SendRecv,
        "a=sendonly" => Direction::SendOnly,
        "a=recvonly" => Direction::RecvOnly,
        "a=inactive" => Direction::Inactive,
        _ => return None,
    })
}

fn msid(value: &str) -> Option<Msid<'_>> {
    let mut words = value.split_whitespace();
    let stream = words.next().filter(|stream| *stream != "-")?;
    Some(Msid {
        stream,
        track: words.next(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\na=mid:1\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;usedtx=1\r\na=rtpmap:63 red/48000/2\r\na=sendonly\r\na=msid:PA_1|x TR_2\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=inactive\r\na=msid:gone gone\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendrecv\r\n";

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,300}", cut in 0..ANSWER.len(), word in "[a-z=:0-9 -]{0,20}") {
            let mixed = format!("{}{word}\r\n{text}", &ANSWER[..cut]);
            for section in sections(&mixed) {
                proptest::prop_assert!(!section.mid.is_empty());
            }
            let _ = (first_mid(&text), ice_name(&mixed));
        }
    }

    #[test]
    fn sections_are_found_with_their_direction_and_the_peers_names() {
        let found: Vec<_> = sections(ANSWER).collect();
        assert_eq!(
            found,
            [
                Section {
                    kind: MediaType::Data,
                    mid: "0",
                    direction: Direction::SendRecv,
                    stream: None,
                    red: false,
                    dtx: false,
                },
                Section {
                    kind: MediaType::Audio,
                    mid: "1",
                    direction: Direction::SendOnly,
                    stream: Some(Msid {
                        stream: "PA_1|x",
                        track: Some("TR_2")
                    }),
                    red: true,
                    dtx: true,
                },
                Section {
                    kind: MediaType::Video,
                    mid: "v",
                    direction: Direction::Inactive,
                    stream: None,
                    red: false,
                    dtx: false,
                },
            ],
            "a section without a name is left out, a track that is not sent has no name"
        );
        assert_eq!(first_mid(ANSWER), Some("0"));
    }
}
