//! The names of the messages.

use core::fmt;

/// First byte of every frame. Another value means another wire format, or no peer of ours at all.
pub const FRAME_VERSION: u8 = 1;

/// Declares [`Tag`]: add a message by adding a line, with a number never used before.
macro_rules! tags {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:literal,)+) => {
        /// Which message a frame carries: its second byte. The length of the body follows from the message's shape.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Tag {
            $($(#[doc = $doc])+ $name = $value,)+
        }

        impl Tag {
            /// Every tag, ascending.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name of the message as in the protocol's description.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
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
    };
}

tags! {
    /// Client to server: magic, version, mode, nonce, parameters.
    ClientHello = 1,
    /// Server to client: the same fields.
    ServerHello = 2,
    /// Server to client: the public part of its model.
    Card = 3,
    /// Server to client: base OT, the receiver's first message.
    BaseOtRequest = 4,
    /// Client to server: the row that serves for re-randomisation.
    PublicKey = 5,
    /// Client to server: base OT reply, punctured trees and their proofs.
    Trees = 6,
    /// Client to server: asks for one preprocessed inference.
    Preprocess = 16,
    /// Server to client: the number of the inference.
    InferenceId = 17,
    /// Client to server: ciphertexts of a layer's masks.
    InputCiphertexts = 18,
    /// Server to client: a layer's replies.
    Replies = 19,
    /// Client to server: columns of the correlated OT.
    OtColumns = 20,
    /// Server to client: challenge of the consistency check.
    OtChallenge = 21,
    /// Client to server: answer to it.
    OtAnswer = 22,
    /// Server to client: sealed garbled tables of a layer.
    GarbledTables = 23,
    /// Server to client: sealed label-to-share rows of a layer.
    ShareRows = 24,
    /// Server to client: all of an inference is preprocessed.
    TicketReady = 25,
    /// Client to server: a hash of the first messages of the proof that its rows are well formed.
    ProofCommitment = 26,
    /// Server to client: the proof's challenges.
    ProofChallenge = 27,
    /// Client to server: this try would have told something of its secrets, here comes another. Empty.
    ProofRejected = 28,
    /// Client to server: the responses to the challenges.
    ProofResponses = 29,
    /// Server to client: the MACs of a layer's masks, for every coefficient.
    MaskMacs = 30,
    /// Client to server: for every layer one digest of the MACs of what must be zero or equal.
    StructureDigests = 31,
    /// Either way: a message of the disclosure of labels, which knows which one it is.
    Disclosure = 40,
    /// Server to client, for the published disclosure: a public key of the server, and the MAC key encrypted under it.
    EncryptedKey = 41,
    /// Client to server: ciphertexts of a batch of triples.
    TripleCiphertexts = 42,
    /// Server to client: MACs and cross terms of a batch of triples.
    TripleReplies = 43,
    /// Server to client: seed of the proof that the client's products are right.
    ProductSeed = 44,
    /// Client to server: that proof.
    ProductProof = 45,
    /// Client to server: encrypted keys of random values.
    RandomReplies = 46,
    /// Server to client: seed of the combination of random values.
    RandomSeed = 47,
    /// Client to server: that combination, opened.
    RandomOpening = 48,
    /// Client to server: asks for so many batches of triples that nobody uses, to be measured.
    RehearseTriples = 49,
    /// Client to server: asks for so many batches of authenticated inputs that nobody uses, to be measured.
    RehearseInputs = 50,
    /// Client to server: starts the online phase of a preprocessed inference.
    Infer = 32,
    /// Client to server: the masked input.
    MaskedInput = 33,
    /// Server to client: a layer's labels and the key of its seal.
    OnlineLabels = 34,
    /// Client to server: a layer's masked activations.
    MaskedActivations = 35,
    /// Server to client: its share of the result.
    LastShare = 36,
    /// Client to server: a good end.
    Bye = 64,
    /// Either way, in place of any frame: the session is over. Empty.
    Abort = 255,
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
