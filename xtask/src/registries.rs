//! Registries that nobody here wrote, on which the SDK is tried: how they get here.
//!
//! They are programs and jars below `target/registries/`; nothing is installed and no service started.
//!
//! | registry | from |
//! | --- | --- |
//! | etcd, Consul | the path, or else Debian's packages, unpacked |
//! | `ZooKeeper`, Spring Cloud's Eureka server | Maven |

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::project::Project;

/// What is unpacked: a package of Debian, and the program in it.
const UNPACKED: [(&str, &str); 2] = [("etcd-server", "etcd"), ("consul", "consul")];

/// Sees to all of them.
///
/// # Errors
///
/// One is missing and cannot be had; the message says by what it can.
pub(crate) fn all(project: &Project) -> Result<()> {
    for (package, program) in UNPACKED {
        unpacked(project, package, program)
            .with_context(|| format!("missing: {program}, on the path or from Debian's package {package}"))?;
    }
    zookeeper(project).context("ZooKeeper does not come from Maven (it needs a JDK and mvn)")?;
    spring(project).context("Spring Cloud's Eureka server does not build (it needs a JDK 17 and mvn)")?;
    println!("etcd, consul, ZooKeeper, Spring Cloud's Eureka server: here");
    Ok(())
}

fn home(project: &Project) -> PathBuf {
    project.target("registries")
}

/// A program on the path is taken as it is; else it comes from its package.
fn unpacked(project: &Project, package: &str, program: &str) -> Result<()> {
    let home = home(project).join(program);
    let unpacked = home.join("usr/bin").join(program);
    let mut there = project.program(program);
    there.arg("--version");
    if unpacked.exists() || process::answer(there).is_some() {
        return Ok(());
    }
    let apt = apt(project)?;
    let configured = |program: &str| {
        let mut command = project.program(program);
        command.env("APT_CONFIG", apt.join("apt.conf")).current_dir(&home);
        command
    };
    fs::create_dir_all(&home)?;
    let mut download = configured("apt-get");
    download.args(["-q", "download", package]);
    process::run(download)?;
    let listed = fs::read_dir(&home)?.filter_map(Result::ok).map(|entry| entry.path());
    let Some(file) = listed.into_iter().find(|path| path.extension().is_some_and(|it| it == "deb")) else {
        bail!("apt-get downloaded no package")
    };
    let mut unpack = configured("dpkg-deb");
    unpack.arg("-x").arg(&file).arg(&home);
    process::run(unpack)?;
    fs::remove_file(&file)?;
    if !unpacked.exists() {
        bail!("the package has no {}", unpacked.display())
    }
    Ok(())
}

/// A configuration of apt's own that touches nothing of the system's, with its lists.
fn apt(project: &Project) -> Result<PathBuf> {
    let home = home(project).join("apt");
    for folder in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(home.join(folder))?;
    }
    let sources = home.join("sources.d");
    fs::create_dir_all(&sources)?;
    fs::copy(project.path("conformance/registries/debian.sources"), sources.join("debian.sources"))?;
    let at = |path: &str| home.join(path).display().to_string();
    let lines = [
        format!("Dir::Etc::sourcelist \"{}\";", at("none")),
        format!("Dir::Etc::sourceparts \"{}\";", sources.display()),
        format!("Dir::State::lists \"{}\";", at("lists")),
        format!("Dir::Cache \"{}\";", at("cache")),
        "Acquire::Languages \"none\";".to_owned(),
        // Else it warns that its own user may not write here.
        "APT::Sandbox::User \"root\";".to_owned(),
    ];
    fs::write(home.join("apt.conf"), lines.join("\n") + "\n")?;
    if !home.join("updated").exists() {
        let mut update = project.program("apt-get");
        update.args(["-q", "update"]).env("APT_CONFIG", home.join("apt.conf"));
        process::run(update).context("Debian's list of packages is not to be had")?;
        fs::write(home.join("updated"), "")?;
    }
    Ok(home)
}

/// etcd's program.
///
/// # Errors
///
/// It is missing and cannot be had.
pub(crate) fn etcd(project: &Project) -> Result<PathBuf> {
    unpacked(project, "etcd-server", "etcd")?;
    let unpacked = home(project).join("etcd/usr/bin/etcd");
    Ok(if unpacked.exists() { unpacked } else { PathBuf::from("etcd") })
}

/// The folder of `ZooKeeper`'s jars, which may have none yet.
pub(crate) fn zookeeper_jars(project: &Project) -> PathBuf {
    home(project).join("zookeeper/libraries")
}

/// Sees to `ZooKeeper`, and returns the folder of its jars.
///
/// # Errors
///
/// They do not come.
pub(crate) fn zookeeper(project: &Project) -> Result<PathBuf> {
    let home = home(project).join("zookeeper");
    let jars = zookeeper_jars(project);
    let pom = project.path("conformance/registries/zookeeper/pom.xml");
    let stamp = home.join("built.xml");
    if fs::read(&stamp).is_ok_and(|built| fs::read(&pom).is_ok_and(|wanted| wanted == built)) {
        return Ok(jars);
    }
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let mut maven = project.program("mvn");
    maven.args(["--batch-mode", "--quiet", "--file"]).arg(&pom).arg(format!("-Dinto={}", home.display()));
    maven.arg("package");
    process::run(maven)?;
    fs::copy(&pom, &stamp)?;
    Ok(jars)
}

/// Builds the server that the recorded exchanges come from, and returns its jar. It is built elsewhere,
/// so that nothing is left beside its sources.
///
/// # Errors
///
/// It does not build.
pub(crate) fn spring(project: &Project) -> Result<PathBuf> {
    let home = home(project).join("spring");
    let jar = home.join("target/spring-server.jar");
    if !jar.exists() {
        println!("\n==> building Spring Cloud's Eureka server");
        let source = project.path("conformance/record/spring-server");
        for file in
            ["pom.xml", "src/main/java/lubdub/record/Server.java", "src/main/resources/application.yml"]
        {
            let copy = home.join(file);
            fs::create_dir_all(copy.parent().unwrap_or(&home))?;
            fs::copy(source.join(file), copy).with_context(|| file.to_owned())?;
        }
        let mut maven = project.program("mvn");
        maven.args(["-q", "-B", "package", "-f"]).arg(home.join("pom.xml"));
        process::run(maven)?;
    }
    Ok(jar)
}
