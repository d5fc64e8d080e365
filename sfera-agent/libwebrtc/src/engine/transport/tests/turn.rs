//! A TURN server without a socket.

use std::net::SocketAddr;

use rtc_stun::{
    attributes::{ATTR_LIFETIME, ATTR_NONCE, ATTR_REALM, ATTR_XOR_RELAYED_ADDRESS},
    error_code::{CODE_STALE_NONCE, CODE_UNAUTHORIZED, ErrorCode, ErrorCodeAttribute},
    integrity::MessageIntegrity,
    message::{
        CLASS_ERROR_RESPONSE, CLASS_SUCCESS_RESPONSE, METHOD_ALLOCATE, METHOD_REFRESH, Message,
        MessageType, Setter, TransactionId,
    },
    textattrs::TextAttribute,
    xoraddr::XorMappedAddress,
};

pub(crate) const USER: &str = "user";
pub(crate) const PASSWORD: &str = "password";
const REALM: &str = "realm";
/// Seconds.
const LIFETIME: u32 = 600;

pub(crate) struct Turn {
    pub(crate) nonce: String,
    pub(crate) password: String,
    pub(crate) relayed: SocketAddr,
    /// Refreshes are refused with this code.
    pub(crate) refuses: Option<ErrorCode>,
    /// Requests that were granted, by method. One that comes again, as its answer was late, is one.
    pub(crate) granted: Vec<MessageType>,
    transactions: Vec<TransactionId>,
}

impl Turn {
    pub(crate) fn new(relayed: SocketAddr) -> Self {
        Self {
            nonce: "first".to_owned(),
            password: PASSWORD.to_owned(),
            relayed,
            refuses: None,
            granted: Vec::new(),
            transactions: Vec::new(),
        }
    }

    /// What it answers; nothing where that was no request.
    pub(crate) fn answer(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let mut request = Message::new();
        request.raw = packet.to_vec();
        request.decode().ok()?;
        if request.typ.class != rtc_stun::message::CLASS_REQUEST {
            return None;
        }
        let nonce = TextAttribute::get_from_as(&request, ATTR_NONCE);
        let Ok(nonce) = nonce else {
            return Some(self.refuse(&request, CODE_UNAUTHORIZED));
        };
        if !is_signed(&mut request, &self.password) {
            return Some(self.refuse(&request, CODE_UNAUTHORIZED));
        }
        if nonce.text != self.nonce {
            return Some(self.refuse(&request, CODE_STALE_NONCE));
        }
        match self.refuses {
            Some(code) if request.typ.method == METHOD_REFRESH => Some(self.refuse(&request, code)),
            _ => Some(self.grant(&request)),
        }
    }

    fn grant(&mut self, request: &Message) -> Vec<u8> {
        if !self.transactions.contains(&request.transaction_id) {
            self.transactions.push(request.transaction_id);
            self.granted.push(request.typ);
        }
        let mut answer = head(request, CLASS_SUCCESS_RESPONSE);
        answer.add(ATTR_LIFETIME, &LIFETIME.to_be_bytes());
        if request.typ.method == METHOD_ALLOCATE {
            let relayed = XorMappedAddress {
                ip: self.relayed.ip(),
                port: self.relayed.port(),
            };
            let _ = relayed.add_to_as(&mut answer, ATTR_XOR_RELAYED_ADDRESS);
        }
        answer.raw
    }

    fn refuse(&self, request: &Message, code: ErrorCode) -> Vec<u8> {
        let mut answer = head(request, CLASS_ERROR_RESPONSE);
        let error = ErrorCodeAttribute {
            code,
            reason: Vec::new(),
        };
        let _ = error.add_to(&mut answer);
        answer.add(ATTR_REALM, REALM.as_bytes());
        answer.add(ATTR_NONCE, self.nonce.as_bytes());
        answer.raw
    }
}

fn is_signed(request: &mut Message, password: &str) -> bool {
    let Ok(crypto) = rtc_crypto::default_provider() else {
        return false;
    };
    let key = MessageIntegrity::long_term_integrity_key(
        USER.to_owned(),
        REALM.to_owned(),
        password.to_owned(),
        crypto.crypto(),
    );
    key.is_ok_and(|key| MessageIntegrity::check(request, &key, crypto.crypto()).is_ok())
}

fn head(request: &Message, class: rtc_stun::message::MessageClass) -> Message {
    let mut answer = Message::new();
    answer.typ = MessageType::new(request.typ.method, class);
    answer.transaction_id = request.transaction_id;
    answer.write_header();
    answer
}
