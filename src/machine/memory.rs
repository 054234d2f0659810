//! Room for large arrays. It is asked for before the work starts, so that a request that can't be held is an error and
//! not the end of the process: Linux grants more memory than there is, and kills whoever uses it.

use std::alloc::{Layout, alloc_zeroed};
use std::fs::read_to_string;

use ndarray::{Array, ArrayView, Dimension, IntoDimension, Zip};

use crate::error::{Error, Result};

/// Doubles for which nobody is asked, as asking takes a tenth of a millisecond: eight megabytes.
const SMALL: f64 = 1_048_576.0;
/// Doubles that are asked for once more when they are taken: 64 megabytes.
const LARGE: f64 = 8_388_608.0;

/// Error unless there is room for arrays of so many doubles; `what` works on so many rows.
pub fn expect(what: &'static str, rows: usize, arrays: &[(&'static str, f64)]) -> Result<()> {
    let doubles: f64 = arrays.iter().map(|(_, doubles)| doubles).sum();
    if doubles <= SMALL {
        return Ok(());
    }
    match free() {
        Some(free) if 8.0 * doubles > free => Err(refusal(what, rows, arrays, Some(free))),
        _ => Ok(()),
    }
}

fn refusal(what: &'static str, rows: usize, arrays: &[(&'static str, f64)], free: Option<f64>) -> Error {
    let parts: Vec<String> = arrays.iter().map(|(name, doubles)| format!("{} ({name})", size(8.0 * doubles))).collect();
    let free = free.map_or(String::new(), |free| format!(", and {} are free", size(free.max(0.0))));
    let rows = with_commas(rows);
    Error::Memory { message: format!("{what} of {rows} rows needs {}{free}", parts.join(" and ")) }
}

/// Zeros, or an error where the system has no room for them.
pub fn zeros<S: IntoDimension>(shape: S) -> Result<Array<f64, S::Dim>> {
    let shape = shape.into_dimension();
    let length = shape.slice().iter().try_fold(1_usize, |product, side| product.checked_mul(*side));
    let rows = shape.slice().first().copied().unwrap_or(1);
    let doubles = shape.slice().iter().map(|side| *side as f64).product();
    if doubles > LARGE {
        expect("an array", rows, &[("its cells", doubles)])?;
    }
    let values = length.and_then(zeroed).ok_or_else(|| refusal("an array", rows, &[("its cells", doubles)], None))?;
    match Array::from_shape_vec(shape, values) {
        Ok(array) => Ok(array),
        Err(_) => unreachable!("the length is the product of the shape"),
    }
}

/// The same cells row by row in memory of their own, or an error where the system has no room for them.
pub fn copy<D: Dimension>(view: ArrayView<f64, D>) -> Result<Array<f64, D>> {
    let mut out = zeros(view.raw_dim())?;
    Zip::from(&mut out).and(&view).for_each(|to, from| *to = *from);
    Ok(out)
}

/// Memory that the system hands out as zeros, without writing them.
fn zeroed(length: usize) -> Option<Vec<f64>> {
    let layout = Layout::array::<f64>(length).ok()?;
    if length == 0 {
        return Some(Vec::new());
    }
    // SAFETY: the layout is not empty.
    let start = unsafe { alloc_zeroed(layout) }.cast::<f64>();
    // SAFETY: the global allocator gave `length` doubles in just this layout, and zero bytes are the double 0.
    (!start.is_null()).then(|| unsafe { Vec::from_raw_parts(start, length, length) })
}

/// Bytes that this process can still have, as far as the system tells: the least of what the machine, the control group
/// and the limit of the address space leave.
pub fn free() -> Option<f64> {
    [machine(), control_group(), address_space()].into_iter().flatten().reduce(f64::min)
}

fn machine() -> Option<f64> {
    let text = read_to_string("/proc/meminfo").ok()?;
    Some(1024.0 * (entry(&text, "MemAvailable:")? + entry(&text, "SwapFree:").unwrap_or(0.0)))
}

/// Version 2 of control groups, or version 1. Pages of files that nobody has touched lately can be dropped.
fn control_group() -> Option<f64> {
    let group = |limit: &str, used: &str, idle: &str| {
        let number = |name: &str| read_to_string(format!("/sys/fs/cgroup/{name}")).ok()?.trim().parse::<f64>().ok();
        let folder = limit.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let stat = read_to_string(format!("/sys/fs/cgroup/{folder}memory.stat")).unwrap_or_default();
        Some(number(limit)? - number(used)? + entry(&stat, idle).unwrap_or(0.0))
    };
    group("memory.max", "memory.current", "inactive_file")
        .or_else(|| group("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"))
}

fn address_space() -> Option<f64> {
    let limit = entry(&read_to_string("/proc/self/limits").ok()?, "Max address space")?;
    let used = entry(&read_to_string("/proc/self/status").ok()?, "VmSize:")?;
    Some(limit - 1024.0 * used)
}

/// The number after a name at the start of a line.
fn entry(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Bytes as people say them.
fn size(bytes: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB")];
    let (unit, name) = units.into_iter().find(|(unit, _)| bytes >= *unit).unwrap_or((1e3, "kB"));
    format!("{:.1} {name}", bytes / unit)
}

fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{array, s};

    #[test]
    fn zeros_and_copies_of_small_and_large_sizes() -> Result<()> {
        for n in [0, 1, 1000] {
            let m = zeros((n, n + 1))?;
            assert!(m.dim() == (n, n + 1) && m.iter().all(|e| *e == 0.0));
        }
        let m = array![[1.0, 2.0], [3.0, 4.0]];
        assert_eq!(copy(m.slice(s![..;-1, ..]))?, array![[3.0, 4.0], [1.0, 2.0]]);
        assert!(copy(m.t())?.is_standard_layout());
        Ok(())
    }

    #[test]
    fn what_no_machine_holds_is_refused_in_words() {
        let beyond = zeros((usize::MAX / 4, 3)).err();
        assert!(matches!(beyond, Some(Error::Memory { .. })));
        assert!(zeros((1 << 40, 1 << 20)).is_err());
        let parts = [("B", 3.6e9), ("workspace", 1.8e9)];
        let said = refusal("leontief_inverse", 60_000, &parts, Some(4.2e9)).to_string();
        let wanted = "leontief_inverse of 60,000 rows needs 28.8 GB (B) and 14.4 GB (workspace), and 4.2 GB are free";
        assert_eq!(said, wanted);
        assert!(expect("a test", 3, &[("cells", 10.0)]).is_ok());
        if cfg!(target_os = "linux") {
            assert!(expect("a test", 3, &[("cells", 1e18)]).is_err());
        }
    }

    #[test]
    fn numbers_after_names() {
        assert_eq!(entry("MemTotal: 5 kB\nMemAvailable:   24 kB\n", "MemAvailable:"), Some(24.0));
        assert_eq!(entry("Max address space         unlimited  bytes", "Max address space"), None);
    }
}
