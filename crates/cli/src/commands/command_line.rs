//! [`CommandLine`]: what can be typed, and which command does it.

use clap::{Parser, Subcommand};

use super::{instances, serve, services, watch, why};
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
  lubdub services                     what is registered there
  lubdub instances orders             who provides `orders`, where, and since when
  lubdub watch                        every change as it happens
  lubdub why orders 10.0.0.7:8080     what happened to one instance, and why

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
    /// List the services, with how many of their instances are up
    Services(services::Services),
    /// List instances: where they are, their state, and their last beat
    Instances(instances::Instances),
    /// Show each change as it happens, until Ctrl-C
    Watch(watch::Watch),
    /// Tell what happened to one instance, and why
    Why(why::Why),
    /// A provider process of the demo
    #[command(hide = true)]
    DemoProvider(demo::ProviderArgs),
}

impl CommandLine {
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
            Command::Services(services) => services.run(paint),
            Command::Instances(instances) => instances.run(paint),
            Command::Watch(watch) => watch.run(paint),
            Command::Why(why) => why.run(paint),
            Command::DemoProvider(provider) => demo::provide(provider),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
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
