//! Driving a network: build it once, then advance it by whole steps.

use crate::{Build, Clock, Fault, FaultReport, Simd, Slice, Step};
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_units::Milliseconds;

/// What a run may choose without changing its results, and its seed.
#[derive(Resource, Clone, Debug)]
pub struct RunSettings {
    /// Seed of every random number.
    pub seed: u64,
    /// Threads that may be used; small networks use fewer.
    pub threads: usize,
    /// Instruction set of the kernels.
    pub simd: Simd,
    /// Nanoseconds that advancing all neurons by a step is expected to take on one thread; populations add to it, and the number of
    /// threads in use follows it.
    pub expected_step_ns: f64,
    /// Synapses that the network is expected to have; projections add to it, and the number of threads in use follows it, too.
    pub expected_synapses: f64,
    /// Whether neurons at rest are passed over until something reaches them, where their model allows it.
    pub passes_over_rest: bool,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            simd: Simd::detect(),
            expected_step_ns: 0.0,
            expected_synapses: 0.0,
            passes_over_rest: true,
        }
    }
}

/// Present once a network has been built; populations and projections can then no longer be added.
#[derive(Resource)]
struct Built;

/// Building and advancing a network from Rust; implemented for [`World`] and [`App`].
pub trait Simulate {
    /// Builds the network that was described: arranges neurons, makes synapses. Does nothing the second time.
    ///
    /// # Errors
    /// What a projection or model refuses, with its name.
    fn build_network(&mut self) -> Result<(), Fault>;

    /// Advances by `steps` time steps, building the network first if need be.
    ///
    /// # Errors
    /// The first neuron and step at which the state ceased to be finite, or another fault; the world stays as it was at that step.
    fn advance_steps(&mut self, steps: u64) -> Result<(), Fault>;

    /// Advances by a duration, rounded to whole steps.
    ///
    /// # Errors
    /// As [`advance_steps`](Self::advance_steps); also a duration that is negative or not finite.
    fn advance(&mut self, duration: Milliseconds) -> Result<(), Fault>;
}

impl Simulate for World {
    fn build_network(&mut self) -> Result<(), Fault> {
        if self.contains_resource::<Built>() {
            return Ok(());
        }
        for built in [self.initialise(Build), self.initialise(Step), self.initialise(Slice)] {
            built?;
        }
        self.run_schedule(Build);
        if let Some(fault) = self.resource_mut::<FaultReport>().get() {
            return Err(fault.clone());
        }
        self.insert_resource(Built);
        Ok(())
    }

    fn advance_steps(&mut self, steps: u64) -> Result<(), Fault> {
        self.build_network()?;
        let slice_steps = self.resource::<Clock>().slice_steps();
        // Each schedule is taken out of the world once, not looked up at every step.
        self.schedule_scope(Step, |world, step| {
            world.schedule_scope(Slice, |world, slice| {
                for _ in 0..steps {
                    let mut clock = world.resource_mut::<Clock>();
                    clock.tick();
                    let slice_ends = clock.step().is_multiple_of(slice_steps);
                    step.run(world);
                    if slice_ends {
                        slice.run(world);
                    }
                    if let Some(fault) = world.resource_mut::<FaultReport>().get() {
                        return Err(fault.clone());
                    }
                }
                Ok(())
            })
        })
    }

    fn advance(&mut self, duration: Milliseconds) -> Result<(), Fault> {
        let steps = self.resource::<Clock>().steps(duration);
        let steps = steps.ok_or_else(|| Fault::Other(format!("cannot advance by {duration}: expected a duration of at least 0 ms")))?;
        self.advance_steps(steps)
    }
}

impl Simulate for App {
    fn build_network(&mut self) -> Result<(), Fault> {
        self.world_mut().build_network()
    }

    fn advance_steps(&mut self, steps: u64) -> Result<(), Fault> {
        self.world_mut().advance_steps(steps)
    }

    fn advance(&mut self, duration: Milliseconds) -> Result<(), Fault> {
        self.world_mut().advance(duration)
    }
}

/// Whether the network has been built, after which its structure is fixed.
pub fn is_built(world: &World) -> bool {
    world.contains_resource::<Built>()
}

trait Initialise {
    fn initialise<L: bevy_ecs::schedule::ScheduleLabel + Clone>(&mut self, label: L) -> Result<(), Fault>;
}

impl Initialise for World {
    /// Orders a schedule's systems, and names those whose order would be ambiguous.
    fn initialise<L: bevy_ecs::schedule::ScheduleLabel + Clone>(&mut self, label: L) -> Result<(), Fault> {
        self.schedule_scope(label, |world, schedule| {
            schedule.initialize(world).map(drop).map_err(|error| Fault::Build(error.to_string(schedule.graph(), world)))
        })
    }
}
