//! A gateway without a fault: nothing is found, whatever the network and the people do.

use crate::{
    gateway::{Fault, Gateway, Run, Sent},
    town::{Backend, Town, on_every_back_end},
};

/// Everything that people and networks do, often.
const ROUGH: [&str; 6] = ["--drops", "0.08", "--mistakes", "0.3", "--duplicates", "0.2"];

/// A machine that is busy with other tests makes a gateway ask for another try.
fn but_for_slowness(run: &Run) -> Vec<(String, u64)> {
    run.found().into_iter().filter(|(kind, _)| kind != "try_again").collect()
}

on_every_back_end! {
    async fn forty_phones_have_nothing_to_complain_of(town: Town) {
        let gateway = Gateway::of(town, Fault::None).await;
        let arguments: Vec<&str> = ["--phones", "40", "--over", "6s", "--seed", "11"].into_iter().chain(ROUGH).collect();
        let run = gateway.simulate(&arguments).await;
        assert_eq!(but_for_slowness(&run), [], "{}", run.said.out);
        assert_eq!((run.number("well"), run.number("unfinished")), (40, 0), "{}", run.said.out);
        assert_eq!(run.said.code, 0, "{}", run.said.out);
        assert!(run.number("calls") > 60 && run.number("sent_twice") > 40, "{}", run.said.out);
        assert_eq!(run.summary["sms"]["promised"], run.summary["sms"]["came"]);
        assert!(run.summary["sms"]["came"].as_u64() > Some(20), "{}", run.said.out);
    }
}

async fn sent_by(seed: &str) -> Sent {
    let gateway = Gateway::of(Town::open(Backend::Embedded).await, Fault::None).await;
    let arguments: Vec<&str> =
        ["--phones", "15", "--over", "4s", "--seed", seed].into_iter().chain(ROUGH).collect();
    let run = gateway.simulate(&arguments).await;
    assert_eq!(run.found(), [], "{}", run.said.out);
    gateway.sent()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_sends_the_same_and_another_something_else() {
    let (one, again, other) = (sent_by("5").await, sent_by("5").await, sent_by("6").await);
    assert_eq!(one.len(), 15);
    assert!(one == again, "the second run sent something else");
    assert_ne!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
}
