//! Requests whose nonce a TURN server has outlived.
//!
//! A server renews its nonces and answers a request with an old one with 438 (RFC 8489, section 9.2.4).
//! rtc-turn 0.21 keeps the new nonce for its next request and gives up this one, which may be the
//! refresh that an allocation lives by. So such an answer is kept from it: the request goes out again,
//! signed anew, and its answer is given back under the number by which rtc-turn knows it.

use std::collections::VecDeque;

use rtc_crypto::RTCCrypto;
use rtc_stun::{
    attributes::{
        ATTR_FINGERPRINT, ATTR_MESSAGE_INTEGRITY, ATTR_NONCE, ATTR_REALM, ATTR_USERNAME,
        ATTR_XOR_PEER_ADDRESS, RawAttribute,
    },
    error_code::{CODE_STALE_NONCE, ErrorCodeAttribute},
    fingerprint::FINGERPRINT,
    integrity::MessageIntegrity,
    message::{
        CLASS_ERROR_RESPONSE, CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, Getter, METHOD_ALLOCATE,
        Message, Setter, TransactionId, is_stun_message,
    },
    textattrs::TextAttribute,
};

/// Requests that may be under way at a time; beyond them the oldest is forgotten.
const MOST: usize = 64;
/// Where a STUN message names its transaction.
const NUMBER: std::ops::Range<usize> = 8..20;

/// What the server's answer is for the client.
pub(super) enum Answer {
    /// To be read.
    Read(Vec<u8>),
    /// Not to be read: this goes out instead.
    Again(Vec<u8>),
}

/// The requests that are under way.
pub(super) struct Requests {
    password: String,
    nonce: Option<String>,
    sent: VecDeque<Sent>,
}

struct Sent {
    /// The number by which the client knows it.
    known: TransactionId,
    /// The number under which it is under way.
    number: TransactionId,
    bytes: Vec<u8>,
    /// It was refused for its nonce once; twice is a server that can't be pleased.
    again: bool,
}

impl Requests {
    pub(super) const fn new(password: String) -> Self {
        Self {
            password,
            nonce: None,
            sent: VecDeque::new(),
        }
    }

    /// What goes out in place of the client's packet.
    pub(super) fn send(&mut self, bytes: &[u8], crypto: &dyn RTCCrypto) -> Vec<u8> {
        let Some(request) = parse(bytes).filter(is_signed_request) else {
            return bytes.to_vec();
        };
        let known = request.transaction_id;
        // The client repeats what is not answered.
        if let Some(sent) = self.sent.iter().find(|sent| sent.known == known) {
            return sent.bytes.clone();
        }
        let bytes = match &self.nonce {
            Some(nonce) if text(&request, ATTR_NONCE).as_ref() != Some(nonce) => self
                .sign(&request, known, nonce, crypto)
                .unwrap_or_else(|| bytes.to_vec()),
            _ => bytes.to_vec(),
        };
        self.keep(Sent {
            known,
            number: known,
            bytes: bytes.clone(),
            again: false,
        });
        bytes
    }

    /// What the client is to read of the server's packet.
    pub(super) fn receive(&mut self, bytes: &[u8], crypto: &dyn RTCCrypto) -> Answer {
        let answered = |message: &Message| {
            [CLASS_SUCCESS_RESPONSE, CLASS_ERROR_RESPONSE].contains(&message.typ.class)
        };
        let Some(answer) = parse(bytes).filter(answered) else {
            return Answer::Read(bytes.to_vec());
        };
        let at = self
            .sent
            .iter()
            .position(|sent| sent.number == answer.transaction_id);
        let Some(sent) = at.and_then(|at| self.sent.remove(at)) else {
            return Answer::Read(bytes.to_vec());
        };
        if let Some(again) = self.renew(&sent, &answer, crypto) {
            return Answer::Again(again);
        }
        let mut bytes = bytes.to_vec();
        if let Some(number) = bytes.get_mut(NUMBER) {
            number.copy_from_slice(&sent.known.0);
        }
        Answer::Read(bytes)
    }

    /// The request with the nonce the server wants, where that is what it wants.
    fn renew(&mut self, sent: &Sent, answer: &Message, crypto: &dyn RTCCrypto) -> Option<Vec<u8>> {
        let mut error = ErrorCodeAttribute::default();
        error.get_from(answer).ok()?;
        let nonce = text(answer, ATTR_NONCE)?;
        if error.code != CODE_STALE_NONCE || sent.again {
            return None;
        }
        let request = parse(&sent.bytes)?;
        let number = TransactionId::new();
        let bytes = self.sign(&request, number, &nonce, crypto)?;
        self.nonce = Some(nonce);
        self.keep(Sent {
            known: sent.known,
            number,
            bytes: bytes.clone(),
            again: true,
        });
        Some(bytes)
    }

    fn keep(&mut self, sent: Sent) {
        if self.sent.len() >= MOST {
            self.sent.pop_front();
        }
        self.sent.push_back(sent);
    }

    /// The same request under another number and with another nonce.
    fn sign(
        &self,
        request: &Message,
        number: TransactionId,
        nonce: &str,
        crypto: &dyn RTCCrypto,
    ) -> Option<Vec<u8>> {
        let key = MessageIntegrity::long_term_integrity_key(
            text(request, ATTR_USERNAME)?,
            text(request, ATTR_REALM)?,
            self.password.clone(),
            crypto,
        );
        let mut signed = Message::new();
        signed.typ = request.typ;
        signed.transaction_id = number;
        signed.write_header();
        for attribute in &request.attributes.0 {
            match attribute.typ {
                ATTR_NONCE => signed.add(ATTR_NONCE, nonce.as_bytes()),
                // They come last, over everything else.
                ATTR_MESSAGE_INTEGRITY | ATTR_FINGERPRINT => {}
                ATTR_XOR_PEER_ADDRESS => {
                    signed.add(
                        attribute.typ,
                        &masked(attribute, request.transaction_id, number),
                    );
                }
                other => signed.add(other, &attribute.value),
            }
        }
        MessageIntegrity::new_raw_integrity_with_provider(key.ok()?, crypto)
            .add_to(&mut signed)
            .ok()?;
        FINGERPRINT.add_to(&mut signed).ok()?;
        Some(signed.raw)
    }
}

/// An address of IPv6 is masked with the number of its transaction from its ninth byte on (RFC 8489,
/// section 14.2).
fn masked(attribute: &RawAttribute, before: TransactionId, after: TransactionId) -> Vec<u8> {
    let mut value = attribute.value.clone();
    for ((byte, before), after) in value.iter_mut().skip(8).zip(before.0).zip(after.0) {
        *byte ^= before ^ after;
    }
    value
}

fn parse(bytes: &[u8]) -> Option<Message> {
    if !is_stun_message(bytes) {
        return None;
    }
    let mut message = Message::new();
    message.raw = bytes.to_vec();
    message.decode().ok()?;
    Some(message)
}

/// The first request of an allocation tells the nonce; what follows it lives by it.
fn is_signed_request(message: &Message) -> bool {
    message.typ.class == CLASS_REQUEST
        && message.typ.method != METHOD_ALLOCATE
        && message.contains(ATTR_NONCE)
}

fn text(message: &Message, attribute: rtc_stun::attributes::AttrType) -> Option<String> {
    TextAttribute::get_from_as(message, attribute)
        .ok()
        .map(|attribute| attribute.text)
}
