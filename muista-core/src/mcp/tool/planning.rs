//! The arguments that say when a task is worked on, beside its due and its place by hand. The tools that take them have them
//! from here, each with a text of its own, since what tools are told of is short and of few bytes.

use super::update::unless_none;
use crate::input::PlanningTexts;

/// Declares the arguments of a tool that has, in the place of `planning`, those that say when a task is worked on, as they
/// are told by the tool `create`, `update` or `plan`.
macro_rules! with_planning {
    (create $($arguments:tt)*) => { with_planning! { @declare
        start "Hidden until then.",
        deadline "The latest time.",
        estimate "Time it takes: \"30min\".",
        $($arguments)*
    } };
    (update $($arguments:tt)*) => { with_planning! { @declare
        start "New start.",
        deadline "New deadline.",
        estimate "New estimate: \"2h\".",
        $($arguments)*
    } };
    (plan $($arguments:tt)*) => { with_planning! { @declare
        start "Hidden from lists until then: \"monday\", or from its due: \"due-2w\"; \"none\" takes it away.",
        deadline "The latest time, which a new due leaves alone: \"end of month\"; \"none\" takes it away.",
        estimate "How long it will take: \"30min\", \"1h 30min\"; \"none\" takes it away.",
        $($arguments)*
    } };
    (
        @declare $($field:ident $text:tt,)*
        $(#[$of_arguments:meta])*
        struct $arguments:ident {
            { $($before:tt)* }
            planning
            { $($after:tt)* }
        }
    ) => {
        $(#[$of_arguments])*
        struct $arguments {
            $($before)*
            $(
                #[doc = $text]
                #[serde(default)]
                $field: Option<String>,
            )*
            $($after)*
        }

        impl $arguments {
            /// Takes out what they say of when the task is worked on.
            fn take_planning(&mut self) -> super::planning::PlanningArguments {
                super::planning::PlanningArguments { $($field: self.$field.take(),)* }
            }
        }
    };
}
pub(super) use with_planning;

/// What the arguments say.
pub(super) struct PlanningArguments {
    pub(super) start: Option<String>,
    pub(super) deadline: Option<String>,
    pub(super) estimate: Option<String>,
}

impl PlanningArguments {
    /// Returns it as the texts of a document.
    pub(super) fn texts(self) -> PlanningTexts {
        let Self { start, deadline, estimate } = self;
        PlanningTexts {
            start_date: unless_none(start),
            deadline_date: unless_none(deadline),
            estimate: unless_none(estimate),
            ..PlanningTexts::default()
        }
    }
}
