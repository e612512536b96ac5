//! The chance of a cheating client, computed from the code's constants, and the page that states it.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use core::time::Duration;
use muse::MAX_INFERENCES;
use muse_field::MODULUS;
use muse_field::id::RunId;
use muse_gc::ot::softspoken::DEFAULT_K;
use muse_he::{
    budget::{Amortised, Budget},
    params::{Params, SIGMA_FLOOD},
};
use muse_triples::overdrive;
use muse_zk::{range, wellformed::Tries};

const PAGE: &str = include_str!("../../SECURITY.md");

/// A row of the table: its first words, the bound, what it comes to in a session; as binary logarithms.
struct Source(&'static str, f64, f64);

fn sources() -> Vec<Source> {
    let challenges = (2 * Params::default().n() + 1) as f64;
    let proof = -challenges.log2() * Budget::INTERACTIVE as f64;
    let forgery = -((MODULUS - 1) as f64).log2();
    let flooding = -f64::from(SIGMA_FLOOD);
    let blocks = (128 / DEFAULT_K) as f64;
    let transfer = (blocks * (blocks - 1.0) / 2.0).log2() - 128.0;
    // As many roots as the degree, one more than there are masks, among the 2^127 values of Delta; and 2^-128 for a random
    // combination that vanishes.
    let degree = (range::MASK_BITS / 128 + 1) as f64;
    let range = (degree + 0.5).log2() - 127.0;
    let inferences = (MAX_INFERENCES as f64).log2();
    vec![
        Source("| well-formedness", proof, proof + f64::from(Tries::new().left()).log2()),
        Source("| forging an authenticated opening", forgery, forgery),
        Source("| labels for another value", forgery, forgery),
        Source("| flooding", flooding, flooding + inferences),
        Source("| correlated OT", transfer, transfer + inferences),
        Source("| canonical range", range, range + inferences),
    ]
}

/// Where either party may be malicious.
fn sources_of_both() -> Vec<Source> {
    let guess = -(MODULUS as f64).log2();
    let of = |chances: f64| chances.log2() + guess;
    let batches = (RunId::MAX_RUNS as f64).log2();
    let flooding = -f64::from(SIGMA_FLOOD);
    // A combination that hides the difference of two alphas, and the MAC check behind it.
    let trial = of(1.0 + 2.0);
    vec![
        Source("| an alpha of several values", trial, trial),
        Source("| a wrong triple", of(1.0), of(1.0)),
        Source("| a wrong batch of inputs", of(1.0), of(1.0)),
        Source("| a wrong opening", of(2.0), of(2.0)),
        Source("| flooding of all replies to one party", flooding, flooding + batches),
    ]
}

#[test]
fn either_party_wins_with_less_than_2_to_the_minus_40() {
    let sources = sources_of_both();
    assert!(sum(&sources) < -40.0);
    for Source(name, bound, session) in &sources {
        let line = PAGE.lines().find(|line| line.starts_with(name)).expect(name);
        assert!(line.contains(&format!("| 2^{session:.1} |")), "{line}: 2^{session:.1}");
        assert!(line.contains(&format!("| 2^{bound:.1}")), "{line}: 2^{bound:.1}");
    }
    assert!(PAGE.contains(&format!("| **sum, either malicious** | | | **2^{:.1}** |", sum(&sources))));
    // The proofs are no part of the sum: who hashes longer has more chances.
    let n = Params::default().n();
    let Amortised { responses, .. } = Amortised::new(n);
    let proof = -((2 * n + 1) as f64).log2() * responses as f64;
    assert!(proof < -128.0 && PAGE.contains(&format!("2^{proof:.0} a hash")));
    // All replies of a batch are in either budget: the floods of both kinds of ciphertexts share one bound.
    let all = 7 * overdrive::groups(n);
    assert_eq!(overdrive::batch_budget(n), Budget::amortised(n, all));
    let keys = Budget::new(n, 2, all).with_repetitions(Budget::FIAT_SHAMIR);
    assert_eq!(overdrive::key_budget(n), keys);
}

fn sum(sources: &[Source]) -> f64 {
    sources.iter().map(|source| source.2.exp2()).sum::<f64>().log2()
}

#[test]
fn a_cheater_wins_with_less_than_2_to_the_minus_40() {
    assert!(sum(&sources()) < -40.0);
}

#[test]
fn the_page_states_what_the_code_does() {
    for Source(name, bound, session) in sources() {
        let line = PAGE.lines().find(|line| line.starts_with(name)).expect(name);
        assert!(line.contains(&format!("| 2^{session:.1} |")), "{line}: 2^{session:.1}");
        if line.contains("1/(p - 1)") {
            assert_eq!(format!("{bound:.1}"), "-44.0");
        } else {
            assert!(line.contains(&format!("2^{bound:.1}")), "{line}: 2^{bound:.1}");
        }
    }
    // Sentences are broken over lines.
    let page = PAGE.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = sum(&sources());
    assert!(page.contains(&format!("| **sum** | | | **2^{all:.1}** |")), "2^{all:.1}");
    // In the published disclosure: a wrong triple, or a wrong random value, goes through.
    let (product, random) = (3.0 / MODULUS as f64, 2.0 / MODULUS as f64);
    assert!(page.contains(&format!("3/p = 2^{:.1}", product.log2())));
    let published = (all.exp2() + product + random).log2();
    assert!(published < -40.0);
    assert!(page.contains(&format!("the sum for the weights is 2^{published:.1}.")), "2^{published:.1}");
    let config = muse::ServerConfig::default();
    let sessions = f64::from(config.max_sessions_per_minute) * 60.0 * 24.0 * 365.0;
    let year = all + sessions.log2();
    assert!(page.contains(&format!("a year of nothing else is 2^{year:.1}.")), "2^{year:.1}");
    assert!(page.contains(&format!("the default of {} a minute", config.max_sessions_per_minute)));
    assert!(page.contains("ten minutes") && config.penalty == Duration::from_secs(600));
    assert!(page.contains(&format!("at most {}, are all", config.max_connections_per_address - 1)));
}
