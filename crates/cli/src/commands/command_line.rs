//! [`CommandLine`]: what can be typed, and which command does it.

use clap::{CommandFactory, Parser, Subcommand};

use super::{
    bench, completions, damping, deregister, drain, guard, instances, log, man, register, resume, serve,
    services, sim, status, watch, why,
};
use crate::demo;
use crate::failure::Failure;
use crate::output::Paint;

/// A service registry whose heart is the heartbeat.
///
/// Providers register and beat; the registry notices who has stopped, tells consumers at once,
/// and can be asked why it decided so. Programs that know Eureka live on it unchanged.
#[derive(Debug, Parser)]
#[command(name = "lubdub", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  lubdub demo                         see providers beat, one of them die, another return
  lubdub serve                        run a registry on http://127.0.0.1:8761
  lubdub register orders --port 8080 -- ./orders
                                      run `./orders`, and keep it registered while it runs
  lubdub services                     what is registered there
  lubdub instances orders             who provides `orders`, where, and since when
  lubdub watch                        every change as it happens
  lubdub why orders 10.0.0.7:8080     what happened to one instance, and why
  lubdub drain orders/10.0.0.7:8080   keep consumers from one instance; `resume` brings it back
  lubdub status                       how the registry itself is

`lubdub help COMMAND` tells more about each.")]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,

    // Not a doc comment: that would have to mark the variable as code.
    #[arg(
        long,
        global = true,
        display_order = 100,
        help = "No colours, also on a terminal (as NO_COLOR in the environment)"
    )]
    no_color: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a registry
    Serve(serve::Serve),
    /// Start a registry and a few providers, and watch one die and another return
    Demo(demo::Demo),
    /// Keep an instance registered for a process that cannot do it itself
    Register(Box<register::Register>),
    /// List the services, with how many of their instances are up
    Services(services::Services),
    /// List instances: where they are, their state, and their last beat
    Instances(instances::Instances),
    /// Show each change as it happens, until Ctrl-C
    Watch(watch::Watch),
    /// Tell what happened to one instance, and why
    Why(why::Why),
    /// Show consumers that instances are out of service, whatever these report
    Drain(drain::Drain),
    /// Take back what `drain` said
    Resume(resume::Resume),
    /// Remove instances at once
    Deregister(deregister::Deregister),
    /// Tell how the registry is, on one screen
    Status(status::Status),
    /// Show what the guard against mass eviction sees and holds, or release it
    Guard(guard::Guard),
    /// Show which instances are kept out for their losses, or clear that
    Damping(damping::Damping),
    /// Show or set what the registry logs
    Log(log::Log),
    // What it says of itself is longer, and stands with its arguments.
    Bench(bench::Bench),
    /// Let the core live through simulated faults, from a seed
    Sim(sim::Sim),
    /// Write a script that completes this command line in a shell
    Completions(completions::Completions),
    /// Write the manual pages
    Man(man::ManPages),
    /// A provider process of the demo
    #[command(hide = true)]
    DemoProvider(demo::ProviderArgs),
}

impl CommandLine {
    /// What people get to see of it: without the commands that the program uses itself.
    pub(super) fn shown() -> clap::Command {
        let whole = Self::command();
        let shown = whole.get_subcommands().filter(|command| !command.is_hide_set());
        let bare = clap::Command::new("lubdub")
            .version(env!("CARGO_PKG_VERSION"))
            .about(whole.get_about().cloned().unwrap_or_default())
            .long_about(whole.get_long_about().cloned().unwrap_or_default())
            .after_help(whole.get_after_help().cloned().unwrap_or_default());
        bare.args(whole.get_arguments()).subcommands(shown)
    }

    /// Does what was asked.
    ///
    /// # Errors
    ///
    /// It could not; the error says why and what to do next.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let paint = Paint::for_stdout(self.no_color);
        match &self.command {
            Command::Serve(serve) => serve.run(self.no_color),
            Command::Demo(demo) => demo.run(paint),
            Command::Register(register) => register.run(),
            Command::Services(services) => services.run(paint),
            Command::Instances(instances) => instances.run(paint),
            Command::Watch(watch) => watch.run(paint),
            Command::Why(why) => why.run(paint),
            Command::Drain(drain) => drain.run(),
            Command::Resume(resume) => resume.run(),
            Command::Deregister(deregister) => deregister.run(),
            Command::Status(status) => status.run(paint),
            Command::Guard(guard) => guard.run(paint),
            Command::Damping(damping) => damping.run(paint),
            Command::Log(log) => log.run(),
            Command::Bench(bench) => bench.run(),
            Command::Sim(sim) => sim.run(paint),
            Command::Completions(completions) => completions.run(),
            Command::Man(man) => man.run(),
            Command::DemoProvider(provider) => demo::provide(provider),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::error::ErrorKind;

    fn refusal(arguments: &[&str]) -> clap::Error {
        CommandLine::try_parse_from([&["lubdub"], arguments].concat()).unwrap_err()
    }

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_flag_or_command_that_is_almost_right_is_suggested() {
        let told = refusal(&["serve", "--ephemral"]).to_string();
        assert!(told.contains("--ephemeral"), "{told}");
        let told = refusal(&["servces"]).to_string();
        assert!(told.contains("services"), "{told}");
    }

    #[test]
    fn every_command_teaches_by_example() {
        for mut command in
            CommandLine::command().get_subcommands().filter(|command| !command.is_hide_set()).cloned()
        {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Examples:"), "{help}");
        }
    }

    #[test]
    fn nothing_at_all_shows_the_help() {
        assert_eq!(refusal(&[]).kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
    }
}
