//! Networks, quantisation, loading, the plaintext oracle and the card.

mod card;
mod generate;
mod load;
mod oracle;
mod shipped;
