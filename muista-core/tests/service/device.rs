//! Devices: registered, brought up to date, listed and removed.

use muista_core::error::ErrorKind;
use muista_core::model::*;

fn phone(endpoint: &str) -> NewDevice {
    NewDevice {
        device_id: DeviceText::parse("phone").unwrap(),
        os: DeviceText::parse("Android").unwrap(),
        platform: Platform::Mobile,
        endpoint: Endpoint::parse(endpoint).unwrap(),
        token: Some(DeviceLongText::parse("c0ffee").unwrap()),
        user_agent: None,
    }
}

on_both! {
    async fn a_device_that_registers_again_is_the_same(world) {
        let first = world.client.register_device(phone("https://push.example.org/1")).await.unwrap();
        assert!(first.is_new);
        world.tick();
        let second = world.client.register_device(phone("https://push.example.org/2")).await.unwrap();
        assert!(!second.is_new);
        assert_eq!((second.device.id, second.device.created_at), (first.device.id, first.device.created_at));
        assert_eq!(second.device.endpoint, "https://push.example.org/2");
        assert!(second.device.version() > first.device.version());
        world.tick();
        let third = world.client.register_device(phone("https://push.example.org/2")).await.unwrap().device;
        assert_eq!(third.version(), second.device.version(), "nothing was changed");
        assert!(third.last_seen_at > second.device.last_seen_at);
        let page = world.client.list_devices(DeviceQuery::default()).await.unwrap();
        assert_eq!((page.items, page.next_cursor), (vec![third], None));
    }

    async fn an_account_has_a_hundred_devices_at_most(world) {
        let register = async |n: u32| {
            let device_id = DeviceText::parse(&format!("phone {n}")).unwrap();
            world.client.register_device(NewDevice { device_id, ..phone("https://x.example") }).await
        };
        for n in 0..100 {
            register(n).await.unwrap();
        }
        assert_eq!(register(100).await.unwrap_err().kind, ErrorKind::Quota);
        assert!(!register(99).await.unwrap().is_new, "one that is known is brought up to date");
    }

    async fn devices_are_listed_in_pages_and_removed(world) {
        for name in ["a", "b", "c"] {
            let device_id = DeviceText::parse(name).unwrap();
            world.client.register_device(NewDevice { device_id, ..phone("https://x.example") }).await.unwrap();
            world.tick();
        }
        let first = world.client.list_devices(DeviceQuery { limit: 2, cursor: None }).await.unwrap();
        let rest = world.client.list_devices(DeviceQuery { limit: 2, cursor: first.next_cursor }).await.unwrap();
        let names: Vec<_> = first.items.iter().chain(&rest.items).map(|device| device.device_id.as_str()).collect();
        assert_eq!((names, rest.next_cursor), (vec!["a", "b", "c"], None));
        let id = first.items[0].id;
        assert_eq!(world.client.delete_device(id).await.unwrap().device_id, "a");
        assert_eq!(world.client.delete_device(id).await.unwrap_err().kind, ErrorKind::NotFound);
    }

    async fn the_record_of_changes_holds_no_token_and_undo_leaves_devices_alone(world) {
        let task = world.add("Buy cat food").await;
        world.client.register_device(phone("https://push.example.org/1")).await.unwrap();
        let log = world.client.list_audit(AuditQuery { limit: 10, ..AuditQuery::default() }).await.unwrap();
        assert_eq!(log.items[0].entity, Entity::Device);
        assert!(!serde_json::to_string(&log).unwrap().contains("c0ffee"));
        world.undo().await;
        assert_eq!(world.get(&task).await.unwrap_err().kind, ErrorKind::NotFound);
        assert_eq!(world.client.list_devices(DeviceQuery::default()).await.unwrap().items.len(), 1);
    }
}
