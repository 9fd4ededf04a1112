//! Constants of the instances of a pool, one set for all or one each, so stored that kernels vectorise.

use bytemuck::Pod;
use neuropil_core::columns::Constants;

/// Constants of the instances of a pool.
pub(crate) enum Listed<T> {
    /// All have the same.
    Alike(T),
    /// As [`transposed`] lays them out.
    Each(Vec<u64>),
}

impl<T: Pod> Listed<T> {
    pub(crate) fn new(constants: &[T]) -> Self {
        match constants.split_first() {
            Some((first, others)) if others.iter().all(|other| bytemuck::bytes_of(other) == bytemuck::bytes_of(first)) => {
                Self::Alike(*first)
            }
            _ => Self::Each(transposed(constants)),
        }
    }
}

/// Constants as a structure of arrays of eight-byte words.
fn transposed<T: Pod>(constants: &[T]) -> Vec<u64> {
    const { assert!(size_of::<T>().is_multiple_of(8), "a mechanism's constants are read as eight-byte words") };
    let width = size_of::<T>() / 8;
    let mut words = vec![0; width * constants.len()];
    for (k, constants_of_one) in constants.iter().enumerate() {
        for (w, word) in bytemuck::pod_collect_to_vec::<T, u64>(std::slice::from_ref(constants_of_one)).iter().enumerate() {
            words[w * constants.len() + k] = *word;
        }
    }
    words
}

/// One set of constants an instance, so stored that kernels vectorise.
#[derive(Clone, Copy)]
pub(crate) struct ByInstance<'a> {
    words: &'a [u64],
    stride: usize,
    start: usize,
}

impl<'a> ByInstance<'a> {
    /// The constants of `length` instances from `start` on; `words` holds one column of `stride` values a word.
    pub(crate) fn new<T: Pod>(words: &'a [u64], stride: usize, start: usize, length: usize) -> Self {
        assert!(words.len() >= stride * (size_of::<T>() / 8) && start + length <= stride);
        Self { words, stride, start }
    }
}

impl<T: Pod> Constants<T> for ByInstance<'_> {
    #[inline(always)]
    fn at(&self, index: usize) -> T {
        let mut value = T::zeroed();
        let words: &mut [u64] = bytemuck::cast_slice_mut(std::slice::from_mut(&mut value));
        for (k, word) in words.iter_mut().enumerate() {
            debug_assert!(self.start + index < self.stride);
            // SAFETY: `new` checked that every column has `stride` words, and that the instances of a kernel end within them. Exercised by every test of
            // cells in a pool.
            *word = unsafe { *self.words.get_unchecked(k * self.stride + self.start + index) };
        }
        value
    }
}
