//! The table of messages: for each its tag, who sends it, what its body is, and how errors call it.
//!
//! To add a message, add a line here and a step that sends and receives it (`steps`). Tags, expected lengths, the predicted accounts, the
//! errors, and the test that every decoder is fuzzed come from this table.
//!
//! A body's length follows from the public shape of its type ([`Decode::len_for`](muse_field::wire::Decode::len_for)); a peer never chooses one. Bulk messages carry
//! many units of one type behind each other, and their number follows from the network's public architecture.

use crate::refused;
use core::fmt;
use muse_field::Fp;
use muse_field::id::Coin;
use muse_gc::{
    label::ActiveLabels,
    ot::{base, softspoken},
    seal::SealKey,
};
use muse_he::{encrypt::FreshCiphertext, keys::PublicKeyRow, reply::Reply};
use muse_mac::{Claimed, Digest};
use muse_triples::{beaver, random};
use muse_zk::{product, wellformed};

/// One of the two parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The client: it has the input and gets the result.
    Client,
    /// The server: it has the weights.
    Server,
}

/// A message of the table: a type without values that names it.
pub trait Message {
    /// Its tag.
    const TAG: Tag;
    /// Its body, or one unit of a bulk message's body.
    type Body;
}

/// A body without a type here. Its length is derived from the plan nevertheless, except that of the card, and a test compares it with
/// what is sent.
///
/// | message | why it has no type |
/// |---|---|
/// | [`Card`] | it is the only body whose length its sender chooses |
/// | [`OtColumns`] | every pattern of bits is one, so there is nothing to decode; `muse_gc` takes them in units of its own |
/// | [`GarbledTables`], [`ShareRows`] | under a seal all bytes are possible: nothing can be decoded before it is opened |
/// | [`Disclosure`] | it stands for several messages; `muse_cds` knows which one comes next |
pub enum Bytes {}

/// A body of no bytes at all: the tag says everything.
pub type Empty = [u8; 0];

/// Declares [`Tag`] and a type for every message that has a body.
macro_rules! messages {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:literal, $sender:ident, $words:literal, $body:ty;)+) => {
        /// Which message a frame carries: its second byte. The length of the body follows from the message's shape.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Tag {
            $($(#[doc = $doc])+ $name = $value,)+
        }

        impl Tag {
            /// Every tag, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name of the message as in the protocol's description.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// What an error calls a body of it that cannot be decoded.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)+
                }
            }

            /// Who sends it; `None` if both may.
            #[must_use]
            pub const fn sender(self) -> Option<Party> {
                match self {
                    $(Self::$name => sender!($sender),)+
                }
            }

            /// The type of its body, or of a unit of it, for the test that every decoder is fuzzed.
            #[must_use]
            pub fn body_type(self) -> &'static str {
                match self {
                    $(Self::$name => core::any::type_name::<$body>(),)+
                }
            }

            /// The tag of a byte received, if there is one.
            #[must_use]
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($value => Some(Self::$name),)+
                    _ => None,
                }
            }
        }

        $(
            $(#[doc = $doc])+
            #[allow(dead_code, reason = "some are only awaited by their tags")]
            pub enum $name {}

            impl Message for $name {
                const TAG: Tag = Tag::$name;
                type Body = $body;
            }
        )+
    };
}

/// Bytes of a hello: magic, version, protocol, nonce, digest.
pub const HELLO_BYTES: usize = 8 + 2 + 1 + 32 + 32;

/// Who sends a message.
macro_rules! sender {
    (client) => {
        Some(Party::Client)
    };
    (server) => {
        Some(Party::Server)
    };
    (either) => {
        None
    };
}

