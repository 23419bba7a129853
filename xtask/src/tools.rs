//! What the commands need beside cargo, and how it gets here.
//!
//! Packages of the conformance suites go into `target/conformance/`, with the versions pinned in
//! `conformance/`; Maven keeps what it downloads in its own repository too. Programs are installed
//! only through rustup, or through apt-get when we are root; else what is missing is named together
//! with the command that installs it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::project::Project;
use crate::registries;

/// Node's oldest version on which the clients are tried.
const OLDEST_NODE: u32 = 18;

/// Python's oldest, as 3.x; the pinned packages want it.
const OLDEST_PYTHON: u32 = 10;

/// Java's oldest, which Spring Boot wants since its version 3.
const OLDEST_JDK: u32 = 17;

/// The browser in which the page is tried, by its name on Debian.
pub(crate) const CHROMIUM: &str = "chromium";

/// Sees to rustfmt and clippy.
///
/// # Errors
///
/// One is missing and rustup cannot install it.
pub(crate) fn for_rust(project: &Project) -> Result<()> {
    for (component, cargo_command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if process::answer(project.cargo(&[cargo_command, "--version"])).is_some() {
            continue;
        }
        let mut install = project.program("rustup");
        install.args(["component", "add", component]);
        process::run(install).with_context(|| {
            format!("missing: {component}. Install it with: rustup component add {component}")
        })?;
    }
    println!("cargo, rustfmt, clippy: here");
    Ok(())
}

/// Sees to Python, Node, Java, a browser and the packages of all suites of a test run.
///
/// # Errors
///
/// Something is missing and cannot be installed from here; the message says by what it can.
pub(crate) fn for_conformance(project: &Project) -> Result<()> {
    let mut missing = missing_programs(project);
    if !missing.is_empty() && may_install(project) {
        println!("installing {}", names(&missing));
        process::run(apt_get(project, &["update"])).context("the list of packages is not to be had")?;
        for Missing { packages, .. } in &missing {
            let arguments = [&["install", "-y", "--no-install-recommends"], *packages].concat();
            process::run(apt_get(project, &arguments))?;
        }
        missing = missing_programs(project);
    }
    if !missing.is_empty() {
        let packages: Vec<_> = missing.iter().flat_map(|missing| missing.packages.iter().copied()).collect();
        bail!(
            "missing: {}. On Debian or Ubuntu they come with: sudo apt-get install {}",
            names(&missing),
            packages.join(" ")
        );
    }
    println!("python3, node, npm, javac, mvn, {CHROMIUM}: here");
    python_packages(project, "python").context("the packages of the Python client")?;
    python_packages(project, "openapi").context("schemathesis and its packages")?;
    node_packages(project, "node").context("the packages of the Node client")?;
    node_packages(project, "web").context("the packages that drive the browser")?;
    spring_program(project, "current").context("the Spring program")?;
    let motan = project.path("conformance/motan");
    let code = motan.join("src/lubdub/conformance/motan");
    java_program(project, &motan.join("pom.xml"), &code, &motan_program(project))
        .context("the Motan program")?;
    registries::zookeeper(project).context("ZooKeeper, which the Motan program needs")?;
    Ok(())
}

/// Sees to the Spring program of the major before.
///
/// # Errors
///
/// It cannot be built.
pub(crate) fn java_previous(project: &Project) -> Result<()> {
    spring_program(project, "previous").context("the Spring program of the major before")
}

/// The Python that has the client's packages.
pub(crate) fn python(project: &Project) -> PathBuf {
    home(project, "python").join("bin/python")
}

/// The program that asks whatever a description allows.
pub(crate) fn schemathesis(project: &Project) -> PathBuf {
    home(project, "openapi").join("bin/st")
}

/// Where the packages of a suite are, with a Python of their own.
fn home(project: &Project, suite: &str) -> PathBuf {
    project.target("conformance").join(suite)
}

/// Where the packages of a suite in Node are.
pub(crate) fn node_modules(project: &Project, suite: &str) -> PathBuf {
    home(project, suite).join("node_modules")
}

/// Where the Spring programs are, each in a folder of its own with what it needs.
pub(crate) fn java_programs(project: &Project) -> PathBuf {
    home(project, "java")
}

/// Where the Motan program is, with what it needs.
pub(crate) fn motan_program(project: &Project) -> PathBuf {
    home(project, "motan")
}

/// A program that is not there, or too old.
struct Missing {
    what: String,
    packages: &'static [&'static str],
}

fn names(missing: &[Missing]) -> String {
    missing.iter().map(|missing| missing.what.as_str()).collect::<Vec<_>>().join("; ")
}

