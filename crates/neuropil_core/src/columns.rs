//! State as columns: each state variable of a model is a small component, so the table of its neurons is a structure of arrays.
//!
//! Kernels get plain slices of these columns. Where rows follow ids, the slices are the table's own; where a user's component split a
//! population over tables, rows are gathered into scratch and scattered back, which is slower and gives the same bits.

use crate::arrivals::UNIT;
use bevy_ecs::bundle::{DynamicBundle, NoBundleEffect};
use bevy_ecs::component::Mutable;
use bevy_ecs::prelude::*;
use bevy_ecs::query::{ContiguousQueryData, IterQueryData};
use bytemuck::{Pod, TransparentWrapper};
use neuropil_units::Dimension;
use std::marker::PhantomData;
use std::ops::Range;

/// Neurons that a kernel gets at a time: a multiple of a group, few enough for its scratch to stay in the first-level cache.
pub const CHUNK: usize = 512;
/// State variables that a model may have.
pub const MAXIMAL_COLUMNS: usize = 10;

/// A number that a state variable may hold.
pub trait Scalar: Pod + PartialEq + Send + Sync {
    /// The nearest value of this type, or `None` where it does not fit.
    fn from_f64(value: f64) -> Option<Self>;
    /// Its value.
    fn to_f64(self) -> f64;
}