messages! {
    /// Client to server: magic, version, protocol, nonce, parameters.
    ClientHello = 1, client, "hello", [u8; HELLO_BYTES];
    /// Server to client: the same fields.
    ServerHello = 2, server, "hello", [u8; HELLO_BYTES];
    /// Server to client: the public part of its model, with its length before it.
    Card = 3, server, "card", Bytes;
    /// Server to client: base OT, the receiver's first message.
    BaseOtRequest = 4, server, "base OT request", base::Request;
    /// Client to server: the row that serves for re-randomisation.
    PublicKey = 5, client, "public key", PublicKeyRow;
    /// Client to server: base OT reply, punctured trees and their proofs.
    Trees = 6, client, "base OT trees", softspoken::Trees;
    /// Server to client, in place of its hello: it takes no session from this client now, and why.
    Refused = 7, server, "refusal", [u8; refused::Refused::LEN];

    /// Client to server: asks for one preprocessed inference.
    Preprocess = 16, client, "request", Empty;
    /// Server to client: the number of the inference.
    InferenceId = 17, server, "inference id", u64;
    /// Client to server: ciphertexts of a layer's masks.
    InputCiphertexts = 18, client, "ciphertext", FreshCiphertext;
    /// Server to client: a layer's replies.
    Replies = 19, server, "reply", Reply;
    /// Client to server: columns of the correlated OT.
    OtColumns = 20, client, "OT columns", Bytes;
    /// Server to client: challenge of the consistency check.
    OtChallenge = 21, server, "OT challenge", Coin;
    /// Client to server: answer to it.
    OtAnswer = 22, client, "OT answer", softspoken::Answer;
    /// Server to client: sealed garbled tables of a layer.
    GarbledTables = 23, server, "garbled tables", Bytes;
    /// Server to client: sealed label-to-share rows of a layer.
    ShareRows = 24, server, "rows", Bytes;
    /// Server to client: all of an inference is preprocessed.
    TicketReady = 25, server, "end of the preprocessing", Empty;
    /// Client to server: a hash of the first messages of the proof that its rows are well formed.
    ProofCommitment = 26, client, "commitment of the proof", wellformed::Commitment;
    /// Server to client: the proof's challenges.
    ProofChallenge = 27, server, "challenge of the proof", wellformed::Challenge;
    /// Client to server: the responses of this try would reveal something about its secrets; another try follows.
    ProofRejected = 28, client, "rejected try", Empty;
    /// Client to server: the responses to the challenges.
    ProofResponses = 29, client, "responses of the proof", wellformed::Responses;
    /// Server to client: the MACs of a layer's masks, for every coefficient.
    MaskMacs = 30, server, "reply", Reply;
    /// Client to server: for every layer one digest of the MACs of what must be zero or equal.
    StructureDigests = 31, client, "digest", Digest;

    /// Client to server: starts the online phase of a preprocessed inference, by its number.
    Infer = 32, client, "claim of a ticket", u64;
    /// Client to server: the masked input.
    MaskedInput = 33, client, "masked input", Vec<Fp>;
    /// Server to client: the key of a layer's seal, and its labels.
    OnlineLabels = 34, server, "key of a seal", (SealKey, ActiveLabels);
    /// Client to server: a layer's masked activations, with the hash of their MACs, or in the baseline without.
    MaskedActivations = 35, client, "opening", Claimed;
    /// Server to client: its share of the result.
    LastShare = 36, server, "share of the result", Vec<Fp>;

    /// Either way: a message of the disclosure of labels, which knows which one it is.
    Disclosure = 40, either, "message of the disclosure", Bytes;
    /// Server to client, for the published disclosure: a public key of the server, and the MAC key encrypted under it.
    EncryptedKey = 41, server, "encrypted MAC key", random::Setup;
    /// Client to server: ciphertexts of a batch of triples.
    TripleCiphertexts = 42, client, "ciphertext", FreshCiphertext;
    /// Server to client: MACs and cross terms of a batch of triples.
    TripleReplies = 43, server, "replies of triples", beaver::Replies;
    /// Server to client: seed of the proof that the client's products are right.
    ProductSeed = 44, server, "seed", Coin;
    /// Client to server: that proof.
    ProductProof = 45, client, "proof of products", product::Message;
    /// Client to server: encrypted keys of random values.
    RandomReplies = 46, client, "reply", Reply;
    /// Server to client: seed of the combination of random values.
    RandomSeed = 47, server, "seed", Coin;
    /// Client to server: that combination, opened.
    RandomOpening = 48, client, "opening", Claimed;
    /// Client to server: asks for this many batches of triples, which are only measured and not used.
    RehearseTriples = 49, client, "request", u8;
    /// Client to server: asks for this many batches of authenticated inputs, which are only measured and not used.
    RehearseInputs = 50, client, "request", u8;

    /// Client to server: a good end.
    Bye = 64, client, "farewell", Empty;
    /// Either way, in place of any frame: the session is over.
    Abort = 255, either, "end", Empty;
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
