//! Experiments in RON: typed documents with units, validated into a plan that can be spawned and run.
//!
//! ```
//! use neuropil_experiment::{ModelDescription, ParameterDescription, Settings, VariableDescription, read_text};
//! use neuropil_units::Dimension;
//!
//! let catalogue = vec![ModelDescription {
//!     name: "LifDelta".into(),
//!     parameters: vec![ParameterDescription {
//!         name: "membrane_time_constant".into(),
//!         unit: "ms",
//!         dimension: Dimension::TIME,
//!         default: 10.0,
//!         choices: vec![],
//!     }],
//!     state: vec![VariableDescription { name: "membrane_potential".into(), unit: "mV", dimension: Dimension::POTENTIAL }],
//!     receptors: vec![VariableDescription { name: "synapse".into(), unit: "mV", dimension: Dimension::POTENTIAL }],
//!     current: Dimension::CURRENT,
//! }];
//! let text = r#"Experiment(
//!     duration: "1 s",
//!     parameters: {"order": 25},
//!     populations: {"excitatory": (size: "4 * order", model: LifDelta(membrane_time_constant: "20 ms"))},
//!     projections: {"excitation": (from: "excitatory", to: "excitatory", rule: FixedInDegree(10), weight: "0.1 mV", delay: "1.5 ms")},
//! )"#;
//! let plan = read_text("example.ron", text, &Settings::default(), &catalogue).map_err(|errors| errors[0].render()).unwrap();
//! assert_eq!((plan.neurons(), plan.synapses_expected()), (100, 1000.0));
//!
//! let errors = read_text("example.ron", &text.replace("\"20 ms\"", "\"20 mV\""), &Settings::default(), &catalogue).unwrap_err();
//! assert_eq!(errors[0].location().unwrap().line, 4);
//! ```
//!
//! # Module map
//! - [`catalogue`]: what must be known of the models that a file may name
//! - [`plan`]: the result, every number evaluated; `estimate`: how many synapses it will have
//! - [`design`]: arms, sweeps, seeds, measures and claims; `measure`: the functions that measure
//! - [`study`]: all points of an experiment, run side by side; [`evidence`]: claims beside what was measured
//! - [`read`](mod@read): from a path or a text to a plan
//! - `contents`: files that an experiment names, and hashes of what is in them
//! - `document`: what is written; `validate`: what it means
//! - [`cells`]: cells with dendrites; `drawing`: where their compartments are in pictures
//! - [`source`]: places in what was read; [`error`]: why it cannot run; `render`: errors with their source line
//!
//! The models are in `neuropil_neurons`, the language of expressions and units in `neuropil_units`.

pub mod catalogue;
pub mod cells;
mod contents;
pub mod design;
mod document;
mod drawing;
pub mod engine;
pub mod error;
mod estimate;
pub mod evidence;
mod measure;
pub mod plan;
pub mod read;
mod render;
pub mod source;
pub mod study;
mod validate;

pub use catalogue::{Catalogue, MechanismDescription, ModelDescription, Models, ParameterDescription, VariableDescription};
pub use contents::FileRead;
pub use design::{Arm, Axis, AxisValue, ClaimPlan, Design, Expectation, MeasurePlan, Unit};
pub use document::settings::Settings;
pub use engine::{
    DrawnCells, NodeOf, Outcome, Progress, Recording, RecordingPlugin, ResultFiles, RunOptions, Wiring, Written, draw_results,
    registered_models, run, spawn, write_results,
};
pub use error::{ExperimentError, NameKind};
pub use evidence::Evidence;
pub use plan::{
    Assigned, ExplicitSynapse, InputPlan, LesionPlan, ParameterPlan, Plan, PopulationPlan, PositionsPlan, ProjectionPlan, RateStep,
    RecorderPlan, RulePlan, SourcePlan,
};
pub use read::{read, read_text};
pub use source::{Location, Place, SourceText};
pub use study::{PointResult, Study, StudyOptions, StudyOutcome, run_study};
