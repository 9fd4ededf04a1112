//! What the operating system says about this process and its memory.

/// The largest amount of memory this process has held so far, bytes (`VmHWM` of `/proc/self/status`); 0 where the system
/// does not tell.
pub fn peak_rss_bytes() -> u64 {
    kibibytes("/proc/self/status", "VmHWM:").map_or(0, |kibibytes| kibibytes.saturating_mul(1024))
}

/// Memory that can still be had, bytes (`MemAvailable` of `/proc/meminfo`); `None` where the system does not tell.
pub(crate) fn available_memory_bytes() -> Option<u64> {
    kibibytes("/proc/meminfo", "MemAvailable:").map(|kibibytes| kibibytes.saturating_mul(1024))
}

fn kibibytes(file: &str, key: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_peak_grows_when_memory_is_touched() {
        let before = peak_rss_bytes();
        assert!(before > 0);
        let touched = vec![1u8; 256 << 20];
        assert!(peak_rss_bytes() > before + (100 << 20), "{}", touched[touched.len() / 2]);
        assert!(available_memory_bytes().is_some_and(|bytes| bytes > 0));
    }

    #[test]
    fn an_absent_file_or_key_is_no_number() {
        assert_eq!(kibibytes("/no/such/file", "VmHWM:"), None);
        assert_eq!(kibibytes("/proc/self/status", "NoSuchKey:"), None);
    }
}
