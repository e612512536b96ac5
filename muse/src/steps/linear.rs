//! Correlations for the linear layers (protocol, section 4.2).
//!
//! ```text
//! client                                          server
//!   Enc(r_i), every layer      ------------>
//!                                 proof (4.3)
//!                              <------------      Enc(M_i r_i - s_i), every layer
//! *                            <------------      their MACs; MACs of every coefficient of Enc(r_i)
//! * digests of the structure   ------------>      check: padding is zero, copies are equal
//!
//! * in the client-malicious mode
//! ```
//!
//! [`rows`] is step 1, [`replies`] steps 2 and 3, [`structure`] the check of structural zeros.

pub mod replies;
pub mod rows;
pub mod structure;
