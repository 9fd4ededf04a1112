//! Constants of the instances of a pool, one set for all or one each, so stored that kernels vectorise.

use crate::real::Real;
use bytemuck::Pod;
use neuropil_core::columns::Constants;

/// Constants of the instances of a pool.
pub(crate) enum Listed<T, R> {
    /// All have the same.
    Alike(T),
    /// As [`transposed`] lays them out.
    Each(Vec<R>),
}

impl<T: Pod, R: Real> Listed<T, R> {
    pub(crate) fn new(constants: &[T]) -> Self {
        match constants.split_first() {
            Some((first, others)) if others.iter().all(|other| bytemuck::bytes_of(other) == bytemuck::bytes_of(first)) => {
                Self::Alike(*first)
            }
            _ => Self::Each(transposed(constants)),
        }
    }
}

/// Constants as a structure of arrays of numbers.
fn transposed<T: Pod, R: Real>(constants: &[T]) -> Vec<R> {
    const { assert!(size_of::<T>().is_multiple_of(8), "a mechanism's constants are read as numbers of eight bytes") };
    let width = size_of::<T>() / 8;
    let mut numbers = vec![R::default(); width * constants.len()];
    for (k, constants_of_one) in constants.iter().enumerate() {
        for (w, number) in bytemuck::pod_collect_to_vec::<T, f64>(std::slice::from_ref(constants_of_one)).iter().enumerate() {
            numbers[w * constants.len() + k] = R::from(*number);
        }
    }
    numbers
}

/// One set of constants an instance, so stored that kernels vectorise.
#[derive(Clone, Copy)]
pub(crate) struct ByInstance<'a, R> {
    numbers: &'a [R],
    stride: usize,
    start: usize,
}

impl<'a, R: Real> ByInstance<'a, R> {
    /// The constants of `length` instances from `start` on; `numbers` holds one column of `stride` values a number.
    pub(crate) fn new<T: Pod>(numbers: &'a [R], stride: usize, start: usize, length: usize) -> Self {
        assert!(numbers.len() >= stride * (size_of::<T>() / 8) && start + length <= stride);
        Self { numbers, stride, start }
    }
}

impl<T: Pod, R: Real> Constants<T> for ByInstance<'_, R> {
    #[inline(always)]
    fn at(&self, index: usize) -> T {
        let mut value = T::zeroed();
        let fields: &mut [f64] = bytemuck::cast_slice_mut(std::slice::from_mut(&mut value));
        for (k, field) in fields.iter_mut().enumerate() {
            debug_assert!(self.start + index < self.stride);
            // SAFETY: `new` checked that every column has `stride` numbers, and that the instances of a kernel end within them. Exercised by every test of
            // cells in a pool.
            *field = unsafe { self.numbers.get_unchecked(k * self.stride + self.start + index) }.to_f64();
        }
        value
    }
}