fn missing_programs(project: &Project) -> Vec<Missing> {
    let ask = |program: &str, arguments: &[&str]| {
        let mut command = project.program(program);
        command.args(arguments);
        process::answer(command)
    };
    let mut missing = Vec::new();
    let mut want = |here: bool, what: String, packages| {
        if !here {
            missing.push(Missing { what, packages });
        }
    };
    let python = ask("python3", &["--version"]).and_then(|told| number_after(&told, "Python 3."));
    want(
        python.is_some_and(|version| version >= OLDEST_PYTHON),
        format!("python3, version 3.{OLDEST_PYTHON} or later"),
        &["python3", "python3-venv"],
    );
    // Debian ships the module venv without what it needs to make one.
    want(
        python.is_none() || ask("python3", &["-c", "import venv, ensurepip"]).is_some(),
        "python3's venv module".to_owned(),
        &["python3-venv"],
    );
    let node = ask("node", &["--version"]).and_then(|told| number_after(&told, "v"));
    want(
        node.is_some_and(|version| version >= OLDEST_NODE),
        format!("node, version {OLDEST_NODE} or later"),
        &["nodejs"],
    );
    want(ask("npm", &["--version"]).is_some(), "npm".to_owned(), &["npm"]);
    let javac = ask("javac", &["-version"]).and_then(|told| number_after(&told, "javac "));
    want(
        javac.is_some_and(|version| version >= OLDEST_JDK),
        format!("a JDK, version {OLDEST_JDK} or later"),
        &["default-jdk-headless"],
    );
    want(ask("mvn", &["--version"]).is_some(), "mvn (Maven)".to_owned(), &["maven"]);
    want(ask(CHROMIUM, &["--version"]).is_some(), CHROMIUM.to_owned(), &["chromium"]);
    missing
}

fn may_install(project: &Project) -> bool {
    let mut id = project.program("id");
    id.arg("-u");
    let root = process::answer(id).is_some_and(|id| id.trim() == "0");
    let mut apt_get = project.program("apt-get");
    apt_get.arg("--version");
    root && process::answer(apt_get).is_some()
}

fn apt_get(project: &Project, arguments: &[&str]) -> std::process::Command {
    let mut command = project.program("apt-get");
    command.arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn python_packages(project: &Project, suite: &str) -> Result<()> {
    let home = home(project, suite);
    let wanted = project.path("conformance").join(suite).join("requirements.txt");
    let stamp = home.join("installed.txt");
    if is_same(&wanted, &stamp)? {
        return Ok(());
    }
    let mut venv = project.program("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&home);
    process::run(venv)?;
    let mut pip = project.program(home.join("bin/python"));
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r"]).arg(&wanted);
    process::run(pip)?;
    fs::copy(&wanted, &stamp).context("noting what is installed")?;
    Ok(())
}

fn node_packages(project: &Project, suite: &str) -> Result<()> {
    let source = project.path("conformance").join(suite);
    let home = home(project, suite);
    let stamp = home.join("installed.json");
    if is_same(&source.join("package-lock.json"), &stamp)? {
        return Ok(());
    }
    fs::create_dir_all(&home)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), home.join(file)).with_context(|| file.to_owned())?;
    }
    let mut npm = project.program("npm");
    // No script of a package runs here: none needs to.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&home);
    process::run(npm)?;
    fs::copy(source.join("package-lock.json"), &stamp).context("noting what is installed")?;
    Ok(())
}

/// The Spring program with the versions of `major`.
fn spring_program(project: &Project, major: &str) -> Result<()> {
    let source = project.path("conformance/java");
    let code = source.join("src/lubdub/conformance");
    java_program(project, &source.join(major).join("pom.xml"), &code, &java_programs(project).join(major))
}

/// Compiles a program and puts its libraries beside it.
fn java_program(project: &Project, pom: &Path, code: &Path, home: &Path) -> Result<()> {
    let wanted = java_sources(pom, code)?;
    let stamp = home.join("built.txt");
    if fs::read(&stamp).is_ok_and(|built| built == wanted) {
        return Ok(());
    }
    // What is left of other versions would be found first.
    if home.exists() {
        fs::remove_dir_all(home).with_context(|| home.display().to_string())?;
    }
    let mut into = OsString::from("-Dinto=");
    into.push(home);
    let mut maven = project.program("mvn");
    maven.args(["--batch-mode", "--quiet", "--file"]).arg(pom).arg(into);
    // Nothing needs to be packed to be run.
    maven.arg("process-classes");
    process::run(maven)?;
    fs::write(&stamp, &wanted).context("noting what is built")?;
    Ok(())
}

/// All that decides what is built, one file after the other.
fn java_sources(pom: &Path, code: &Path) -> Result<Vec<u8>> {
    let listed = fs::read_dir(code).with_context(|| code.display().to_string())?;
    let mut files = listed.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.push(pom.to_owned());
    files.sort();
    let mut all = Vec::new();
    for file in files {
        all.extend(fs::read(&file).with_context(|| file.display().to_string())?);
    }
    Ok(all)
}

/// Whether what was installed last is what is wanted.
fn is_same(wanted: &PathBuf, stamp: &PathBuf) -> Result<bool> {
    let wanted = fs::read(wanted).with_context(|| wanted.display().to_string())?;
    Ok(fs::read(stamp).is_ok_and(|installed| installed == wanted))
}

fn number_after(text: &str, mark: &str) -> Option<u32> {
    let rest = text.trim().strip_prefix(mark)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(number_after("Python 3.11.7\n", "Python 3."), Some(11));
        assert_eq!(number_after("v20.20.2\n", "v"), Some(20));
        assert_eq!(number_after("javac 17.0.15\n", "javac "), Some(17));
        assert_eq!(number_after("Python 2.7.18\n", "Python 3."), None);
    }
}
