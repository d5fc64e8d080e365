//! End-to-end encryption, which this engine does not do, and therefore refuses.
//!
//! Nothing may leave in the clear while a program believes it encrypted:
//! - while a [`KeyProvider`] lives, no peer connection can be created in this process, with an error
//!   that says why; `livekit` makes one before it connects;
//! - a sender or receiver that was given a [`FrameCryptor`] carries nothing from then on;
//! - a [`DataPacketCryptor`] answers with an error.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::packet_trailer::PacketTrailerHandler;
use crate::{
    RtcError, RtcErrorType, peer_connection_factory::PeerConnectionFactory,
    rtp_receiver::RtpReceiver, rtp_sender::RtpSender,
};

const REFUSED: &str = "end-to-end encryption is not supported by this media engine: \
    connect without it, or build with Google's libwebrtc";

static PROVIDERS: AtomicUsize = AtomicUsize::new(0);

/// An error while somebody in this process holds keys for encryption.
pub(crate) fn refuse_where_wanted() -> Result<(), RtcError> {
    match PROVIDERS.load(Ordering::Acquire) {
        0 => Ok(()),
        _ => Err(RtcError {
            error_type: RtcErrorType::InvalidState,
            message: REFUSED.to_owned(),
        }),
    }
}

/// Called when the state of a cryptor changes.
pub type OnStateChange = Box<dyn FnMut(String, EncryptionState) + Send + Sync>;

/// How a key is made of a password.
#[derive(Copy, Clone, Debug)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub enum KeyDerivationAlgorithm {
    PBKDF2,
    HKDF,
}

/// How keys are kept.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub struct KeyProviderOptions {
    pub shared_key: bool,
    pub ratchet_window_size: i32,
    pub ratchet_salt: Vec<u8>,
    pub failure_tolerance: i32,
    pub key_ring_size: i32,
    pub key_derivation_algorithm: KeyDerivationAlgorithm,
}

/// A cipher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub enum EncryptionAlgorithm {
    AesGcm,
    AesCbc,
}

/// How a cryptor fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub enum EncryptionState {
    New,
    Ok,
    EncryptionFailed,
    DecryptionFailed,
    MissingKey,
    KeyRatcheted,
    InternalError,
}

/// An encrypted message.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names are those of libwebrtc")]
pub struct EncryptedPacket {
    pub data: Vec<u8>,
    pub iv: Vec<u8>,
    pub key_index: u32,
}

/// Takes no key. That one exists stops new connections of the process.
#[derive(Clone)]
pub struct KeyProvider {
    _wanted: Arc<Wanted>,
}

struct Wanted;

impl Drop for Wanted {
    fn drop(&mut self) {
        PROVIDERS.fetch_sub(1, Ordering::AcqRel);
    }
}

impl KeyProvider {
    /// A provider that will hold no key.
    pub fn new(_options: KeyProviderOptions) -> Self {
        PROVIDERS.fetch_add(1, Ordering::AcqRel);
        log::error!("{REFUSED}");
        Self {
            _wanted: Arc::new(Wanted),
        }
    }

    /// False: no key is taken.
    pub fn set_shared_key(&self, _key_index: i32, _key: Vec<u8>) -> bool {
        false
    }

    /// None: there is no key.
    pub fn ratchet_shared_key(&self, _key_index: i32) -> Option<Vec<u8>> {
        None
    }

    /// None: there is no key.
    pub fn get_shared_key(&self, _key_index: i32) -> Option<Vec<u8>> {
        None
    }

    /// False: no key is taken.
    pub fn set_key(&self, _participant: String, _key_index: i32, _key: Vec<u8>) -> bool {
        false
    }

    /// None: there is no key.
    pub fn ratchet_key(&self, _participant: String, _key_index: i32) -> Option<Vec<u8>> {
        None
    }

    /// None: there is no key.
    pub fn get_key(&self, _participant: String, _key_index: i32) -> Option<Vec<u8>> {
        None
    }

    /// Nothing to keep: nothing is encrypted.
    pub fn set_sif_trailer(&self, _trailer: Vec<u8>) {}
}

/// Stops what it was made for.
#[derive(Clone)]
pub struct FrameCryptor {
    participant: String,
}

impl FrameCryptor {
    /// From now on this sender sends nothing.
    pub fn new_for_rtp_sender(
        _factory: &PeerConnectionFactory,
        participant: String,
        _algorithm: EncryptionAlgorithm,
        _keys: KeyProvider,
        sender: RtpSender,
    ) -> Self {
        sender.transceiver.forbid();
        log::error!("{REFUSED}");
        Self { participant }
    }

    /// From now on this receiver gives nothing.
    pub fn new_for_rtp_receiver(
        _factory: &PeerConnectionFactory,
        participant: String,
        _algorithm: EncryptionAlgorithm,
        _keys: KeyProvider,
        receiver: RtpReceiver,
    ) -> Self {
        receiver.transceiver.forbid();
        log::error!("{REFUSED}");
        Self { participant }
    }

    /// It can't be switched on.
    pub fn set_enabled(&self, _enabled: bool) {}

    /// Never.
    pub fn enabled(&self) -> bool {
        false
    }

    /// There are no keys.
    pub fn set_key_index(&self, _index: i32) {}

    /// There are no keys.
    pub fn key_index(&self) -> i32 {
        0
    }

    /// Whose media was to be encrypted.
    pub fn participant_id(&self) -> String {
        self.participant.clone()
    }

    /// Hears at once that it can't be done.
    pub fn on_state_change(&self, handler: Option<OnStateChange>) {
        if let Some(mut handler) = handler {
            handler(self.participant.clone(), EncryptionState::InternalError);
        }
    }

    /// Nothing to do.
    pub fn set_packet_trailer_handler(&self, _handler: &PacketTrailerHandler) {}
}

/// Refuses.
#[derive(Clone)]
pub struct DataPacketCryptor(());

impl DataPacketCryptor {
    /// One that refuses.
    pub fn new(_algorithm: EncryptionAlgorithm, _keys: KeyProvider) -> Self {
        Self(())
    }

    /// # Errors
    /// Always.
    pub fn encrypt(
        &self,
        _participant: &str,
        _key_index: u32,
        _data: &[u8],
    ) -> Result<EncryptedPacket, Box<dyn std::error::Error>> {
        Err(REFUSED.into())
    }

    /// # Errors
    /// Always.
    pub fn decrypt(
        &self,
        _participant: &str,
        _packet: &EncryptedPacket,
    ) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        Err(REFUSED.into())
    }
}
