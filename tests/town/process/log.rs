//! What a running program says in its log, against what it says to whoever asked.

use daftari::gateways::http_client;

use super::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_id_of_a_problem_stands_in_the_log_beside_what_was_refused() {
    let mut program = Program::serving().await;
    let url = format!("{}/simulator/api/sessions/7", program.url());
    let answer = http_client().expect("a client").get(url).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 404);
    let problem: serde_json::Value =
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    let (id, detail) =
        (problem["id"].as_str().expect("an id"), problem["detail"].as_str().expect("a sentence"));
    assert!(program.terminate().await.success());
    let log = program.printed("stdout") + &program.printed("stderr");
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(id)).collect();
    assert!(matches!(lines[..], [line] if line.contains(detail)), "{id} in {log}");
}
