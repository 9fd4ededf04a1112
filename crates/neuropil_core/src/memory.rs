//! Memory: how much there is, and hints about what will be needed soon.

/// Asks for the memory of a slice, up to two kilobytes of it; a hint without effect on results.
#[inline(always)]
pub fn fetch<T>(slice: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        let (first, bytes) = (slice.as_ptr().cast::<i8>(), size_of_val(slice).min(2048));
        // From the line of the first byte to the line of the last.
        let lines = (first as usize % 64 + bytes).div_ceil(64) * usize::from(bytes > 0);
        for line in 0..lines {
            // SAFETY: a prefetch reads nothing; any address is allowed.
            unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(first.wrapping_add(64 * line)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = slice;
}

/// Memory that can still be had, in bytes; `None` where the system does not tell.
pub fn available_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
