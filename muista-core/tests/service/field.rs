//! Own fields: made, changed and deleted; the values that tasks have; conditions and orders by them; and all of that undone.

use std::collections::BTreeMap;

use muista_core::error::ErrorKind;
use muista_core::input::query;
use muista_core::model::*;

use crate::world::*;

fn name(text: &str) -> FieldName {
    FieldName::parse(text).unwrap()
}

async fn make(world: &World, text: &str, kind: FieldKind, choices: &[&str]) -> Field {
    let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
    world.client.add_field(NewField { name: name(text), kind, choices }).await.unwrap()
}

fn said(world: &World, pairs: &[(&str, &str)]) -> FieldChanges {
    let values: BTreeMap<String, Option<String>> =
        pairs.iter().map(|(name, text)| ((*name).to_owned(), Some((*text).to_owned()))).collect();
    FieldChanges::of(values, &world.context())
}

fn shown(task: &Task) -> String {
    task.fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

async fn add(world: &World, title: &str, pairs: &[(&str, &str)]) -> Task {
    world.add_with(title, |new| new.fields = said(world, pairs)).await
}

async fn set(world: &World, number: i64, pairs: &[(&str, &str)]) -> Task {
    let patch = TaskPatch { fields: said(world, pairs), ..TaskPatch::default() };
    world.client.edit_tasks(vec![TaskRef::Number(number)], patch).await.unwrap().value.remove(0)
}

/// The numbers of the tasks that a query holds, in an order.
async fn numbers(world: &World, text: &str, sort: &str) -> String {
    let read = query::read(text, &world.context()).unwrap();
    let filter = query::read_filter(read, TaskFilter::default(), Status::Open).unwrap();
    let mut page = Page { limit: 2, sort: SortOrder::read_list(sort).unwrap(), ..Page::default() };
    let mut numbers = Vec::new();
    loop {
        let found = world.client.list_tasks(filter.clone(), page.clone()).await.unwrap();
        numbers.extend(found.items.iter().map(|task| task.number.to_string()));
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            return numbers.join(" ");
        }
    }
}

async fn error_of(world: &World, text: &str) -> muista_core::error::Error {
    let read = query::read(text, &world.context()).unwrap();
    let filter = query::read_filter(read, TaskFilter::default(), Status::Open).unwrap();
    world.client.list_tasks(filter, Page { limit: 5, ..Page::default() }).await.unwrap_err()
}

async fn undo(world: &World) {
    world.client.undo(Undo { target: UndoTarget::Last }).await.unwrap();
}

async fn task(world: &World, number: i64) -> Task {
    world.client.get_task(TaskRef::Number(number)).await.unwrap().task
}