impl Scalar for f32 {
    fn from_f64(value: f64) -> Option<Self> {
        (value.abs() <= f64::from(f32::MAX)).then_some(value as f32)
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Scalar for f64 {
    fn from_f64(value: f64) -> Option<Self> {
        value.is_finite().then_some(value)
    }
    fn to_f64(self) -> f64 {
        self
    }
}

impl Scalar for u16 {
    fn from_f64(value: f64) -> Option<Self> {
        (value >= 0.0 && value <= f64::from(u16::MAX)).then_some(value.round() as u16)
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

/// A component that holds one number of a neuron's state.
pub trait StateVariable: Component<Mutability = Mutable> + TransparentWrapper<Self::Inner> + Copy {
    /// The number's type.
    type Inner: Scalar;
    /// Its name in files and recorders, such as `membrane_potential`.
    const NAME: &'static str;
    /// Its unit, such as `mV`; empty for counts.
    const UNIT: &'static str;
    /// The dimension of that unit.
    const DIMENSION: Dimension;
    /// What [`InSingle`] stores the difference from.
    const REFERENCE: f64 = 0.0;
}

/// A state variable of double precision as it is stored in single: the difference from its reference value, 0 for most.
#[derive(Component)]
#[repr(transparent)]
pub struct InSingle<T: StateVariable>(f32, PhantomData<fn() -> T>);

impl<T: StateVariable> InSingle<T> {
    /// The nearest.
    pub fn new(value: f64) -> Self {
        Self((value - T::REFERENCE) as f32, PhantomData)
    }

    /// Its value.
    pub fn value(&self) -> f64 {
        f64::from(self.0) + T::REFERENCE
    }
}

impl<T: StateVariable> Clone for InSingle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: StateVariable> Copy for InSingle<T> {}

// SAFETY: it is transparent, and what it holds beside the number has no size.
unsafe impl<T: StateVariable> TransparentWrapper<f32> for InSingle<T> {}

impl<T: StateVariable> StateVariable for InSingle<T> {
    type Inner = f32;
    const NAME: &'static str = T::NAME;
    const UNIT: &'static str = T::UNIT;
    const DIMENSION: Dimension = T::DIMENSION;
}

/// Makes components of single numbers: name, inner type, name in files, unit, dimension. The crate that calls it lists `bevy_ecs`, `bevy_reflect` and
/// `bytemuck` with its feature `derive`.
///
/// ```
/// use bevy_ecs::prelude::ReflectComponent;
///
/// neuropil_core::state_variables! {
///     /// Calcium in the spine, in mmol/L.
///     SpineCalcium: f64, "spine_calcium", "mM", neuropil_units::Dimension::CONCENTRATION;
/// }
/// ```
#[macro_export]
macro_rules! state_variables {
    ($($(#[$doc:meta])* $name:ident: $inner:ty, $text:literal, $unit:literal, $dimension:expr;)*) => {$(
        $(#[$doc])*
        #[derive(bevy_ecs::component::Component, bevy_reflect::Reflect, bytemuck::TransparentWrapper)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
        #[reflect(Component)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl $crate::columns::StateVariable for $name {
            type Inner = $inner;
            const NAME: &'static str = $text;
            const UNIT: &'static str = $unit;
            const DIMENSION: neuropil_units::Dimension = $dimension;
        }
    )*};
}

/// What is known of a state variable without its type.
#[derive(Clone, Copy, Debug)]
pub struct StateDescription {
    /// Name in files and recorders.
    pub name: &'static str,
    /// Unit, empty for counts.
    pub unit: &'static str,
    /// Dimension of the unit.
    pub dimension: Dimension,
    /// Reads the variable of an entity, in its unit, whether it is stored as it is or in single precision.
    pub read: fn(EntityRef) -> Option<f64>,
    /// Writes the variable of an entity; `false` if the value does not fit, or the entity lacks it.
    pub write: fn(&mut EntityWorldMut, f64) -> bool,
}

fn describe<T: StateVariable>() -> StateDescription {
    StateDescription {
        name: T::NAME,
        unit: T::UNIT,
        dimension: T::DIMENSION,
        read: |entity| entity.get::<T>().map(|v| T::peel(*v).to_f64()).or_else(|| entity.get::<InSingle<T>>().map(InSingle::value)),
        write: |entity, value| {
            if let Some(mut variable) = entity.get_mut::<InSingle<T>>() {
                let nearest = InSingle::new(value);
                if nearest.0.is_finite() {
                    *variable = nearest;
                }
                return nearest.0.is_finite();
            }
            match (T::Inner::from_f64(value), entity.get_mut::<T>()) {
                (Some(value), Some(mut variable)) => {
                    *variable = T::wrap(value);
                    true
                }
                _ => false,
            }
        },
    }
}

/// Base addresses of the columns of one table.
#[derive(Clone, Copy)]
pub struct Pointers([*mut u8; MAXIMAL_COLUMNS]);

// SAFETY: the addresses are only turned into slices by `StateColumns::slices`, whose callers see to it that ranges are disjoint.
unsafe impl Send for Pointers {}
// SAFETY: as above.
unsafe impl Sync for Pointers {}

/// The state of a model: a tuple of up to ten [`StateVariable`]s.
pub trait StateColumns: Bundle + DynamicBundle<Effect: NoBundleEffect> + Copy + Sized {
    /// Query for mutable access to all columns.
    type Query: ContiguousQueryData + IterQueryData;
    /// One mutable slice a column.
    type Slices<'a>;
    /// One mutable slice of numbers of one type a column.
    type Reals<'a, R: 'a>;
    /// The same state in single precision.
    type Single: StateColumns;
    /// Bytes of one value, by column.
    const SIZES: &'static [usize];
    /// What the columns are.
    fn describe() -> Vec<StateDescription>;
    /// Base addresses of a table's columns; change ticks are left alone.
    fn pointers(columns: <Self::Query as ContiguousQueryData>::Contiguous<'_, '_>) -> Pointers;
    /// The state in single precision.
    fn in_single(self) -> Self::Single;
    /// The columns' values of rows `start..start + length`, as numbers of one type.
    ///
    /// # Safety
    /// As for [`slices`](Self::slices), and every column of the table holds numbers of this type.
    unsafe fn reals<'a, R>(pointers: Pointers, start: usize, length: usize) -> Self::Reals<'a, R>;
    /// The columns' values of rows `start..start + length`.
    ///
    /// # Safety
    /// The addresses must come from a table, or scratch, with at least `start + length` rows that outlives `'a`, and no other slice of these rows may live.
    unsafe fn slices<'a>(pointers: Pointers, start: usize, length: usize) -> Self::Slices<'a>;
    /// Whether all values of the first column are finite; a step's fault shows there first.
    ///
    /// # Safety
    /// As for [`slices`](Self::slices).
    unsafe fn first_is_finite(pointers: Pointers, start: usize, length: usize) -> bool;
    /// Hands on row and value of a column of f32 or f64, as f32; nothing for columns of another type.
    ///
    /// # Safety
    /// As for [`slices`](Self::slices), for rows from 0 to `length`.
    unsafe fn copy_column(pointers: Pointers, column: usize, length: usize, mut take: impl FnMut(usize, f32)) {
        match Self::SIZES.get(column) {
            Some(4) => {
                // SAFETY: four bytes each, aligned as f32; the caller vouches for the range.
                let values = unsafe { std::slice::from_raw_parts(pointers.0[column].cast::<f32>(), length) };
                values.iter().enumerate().for_each(|(row, value)| take(row, *value));
            }
            Some(8) => {
                // SAFETY: eight bytes each, aligned as f64; the caller vouches for the range.
                let values = unsafe { std::slice::from_raw_parts(pointers.0[column].cast::<f64>(), length) };
                values.iter().enumerate().for_each(|(row, value)| take(row, *value as f32));
            }
            _ => {}
        }
    }
    /// Row of the first value of the first column that is not finite.
    ///
    /// # Safety
    /// As for [`slices`](Self::slices).
    unsafe fn first_fault(pointers: Pointers, start: usize, length: usize) -> Option<(usize, f64)>;
}

macro_rules! state_columns {
    // The same type for each column.
    (one $type:ident $real:ident) => { $real };
    ($($type:ident $item:ident $index:tt),*) => {
        impl<$($type: StateVariable),*> StateColumns for ($($type,)*) {
            type Query = ($(&'static mut $type,)*);
            type Slices<'a> = ($(&'a mut [$type::Inner],)*);
            type Reals<'a, R: 'a> = ($(&'a mut [state_columns!(one $type R)],)*);
            type Single = ($(InSingle<$type>,)*);
            const SIZES: &'static [usize] = &[$(size_of::<$type::Inner>()),*];
            fn describe() -> Vec<StateDescription> {
                vec![$(describe::<$type>()),*]
            }
            fn pointers(columns: <Self::Query as ContiguousQueryData>::Contiguous<'_, '_>) -> Pointers {
                let ($(mut $item,)*) = columns;
                let mut pointers = [std::ptr::null_mut(); MAXIMAL_COLUMNS];
                $(pointers[$index] = $item.bypass_change_detection().as_mut_ptr().cast();)*
                Pointers(pointers)
            }
            fn in_single(self) -> Self::Single {
                let ($($item,)*) = self;
                ($(InSingle::new($type::peel($item).to_f64()),)*)
            }
            #[inline(always)]
            unsafe fn reals<'a, R>(pointers: Pointers, start: usize, length: usize) -> Self::Reals<'a, R> {
                // SAFETY: the caller vouches for the range and for the type of what the columns' transparent wrappers hold.
                unsafe { ($(std::slice::from_raw_parts_mut(pointers.0[$index].cast::<state_columns!(one $type R)>().add(start), length),)*) }
            }
            #[inline(always)]
            unsafe fn slices<'a>(pointers: Pointers, start: usize, length: usize) -> Self::Slices<'a> {
                // SAFETY: the caller vouches for the range; a state variable is a transparent wrapper of its inner value.
                unsafe { ($(std::slice::from_raw_parts_mut(pointers.0[$index].cast::<$type::Inner>().add(start), length),)*) }
            }
            #[inline(always)]
            unsafe fn first_is_finite(pointers: Pointers, start: usize, length: usize) -> bool {
                if Self::SIZES.first() == Some(&8) {
                    // SAFETY: as above.
                    let column = unsafe { first_double_column::<Self>(pointers, start, length) };
                    return column.iter().fold(0, |most, bits| most.max(bits & (0x7ff << 52))) < 0x7ff << 52;
                }
                // SAFETY: as above.
                let column = unsafe { first_column::<Self>(pointers, start, length) };
                // An exponent of all ones means infinite or not a number; integers only, so that the loop vectorises.
                column.iter().fold(0, |most, bits| most.max(bits & 0x7f80_0000)) < 0x7f80_0000
            }
            unsafe fn first_fault(pointers: Pointers, start: usize, length: usize) -> Option<(usize, f64)> {
                // SAFETY: as above.
                let double = unsafe { first_double_column::<Self>(pointers, start, length) };
                if let Some(found) = double.iter().map(|bits| f64::from_bits(*bits)).enumerate().find(|(_, v)| !v.is_finite()) {
                    return Some(found);
                }
                // SAFETY: as above.
                let column = unsafe { first_column::<Self>(pointers, start, length) };
                column.iter().enumerate().map(|(k, bits)| (k, f64::from(f32::from_bits(*bits)))).find(|(_, v)| !v.is_finite())
            }
        }
    };
}

/// Bits of the first column, or nothing if it does not hold f32.
///
/// # Safety
/// As for [`StateColumns::slices`].
#[inline(always)]
unsafe fn first_column<'a, S: StateColumns>(pointers: Pointers, start: usize, length: usize) -> &'a [u32] {
    if S::SIZES.first() != Some(&4) {
        return &[];
    }
    // SAFETY: four bytes each, aligned as f32 or u32; the caller vouches for the range.
    unsafe { std::slice::from_raw_parts(pointers.0[0].cast::<u32>().add(start), length) }
}

/// Bits of the first column, or nothing if it does not hold f64.
///
/// # Safety
/// As for [`StateColumns::slices`].
#[inline(always)]
unsafe fn first_double_column<'a, S: StateColumns>(pointers: Pointers, start: usize, length: usize) -> &'a [u64] {
    if S::SIZES.first() != Some(&8) {
        return &[];
    }
    // SAFETY: eight bytes each, aligned as f64 or u64; the caller vouches for the range.
    unsafe { std::slice::from_raw_parts(pointers.0[0].cast::<u64>().add(start), length) }
}

state_columns!(A a 0);
state_columns!(A a 0, B b 1);
state_columns!(A a 0, B b 1, C c 2);
state_columns!(A a 0, B b 1, C c 2, D d 3);
state_columns!(A a 0, B b 1, C c 2, D d 3, E e 4);
state_columns!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5);
state_columns!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6);
state_columns!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7);
state_columns!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7, I i 8);
state_columns!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7, I i 8, J j 9);

/// A table as a step sees it: ids of its rows, and its columns.
pub struct Table<'a> {
    /// Ids, by row.
    pub ids: &'a [crate::NeuronId],
    /// Columns.
    pub pointers: Pointers,
}

/// Where the rows of a population are.
#[derive(Clone, Debug, PartialEq)]
pub enum Placement {
    /// In one table, in order of ids, from this row on.
    Rows {
        /// Number of the table.
        table: usize,
        /// Row of the first neuron.
        row: usize,
    },
    /// Anywhere: table and row of each neuron, `None` for one that was despawned.
    Scattered(Vec<Option<(u32, u32)>>),
}

impl Placement {
    /// Whether this placement still holds, by the first and last row and the size of the table: constant time, for every step.
    ///
    /// A table that lost or moved a row has another last row, or another length; [`find`](Self::find) is exact.
    pub fn holds(&self, ids: &Range<u32>, rows_in_table: usize, tables: &[Table<'_>]) -> bool {
        let Self::Rows { table, row } = self else { return false };
        let Some(table) = tables.get(*table) else { return false };
        let last = row + ids.len() - 1;
        table.ids.len() == rows_in_table
            && table.ids.get(*row).is_some_and(|id| id.0 == ids.start)
            && table.ids.get(last).is_some_and(|id| id.0 == ids.end - 1)
    }

    /// Looks for a population's rows in all tables.
    pub fn find(ids: &Range<u32>, tables: &[Table<'_>]) -> Self {
        for (number, table) in tables.iter().enumerate() {
            let Some(row) = table.ids.iter().position(|id| id.0 == ids.start) else { continue };
            if table.ids.len() >= row + ids.len() && table.ids[row..row + ids.len()].iter().zip(ids.clone()).all(|(id, want)| id.0 == want)
            {
                return Self::Rows { table: number, row };
            }
        }
        let mut places = vec![None; ids.len()];
        for (number, table) in tables.iter().enumerate() {
            for (row, id) in table.ids.iter().enumerate() {
                if ids.contains(&id.0) {
                    places[(id.0 - ids.start) as usize] = Some((number as u32, row as u32));
                }
            }
        }
        Self::Scattered(places)
    }
}

/// Room for one gathered chunk of any model.
pub struct GatherScratch(Vec<[u64; CHUNK]>);

impl Default for GatherScratch {
    fn default() -> Self {
        Self(vec![[0; CHUNK]; MAXIMAL_COLUMNS])
    }
}

impl GatherScratch {
    /// Copies whole units of one table into the scratch, one after the other: unit `u` has the rows from `first + u * UNIT` on.
    ///
    /// # Safety
    /// Units must lie within the table, at most a [`CHUNK`] of rows in all, and nobody may write these rows meanwhile.
    #[inline(always)]
    pub unsafe fn gather_units<S: StateColumns>(&mut self, units: &[u32], first: usize, table: &Table<'_>) -> Pointers {
        let mut pointers = [std::ptr::null_mut(); MAXIMAL_COLUMNS];
        for (column, size) in S::SIZES.iter().enumerate() {
            let base = self.0[column].as_mut_ptr().cast::<u8>();
            pointers[column] = base;
            for (k, unit) in units.iter().enumerate().take(CHUNK / UNIT) {
                // SAFETY: `k` units of values of at most 8 bytes fit; the caller vouches for the source.
                unsafe {
                    let source = table.pointers.0[column].add((first + *unit as usize * UNIT) * size);
                    std::ptr::copy_nonoverlapping(source, base.add(k * UNIT * size), UNIT * size);
                }
            }
        }
        Pointers(pointers)
    }

    /// Copies units back to where they were gathered from.
    ///
    /// # Safety
    /// As for [`gather_units`](Self::gather_units), with the same units, and nobody else may read or write these rows.
    #[inline(always)]
    pub unsafe fn scatter_units<S: StateColumns>(&mut self, units: &[u32], first: usize, table: &Table<'_>) {
        for (column, size) in S::SIZES.iter().enumerate() {
            let base = self.0[column].as_ptr().cast::<u8>();
            for (k, unit) in units.iter().enumerate().take(CHUNK / UNIT) {
                // SAFETY: as for `gather_units`.
                unsafe {
                    let target = table.pointers.0[column].add((first + *unit as usize * UNIT) * size);
                    std::ptr::copy_nonoverlapping(base.add(k * UNIT * size), target, UNIT * size);
                }
            }
        }
    }

    /// Copies rows into the scratch; neurons that are gone are zeroed.
    ///
    /// # Safety
    /// Places must lie within the tables, at most [`CHUNK`] of them, and nobody may write these rows meanwhile.
    #[inline(never)]
    pub unsafe fn gather<S: StateColumns>(&mut self, places: &[Option<(u32, u32)>], tables: &[Table<'_>]) -> Pointers {
        let mut pointers = [std::ptr::null_mut(); MAXIMAL_COLUMNS];
        for (column, size) in S::SIZES.iter().enumerate() {
            let base = self.0[column].as_mut_ptr().cast::<u8>();
            pointers[column] = base;
            for (k, place) in places.iter().enumerate().take(CHUNK) {
                // SAFETY: `k < CHUNK` and a value has at most 8 bytes; the caller vouches for the source.
                unsafe {
                    match place {
                        Some((table, row)) => {
                            let source = tables[*table as usize].pointers.0[column].add(*row as usize * size);
                            std::ptr::copy_nonoverlapping(source, base.add(k * size), *size);
                        }
                        None => std::ptr::write_bytes(base.add(k * size), 0, *size),
                    }
                }
            }
        }
        Pointers(pointers)
    }

    /// Copies the scratch back to where it was gathered from.
    ///
    /// # Safety
    /// As for [`gather`](Self::gather), with the same places, and nobody else may read or write these rows.
    #[inline(never)]
    pub unsafe fn scatter<S: StateColumns>(&mut self, places: &[Option<(u32, u32)>], tables: &[Table<'_>]) {
        for (column, size) in S::SIZES.iter().enumerate() {
            let base = self.0[column].as_ptr().cast::<u8>();
            for (k, place) in places.iter().enumerate().take(CHUNK) {
                if let Some((table, row)) = place {
                    // SAFETY: as for `gather`.
                    unsafe {
                        let target = tables[*table as usize].pointers.0[column].add(*row as usize * size);
                        std::ptr::copy_nonoverlapping(base.add(k * size), target, *size);
                    }
                }
            }
        }
    }
}

/// Constants of a step as a kernel reads them: shared by a population, or one set a neuron.
pub trait Constants<T: Pod>: Copy {
    /// The constants of neuron `index` of the chunk.
    fn at(&self, index: usize) -> T;
}

/// One set for all.
#[derive(Clone, Copy)]
pub struct Shared<T>(pub T);

impl<T: Pod> Constants<T> for Shared<T> {
    #[inline(always)]
    fn at(&self, _: usize) -> T {
        self.0
    }
}

/// One set a neuron, stored as a structure of arrays of four-byte words, so that kernels vectorise as they do for shared constants.
#[derive(Clone, Copy)]
pub struct ByNeuron<'a> {
    words: &'a [u32],
    stride: usize,
    start: usize,
}

impl<'a> ByNeuron<'a> {
    /// The constants from row `start` on; `words` holds one column of `stride` values a word.
    pub fn new<T: Pod>(words: &'a [u32], stride: usize, start: usize, length: usize) -> Self {
        assert!(size_of::<T>().is_multiple_of(4) && words.len() >= stride * (size_of::<T>() / 4) && start + length <= stride);
        Self { words, stride, start }
    }
}

impl<T: Pod> Constants<T> for ByNeuron<'_> {
    #[inline(always)]
    fn at(&self, index: usize) -> T {
        let mut value = T::zeroed();
        let words: &mut [u32] = bytemuck::cast_slice_mut(std::slice::from_mut(&mut value));
        for (k, word) in words.iter_mut().enumerate() {
            debug_assert!(self.start + index < self.stride);
            // SAFETY: `new` checked that every column has `stride` words, and a chunk ends within them. Exercised by the models' tests.
            *word = unsafe { *self.words.get_unchecked(k * self.stride + self.start + index) };
        }
        value
    }
}
