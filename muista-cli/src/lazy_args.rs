//! [`LazyArgs`]: a verb's arguments, described to clap when they are needed.

use clap::{ArgMatches, Args, Command, FromArgMatches};

/// A verb's arguments, which are described to clap only where that verb is meant: to describe them all takes as long as a
/// short command.
#[derive(Debug)]
pub(crate) struct LazyArgs<A>(pub(crate) A);

impl<A: Args> Args for LazyArgs<A> {
    fn augment_args(command: Command) -> Command {
        command.defer(A::augment_args)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(A::augment_args_for_update)
    }
}

impl<A: FromArgMatches> FromArgMatches for LazyArgs<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        A::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}
