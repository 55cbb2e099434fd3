//! Every row of every table of payloads.

use super::table;

#[test]
fn every_hop_of_africas_talking_is_read_or_refused_as_its_table_says() {
    table::holds("africastalking_ussd.toml");
}

#[test]
fn every_end_event_of_africas_talking_is_read_or_refused_as_its_table_says() {
    table::holds("africastalking_end.toml");
}

#[test]
fn every_sms_callback_of_africas_talking_is_read_or_refused_as_its_table_says() {
    table::holds("africastalking_sms.toml");
}

#[test]
fn every_callback_of_hubtel_is_read_or_refused_as_its_table_says() {
    table::holds("hubtel.toml");
}

#[test]
fn every_report_of_kannel_is_read_or_refused_as_its_table_says() {
    table::holds("kannel_reports.toml");
}

#[test]
fn every_end_of_a_call_is_read_or_refused_as_its_table_says() {
    table::holds("africastalking_voice.toml");
}

#[test]
fn every_answer_about_a_sim_swap_is_read_or_refused_as_its_table_says() {
    table::holds("africastalking_sim_swap.toml");
}
