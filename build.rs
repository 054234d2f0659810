//! Finds the OpenBLAS that the `scipy-openblas32` Python package carries and links it.
//!
//! This is the only file that knows which LAPACK is linked and where it lies. The package is a build
//! requirement and a run-time dependency, so the loader finds the same library next to the installed module.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=PYO3_PYTHON");
    println!("cargo:rerun-if-changed=build.rs");
    let python = env::var("PYO3_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = "import scipy_openblas32 as o; print(o.get_lib_dir()); print(o.get_library())";
    let answer = Command::new(&python).args(["-c", script]).output();
    let text = match answer {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => fail(&python, &String::from_utf8_lossy(&output.stderr)),
        Err(error) => fail(&python, &error.to_string()),
    };
    let mut lines = text.lines();
    let (Some(folder), Some(library)) = (lines.next(), lines.next()) else {
        fail(&python, &format!("unexpected answer: {text}"));
    };
    println!("cargo:rustc-link-search=native={folder}");
    println!("cargo:rustc-link-lib=dylib={library}");

    // The Python module finds the library beside itself, wherever it is installed; tests find it where it lies now.
    let place = match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("windows") => return, // the Python package adds the DLL folder before the import
        _ if env::var_os("CARGO_FEATURE_PYTHON").is_none() => folder,
        Ok("macos") => "@loader_path/../scipy_openblas32/lib",
        _ => "$ORIGIN/../scipy_openblas32/lib",
    };
    println!("cargo:rustc-link-arg=-Wl,-rpath,{place}");
}

fn fail(python: &str, reason: &str) -> ! {
    eprintln!("gvckit links the OpenBLAS of the Python package scipy-openblas32, and {python} could not import it.");
    eprintln!("Install it there (pip install scipy-openblas32) or set PYO3_PYTHON to an interpreter that has it.");
    eprintln!("{reason}");
    std::process::exit(1);
}
