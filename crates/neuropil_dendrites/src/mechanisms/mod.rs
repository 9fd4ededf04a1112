//! Channels and receptors, one file each.

pub mod exponential_synapse;
pub mod hodgkin_huxley;
pub mod passive;

pub use exponential_synapse::ExponentialSynapse;
pub use hodgkin_huxley::HodgkinHuxley;
pub use passive::Passive;