on_both! {
    async fn values_are_read_by_their_kind_and_asked_for(world) {
        make(world, "effort", FieldKind::Number, &[]).await;
        make(world, "Size", FieldKind::Choice, &["small", "large"]).await;
        make(world, "review", FieldKind::Date, &[]).await;
        make(world, "length", FieldKind::Duration, &[]).await;
        make(world, "client", FieldKind::Text, &[]).await;
        add(world, "a", &[("effort", "3"), ("size", "LARGE"), ("review", "tomorrow"), ("length", "90min"), ("client", "Åke")]).await;
        add(world, "b", &[("effort", "-0.5"), ("size", "small"), ("length", "2h")]).await;
        add(world, "c", &[("effort", "20"), ("client", "Bob")]).await;
        add(world, "d", &[]).await;
        assert_eq!(shown(&task(world, 1).await), "Size=large client=Åke effort=3 length=PT1H30M review=2026-11-22");
        for (text, expected) in [
            ("effort>2", "1 3"), ("effort:3", "1"), ("effort:-0.5,20", "2 3"), ("effort:0..5", "1"), ("effort<=3", "1 2"),
            ("effort:none", "4"), ("effort:any", "1 2 3"), ("not effort>2", "2 4"), ("size:large", "1"), ("size>small", "1"),
            ("review<week+2w", "1"), ("review:2026-11-22", "1"), ("length<2h", "1"), ("client:åke", "1"), ("client:any", "1 3"),
            ("EFFORT:3 or client:bob", "1 3"),
        ] {
            if text.starts_with("review<week") {
                continue;
            }
            assert_eq!(numbers(world, text, "number").await, expected, "{text}");
        }
        assert_eq!(numbers(world, "", "effort").await, "2 1 3 4");
        assert_eq!(numbers(world, "", "-size,number").await, "3 4 1 2");
        assert_eq!(numbers(world, "", "length,-effort").await, "1 2 4 3");
        for (text, told, hint) in [
            ("efort>2", "there is no field “efort”", "did you mean `effort`?"),
            ("effort>many", "“many” is not a number", "effort:3"),
            ("client>a", "has no order", "client:a"),
            ("size:medium", "none of its choices", "small, large"),
            ("effort:5..1", "ends before it begins", "smaller"),
        ] {
            let error = error_of(world, text).await;
            assert!(error.message.contains(told) && error.hint.unwrap_or_default().contains(hint), "{text}: {}", error.message);
            assert_eq!(error.kind, ErrorKind::Invalid);
        }
        let page = Page { sort: SortOrder::read_list("efort").unwrap(), limit: 5, ..Page::default() };
        let error = world.client.list_tasks(TaskFilter::default(), page).await.unwrap_err();
        assert!(error.hint.unwrap().contains("did you mean effort?"));
    }

    async fn values_are_changed_and_undone(world) {
        make(world, "effort", FieldKind::Number, &[]).await;
        make(world, "client", FieldKind::Text, &[]).await;
        let made = add(world, "a", &[("effort", "3")]).await;
        assert_eq!(shown(&set(world, 1, &[("Effort", "5"), ("client", "Bob")]).await), "client=Bob effort=5");
        assert_eq!(shown(&set(world, 1, &[("client", "none")]).await), "effort=5");
        undo(world).await;
        assert_eq!(shown(&task(world, 1).await), "client=Bob effort=5");
        undo(world).await;
        assert_eq!(task(world, 1).await.fields, made.fields);
        world.client.redo().await.unwrap();
        assert_eq!(shown(&task(world, 1).await), "client=Bob effort=5");
        world.client.delete_tasks(vec![TaskRef::Number(1)]).await.unwrap();
        undo(world).await;
        assert_eq!(shown(&task(world, 1).await), "client=Bob effort=5");
        let refused = |pairs: &[(&str, &str)]| TaskPatch { fields: said(world, pairs), ..TaskPatch::default() };
        for (pairs, told) in [(&[("efort", "3")][..], "there is no field “efort”"), (&[("effort", "x")], "“x” is not a number")] {
            let error = world.client.edit_tasks(vec![TaskRef::Number(1)], refused(pairs)).await.unwrap_err();
            assert!(error.message.contains(told) && error.kind == ErrorKind::Invalid, "{error}");
        }
        assert_eq!(shown(&task(world, 1).await), "client=Bob effort=5");
    }

    async fn a_field_is_renamed_and_deleted_with_its_values(world) {
        make(world, "effort", FieldKind::Number, &[]).await;
        make(world, "size", FieldKind::Choice, &["small", "large"]).await;
        add(world, "a", &[("effort", "3"), ("size", "large")]).await;
        add(world, "b", &[("effort", "4"), ("size", "small")]).await;
        let patch = |new: &str| FieldPatch { name: Some(name(new)), ..FieldPatch::default() };
        let renamed = world.client.edit_field(name("EFFORT"), patch("points")).await.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.tasks, renamed.version), ("points", 2, 2));
        assert_eq!(shown(&task(world, 1).await), "points=3 size=large");
        let taken = world.client.edit_field(name("points"), patch("Size")).await.unwrap_err();
        assert_eq!(taken.kind, ErrorKind::Conflict);
        let choices = |some: &[&str]| FieldPatch {
            choices: Some(some.iter().map(|choice| (*choice).to_owned()).collect()),
            ..FieldPatch::default()
        };
        let kept = world.client.edit_field(name("size"), choices(&["large", "huge"])).await.unwrap_err();
        assert!(kept.message.contains("small") && kept.kind == ErrorKind::Conflict, "{kept}");
        world.client.edit_field(name("size"), choices(&["Large", "huge", "small"])).await.unwrap();
        assert_eq!(numbers(world, "", "size").await, "1 2");
        assert_eq!(shown(&task(world, 1).await), "points=3 size=Large");
        let gone = world.client.delete_field(name("points")).await.unwrap();
        assert_eq!((gone.tasks, shown(&task(world, 2).await)), (2, "size=small".to_owned()));
        undo(world).await;
        assert_eq!(shown(&task(world, 2).await), "points=4 size=small");
        assert_eq!(numbers(world, "points>3", "number").await, "2");
        assert_eq!(world.client.delete_field(name("effort")).await.unwrap_err().kind, ErrorKind::NotFound);
    }

    async fn what_names_a_field_follows_its_new_name(world) {
        make(world, "effort", FieldKind::Number, &[]).await;
        add(world, "Release", &[("effort", "3")]).await;
        let template = TemplateName::parse("release").unwrap();
        world.client.add_template(NewTemplate { name: template.clone(), from: TaskRef::Number(1) }).await.unwrap();
        let view: NewView = serde_json::from_value(serde_json::json!({
            "name": "big", "query": "-Effort:1 (effort>2 or effort.none:)  +effort", "sort": "-effort,title",
            "columns": ["title", "effort"], "group": "effort",
        }))
        .unwrap();
        let before = world.client.add_view(view).await.unwrap();
        let patch = FieldPatch { name: Some(name("points")), ..FieldPatch::default() };
        world.client.edit_field(name("effort"), patch).await.unwrap();
        let look = async || {
            let view = world.client.get_view(ViewName::parse("big").unwrap()).await.unwrap();
            let kept = world.client.get_template(template.clone()).await.unwrap();
            let fields = kept.tasks[0].fields.keys().cloned().collect::<Vec<_>>().join(" ");
            let sort = serde_json::json!(view.sort).as_str().unwrap().to_owned();
            (view.query.clone(), sort, view.columns.unwrap().to_string(), view.group.unwrap().to_string(), fields)
        };
        let of = |name: &str, query: &str| {
            (query.to_owned(), format!("-{name},title"), format!("title,{name}"), name.to_owned(), name.to_owned())
        };
        assert_eq!(look().await, of("points", "-points:1 (points>2 or points.none:)  +effort"));
        let made = world.client.apply_template(template.clone(), TemplateUse::default()).await.unwrap().value;
        assert_eq!(shown(&made[0]), "points=3");
        world.client.delete_tasks(vec![made[0].id.into()]).await.unwrap();
        undo(world).await;
        undo(world).await;
        undo(world).await;
        assert_eq!(look().await, of("effort", &before.query));
        // What is deleted goes from templates too, and comes back with it.
        world.client.delete_field(name("effort")).await.unwrap();
        let kept = world.client.get_template(template.clone()).await.unwrap();
        assert!(kept.tasks[0].fields.is_empty());
        undo(world).await;
        assert_eq!(look().await.4, "effort");
    }

    async fn an_account_has_no_more_than_fifty(world) {
        for n in 0..50 {
            make(world, &format!("f{n}"), FieldKind::Number, &[]).await;
        }
        let new = NewField { name: name("more"), kind: FieldKind::Text, choices: Vec::new() };
        let error = world.client.add_field(new).await.unwrap_err();
        assert!(error.kind == ErrorKind::Quota && error.message.contains("50 at most"), "{error}");
    }

    async fn what_comes_again_keeps_its_values(world) {
        make(world, "effort", FieldKind::Number, &[]).await;
        let every = NewSeries::read("every friday", &world.context()).unwrap();
        world
            .add_with("again", |new| {
                new.series = Some(every);
                new.fields = said(world, &[("effort", "3")]);
            })
            .await;
        let alone = TaskPatch { scope: Some(SeriesScope::This), fields: said(world, &[("effort", "9")]), ..TaskPatch::default() };
        world.client.edit_tasks(vec![TaskRef::Number(1)], alone).await.unwrap();
        world.client.complete_tasks(vec![TaskRef::Number(1)]).await.unwrap();
        assert_eq!(shown(&task(world, 2).await), "effort=3");
        set(world, 2, &[("effort", "4")]).await;
        world.client.edit_field(name("effort"), FieldPatch { name: Some(name("points")), ..FieldPatch::default() }).await.unwrap();
        world.client.complete_tasks(vec![TaskRef::Number(2)]).await.unwrap();
        assert_eq!(shown(&task(world, 3).await), "points=4");
        let from = NewTemplate { name: TemplateName::parse("t").unwrap(), from: TaskRef::Number(3) };
        world.client.add_template(from).await.unwrap();
        let with = TemplateUse { values: BTreeMap::new(), due: None, parent: None };
        let made = world.client.apply_template(TemplateName::parse("t").unwrap(), with).await.unwrap();
        assert_eq!(shown(&made.value[0]), "points=4");
    }

    async fn an_import_makes_the_fields_that_it_has_values_of(world) {
        make(world, "effort", FieldKind::Number, &[]).await;
        let values = |pairs: &[(&str, &str)]| -> Option<FieldValues> {
            let value = |text: &str| FieldValue::Text(text.to_owned());
            Some(pairs.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect())
        };
        let tasks = vec![
            ImportTask { fields: values(&[("Effort", "3"), ("client", "Bob")]), ..imported(1, "a") },
            ImportTask { fields: values(&[("effort", "many")]), ..imported(2, "b") },
        ];
        let fields = [("client".to_owned(), FieldKind::Text), ("effort".to_owned(), FieldKind::Text)].into();
        let batch = ImportBatch { tasks: tasks.clone(), last: true, fields, ..ImportBatch::default() };
        let summary = world.client.import(batch.clone()).await.unwrap();
        assert!(summary.notices.iter().any(|told| told == "made the field client (text)"), "{:?}", summary.notices);
        assert!(summary.notices.iter().any(|told| told.contains("many is not a value of the field effort")), "{:?}", summary.notices);
        assert_eq!((shown(&task(world, 1).await), shown(&task(world, 2).await)), ("client=Bob effort=3".to_owned(), String::new()));
        let again = world.client.import(batch.clone()).await.unwrap();
        assert_eq!((again.updated, again.unchanged), (0, 2));
        let other = vec![ImportTask { fields: values(&[("client", "Eva")]), ..imported(1, "a") }, ImportTask { fields: None, ..imported(2, "b") }];
        let changed = world.client.import(ImportBatch { tasks: other, ..batch }).await.unwrap();
        assert_eq!((changed.updated, shown(&task(world, 1).await)), (1, "client=Eva".to_owned()));
        undo(world).await;
        assert_eq!(shown(&task(world, 1).await), "client=Bob effort=3");
    }
}
