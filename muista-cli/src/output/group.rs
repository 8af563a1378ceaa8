//! A list of tasks under headings: which heading each task stands under, and in which order they come. What has nothing to be
//! grouped by comes last.

use jiff::Span;
use muista_core::model::{Category, Field, GroupBy, Priority, Task, fold, tag_word};
use muista_core::time::Context;

/// What a list is grouped by, found.
pub(crate) enum By {
    /// What every account has.
    Known(GroupBy),
    /// An own field.
    Own(Field),
}

/// A heading, and what stands under it.
pub(crate) struct Group<'t> {
    pub(crate) heading: String,
    pub(crate) tasks: Vec<&'t Task>,
}

/// Returns the tasks under their headings, each group in the order of `tasks`. A task with several tags stands under each.
pub(crate) fn groups<'t>(tasks: &'t [Task], by: &By, context: &Context) -> Vec<Group<'t>> {
    // What a group is sorted by: those without come last.
    let mut groups: Vec<((u8, String), Group<'t>)> = Vec::new();
    for task in tasks {
        for (place, heading) in headings(task, by, context) {
            match groups.iter_mut().find(|(known, _)| *known == place) {
                Some((_, group)) => group.tasks.push(task),
                None => groups.push((place, Group { heading, tasks: vec![task] })),
            }
        }
    }
    groups.sort_by(|(a, _), (b, _)| a.cmp(b));
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Returns the headings of a task, each with what it is sorted by.
fn headings(task: &Task, by: &By, context: &Context) -> Vec<((u8, String), String)> {
    let named = |name: &str| ((0, fold(name)), name.to_owned());
    let fixed = |place: usize, name: &str| ((u8::try_from(place).unwrap_or(u8::MAX), String::new()), name.to_owned());
    let none = |name: &str| ((u8::MAX, String::new()), name.to_owned());
    let by = match by {
        By::Known(by) => by,
        By::Own(field) => {
            let value = task.fields.iter().find(|(name, _)| fold(name) == fold(&field.name));
            let heading = value.map(|(_, value)| ((0, field.sort_key(value)), Field::words(value)));
            return vec![heading.unwrap_or_else(|| none(&format!("No {}", field.name)))];
        }
    };
    vec![match by {
        GroupBy::Tag if !task.tags.is_empty() => {
            return task.tags.iter().map(|tag| ((0, fold(tag)), tag_word(tag))).collect();
        }
        GroupBy::Tag => none("No tag"),
        GroupBy::Project => task.project.as_deref().map_or_else(|| none("No project"), named),
        GroupBy::Category => {
            let place = Category::ALL.iter().position(|category| *category == task.category);
            fixed(place.unwrap_or_default(), task.category.as_str())
        }
        GroupBy::Priority => match task.priority {
            Priority::High => fixed(0, "High"),
            Priority::Medium => fixed(1, "Medium"),
            Priority::Low => fixed(2, "Low"),
        },
        GroupBy::Due | GroupBy::Field(_) => {
            day(task, context).map_or_else(|| none("No due date"), |(place, name)| fixed(place, name))
        }
    }]
}

/// Returns when a task is due, in words, and the place of these among the others.
fn day(task: &Task, context: &Context) -> Option<(usize, &'static str)> {
    let today = context.today();
    let due = task.due_day(&context.zone)?;
    let days_left = i64::from(7 - today.weekday().to_monday_one_offset());
    let end_of_week = today.checked_add(Span::new().days(days_left)).unwrap_or(today);
    Some(match due {
        _ if task.is_overdue(context) => (0, "Overdue"),
        due if due < today => (1, "Earlier"),
        due if due == today => (2, "Today"),
        due if today.tomorrow().is_ok_and(|tomorrow| due == tomorrow) => (3, "Tomorrow"),
        due if due <= end_of_week => (4, "This week"),
        _ => (5, "Later"),
    })
}
