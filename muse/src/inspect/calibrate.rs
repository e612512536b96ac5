//! How fast this machine is: the protocol's kernels, and a small session in memory, timed.

mod kernels;
mod session;

use crate::Error;
use serde::Serialize;

/// Seconds that parts of the protocol take on this machine, with all threads of the global pool at work.
///
/// Both parties are taken to be such machines. Other programs that run while it is measured count against it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Threads of the pool.
    pub threads: usize,
    /// An encryption, on each thread at once; so are the next four.
    pub encrypt: f64,
    /// A product of packed weights and a ciphertext.
    pub product: f64,
    /// Turning a sum of products into a reply: re-randomising, flooding, switching the modulus.
    pub reply: f64,
    /// The MAC of an input ciphertext.
    pub input_mac: f64,
    /// A decryption.
    pub decrypt: f64,
    /// One try of the client's proof, for each of its rows.
    pub proof_try: f64,
    /// Verifying a proof, for each of its rows.
    pub proof_verify: f64,
    /// A multiplication of a linear layer in the clear.
    pub multiply: f64,
    /// Keys and base OTs of both parties.
    pub setup: f64,
    /// For each ReLU in the client-malicious protocol.
    pub malicious: ReluTimes,
    /// For each ReLU in the semi-honest protocol.
    pub baseline: ReluTimes,
}

/// Seconds for each ReLU, from start to end while both parties work at it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReluTimes {
    /// Labels for the bits of the client's share.
    pub labels: f64,
    /// Garbling, sealing and taking the tables.
    pub garbling: f64,
    /// Labels online, and evaluating.
    pub evaluation: f64,
}

impl Calibration {
    /// Measures this machine: about half a second on two cores that have nothing else to do.
    ///
    /// # Errors
    /// The system's random number generator fails, or there is no thread to be had.
    pub fn measure() -> Result<Self, Error> {
        let (baseline, malicious) = (session::baseline()?, session::malicious()?);
        let kernels = kernels::measure()?;
        Ok(Self {
            threads: rayon::current_num_threads(),
            encrypt: kernels.encrypt,
            product: kernels.product,
            reply: kernels.reply,
            input_mac: kernels.input_mac,
            decrypt: kernels.decrypt,
            multiply: kernels.multiply,
            proof_try: malicious.proof_try,
            proof_verify: malicious.proof_verify,
            setup: malicious.setup,
            malicious: malicious.relu,
            baseline: baseline.relu,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measured_machine_takes_some_time_for_everything() {
        let c = Calibration::measure().unwrap();
        let times = [
            c.encrypt,
            c.product,
            c.reply,
            c.input_mac,
            c.decrypt,
            c.proof_try,
            c.proof_verify,
            c.multiply,
            c.setup,
        ];
        let relus = [c.malicious, c.baseline].map(|r| [r.labels, r.garbling, r.evaluation]);
        for time in times.iter().chain(relus.as_flattened()) {
            assert!(time.is_finite() && *time > 0.0, "{c:?}");
        }
        assert!(c.threads >= 1);
    }
}
