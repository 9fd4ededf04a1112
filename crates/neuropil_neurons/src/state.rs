//! State variables that models share. Each is one number, in the unit given; a model's table keeps each in a column of its own.

use bevy_ecs::prelude::ReflectComponent;
use neuropil_core::state_variables;
use neuropil_units::Dimension;

state_variables! {
    /// Potential of the membrane, in mV.
    MembranePotential: f32, "membrane_potential", "mV", Dimension::POTENTIAL;
    /// Potential of the membrane in double precision, in mV.
    PreciseMembranePotential: f64, "membrane_potential", "mV", Dimension::POTENTIAL;
    /// Synaptic drive of the membrane in double precision, in mV.
    PreciseSynapticDrive: f64, "synaptic_drive", "mV", Dimension::POTENTIAL;
    /// Activity of a neuron's graded synapses onto others, from 0 to 1, in double precision.
    SynapticActivity: f64, "synaptic_activity", "", Dimension::NONE;
    /// Potential at which a graded neuron's synapses are half open, in double precision, in mV.
    HalfActivationPotential: f64, "half_activation_potential", "mV", Dimension::POTENTIAL;
    /// Rate of a rate unit.
    Rate: f32, "rate", "", Dimension::NONE;
    /// Steps for which the neuron stays refractory.
    RefractorySteps: u16, "refractory_steps", "", Dimension::NONE;
    /// Excitatory synaptic current, in pA.
    ExcitatoryCurrent: f32, "excitatory_current", "pA", Dimension::CURRENT;
    /// Inhibitory synaptic current, in pA; negative.
    InhibitoryCurrent: f32, "inhibitory_current", "pA", Dimension::CURRENT;
    /// Rate at which the excitatory alpha-shaped current is driven, in pA/ms.
    ExcitatoryCurrentDrive: f32, "excitatory_current_drive", "pA/ms", Dimension::CURRENT.divide(Dimension::TIME);
    /// Rate at which the inhibitory alpha-shaped current is driven, in pA/ms; negative.
    InhibitoryCurrentDrive: f32, "inhibitory_current_drive", "pA/ms", Dimension::CURRENT.divide(Dimension::TIME);
    /// Excitatory synaptic conductance, in nS.
    ExcitatoryConductance: f32, "excitatory_conductance", "nS", Dimension::CONDUCTANCE;
    /// Inhibitory synaptic conductance, in nS.
    InhibitoryConductance: f32, "inhibitory_conductance", "nS", Dimension::CONDUCTANCE;
    /// Rate at which the excitatory alpha-shaped conductance is driven, in nS/ms.
    ExcitatoryConductanceDrive: f32, "excitatory_conductance_drive", "nS/ms", Dimension::CONDUCTANCE.divide(Dimension::TIME);
    /// Rate at which the inhibitory alpha-shaped conductance is driven, in nS/ms.
    InhibitoryConductanceDrive: f32, "inhibitory_conductance_drive", "nS/ms", Dimension::CONDUCTANCE.divide(Dimension::TIME);
    /// Adaptation current of AdEx, in pA.
    AdaptationCurrent: f32, "adaptation_current", "pA", Dimension::CURRENT;
    /// Recovery variable of Izhikevich's model, in mV/ms.
    Recovery: f32, "recovery", "mV/ms", Dimension::POTENTIAL.divide(Dimension::TIME);
    /// Activation of the sodium channel, m, from 0 to 1.
    SodiumActivation: f32, "sodium_activation", "", Dimension::NONE;
    /// Inactivation of the sodium channel, h, from 0 to 1.
    SodiumInactivation: f32, "sodium_inactivation", "", Dimension::NONE;
    /// Activation of the potassium channel, n, from 0 to 1.
    PotassiumActivation: f32, "potassium_activation", "", Dimension::NONE;
    /// Whether a source of spikes spiked in the last step: 1 or 0.
    Spiked: u16, "spiked", "", Dimension::NONE;
}
