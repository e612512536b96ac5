//! The network that a command works on.

use super::{
    args::{ModelArgs, Shipped},
    failure::Failure,
};
use muse::model::{Network, shipped};

/// Loads the network that the arguments name.
pub(crate) fn network(args: &ModelArgs) -> Result<Network, Failure> {
    match (args.shipped, &args.model) {
        (Some(Shipped::Mnist), _) => Ok(shipped::mnist()),
        (Some(Shipped::Cifar10), _) => Ok(shipped::cifar10()),
        (None, Some(path)) => Network::open(path).map_err(|e| Failure::general(e.to_string())),
        (None, None) => Err(Failure::general("name a model's description, or use --shipped mnist")),
    }
}

/// Whether it comes from inside this program.
pub(crate) const fn is_shipped(args: &ModelArgs) -> bool {
    args.shipped.is_some()
}
